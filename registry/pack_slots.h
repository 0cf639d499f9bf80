// The patterns of a block to be: the table of those that occur, the slot of each record in it, and
// the dominant one, which records have unless they are exceptions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_columns.h"
#include "registry/block_writer.h"

namespace idnode::registry {

class PackSlots {
public:
    // Gives how many of `records`, from the first on, have patterns that fit one table.
    std::size_t scan(std::span<const PackRecord> records);
    // After scan(): the dominant slot among the first `count`; kNoSlot when most are stored whole.
    void choose_dominant(std::size_t count);
    void choose_no_dominant() { dominant_ = kNoSlot; }

    [[nodiscard]] std::uint8_t slot(std::size_t position) const { return slots_[position]; }
    [[nodiscard]] std::uint8_t dominant() const { return dominant_; }
    [[nodiscard]] std::uint8_t dominant_column_count() const {
        return dominant_ == kNoSlot ? std::uint8_t{0} : patterns_[dominant_].column_count;
    }
    [[nodiscard]] std::uint8_t column_count(std::size_t slot) const {
        return patterns_[slot].column_count;
    }
    [[nodiscard]] std::size_t pattern_count(std::size_t count) const { return known_[count - 1]; }

    void write(std::size_t count, BlockWriter& out) const;

private:
    [[nodiscard]] std::size_t slot_of(const RecordFields& fields, std::size_t last) const;
    std::size_t take_slot(const RecordFields& fields, std::size_t last);

    std::vector<BlockPattern> patterns_;
    std::vector<std::uint8_t> slots_;
    std::vector<std::uint8_t> known_;  // Patterns that occur up to this record.
    std::uint8_t dominant_ = kNoSlot;
};

}  // namespace idnode::registry
