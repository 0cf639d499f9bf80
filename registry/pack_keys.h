// The identifiers of a block to be: what they share, how far one shape goes, and what the forms of
// block_keys.h would take for the first so many of them.
//
// scan() costs one pass over the octets; the sizes then come without looking at them again.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"
#include "registry/pack_numbers.h"

namespace idnode::registry {

class PackKeys {
public:
    // Looks at `records`, which must outlive the calls below; their folded identifiers ascend. To
    // their end, or no further than one shape goes.
    enum class Reach : std::uint8_t { kAll, kOneShape };
    void scan(std::span<const PackRecord> records, Reach reach);

    // How many, from the first on, have one shape and a number below 2^64.
    [[nodiscard]] std::size_t numeric_count() const { return numeric_count_; }

    // Octets that all of the first `count` share.
    [[nodiscard]] std::size_t prefix_size(std::size_t count) const { return prefix_[count - 1]; }
    [[nodiscard]] std::string_view common_prefix(std::size_t count) const {
        return records_.front().folded.substr(0, prefix_size(count));
    }

    // Octets of the section of keys and of the common prefix together. `count` is at least 1, at
    // most what was looked at, for numbers numeric_count(); they are in the numeric form that takes
    // least.
    [[nodiscard]] std::size_t numeric_size(std::size_t count) const;
    [[nodiscard]] KeyForm numeric_form(std::size_t count) const {
        return number_forms_.choose(count).form;
    }
    [[nodiscard]] std::size_t front_coded_size(std::size_t count) const;

    // Narrows the shape to what the first `count` need, so that their numbers lie closer together;
    // numeric_count() is then how many it does for. False when nothing changes.
    bool narrow(std::size_t count);

    void write_numeric(std::size_t count, BlockWriter& out) const;
    void write_front_coded(std::size_t count, BlockWriter& out) const;

private:
    // Octet `place` needs the classes `classes` from record `record` on.
    struct Widening {
        std::uint32_t record;
        std::uint16_t place;
        std::uint8_t classes;
    };
    struct Digit {
        std::uint16_t place;
        std::uint8_t radix;
    };

    bool widen(std::size_t record, std::size_t shared);
    bool digits_fit() const;
    void shape_for(std::size_t count);
    void number_all(std::size_t count);

    std::span<const PackRecord> records_;
    std::vector<std::uint16_t> shared_;  // With the record before.
    std::vector<std::uint16_t> prefix_;  // Of all up to this record.
    std::vector<std::uint64_t> numbers_;
    PackNumbers number_forms_;
    std::vector<Widening> widenings_;
    std::vector<Digit> digits_;
    std::array<std::uint8_t, kIdentifierSizeMax> classes_{};  // By place; 0: one octet in all.
    std::size_t numeric_count_ = 0;
};

}  // namespace idnode::registry
