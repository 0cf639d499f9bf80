// The exceptions of a block to be: records that differ from the dominant pattern, the form of the
// times or the case of the block, or have own values. Each is one entry (docs/storage.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"
#include "registry/pack_cases.h"
#include "registry/pack_slots.h"
#include "registry/pack_times.h"

namespace idnode::registry {

class PackExceptions {
public:
    // The parts must be planned for these records and outlive the exceptions' use.
    void scan(std::span<const PackRecord> records, const PackSlots& slots, const PackTimes& times,
              const PackCases& cases);

    [[nodiscard]] std::size_t count(std::size_t record_count) const {
        return sums_[record_count - 1].count;
    }
    [[nodiscard]] ExceptionForm form(std::size_t record_count) const;
    // Octets of the directory and the entries together.
    [[nodiscard]] std::size_t size(std::size_t record_count) const;

    void write_directory(std::size_t record_count, BlockWriter& out) const;
    void write_entries(std::size_t record_count, BlockWriter& out) const;

private:
    // Sums over the records up to one.
    struct Sums {
        std::uint32_t count = 0;
        std::uint32_t octets = 0;
    };

    [[nodiscard]] bool is_exception(std::size_t position) const {
        return sums_[position].count != (position == 0 ? 0 : sums_[position - 1].count);
    }
    [[nodiscard]] std::size_t entry_size(std::size_t position) const;
    void write_entry(std::size_t position, BlockWriter& out) const;

    std::span<const PackRecord> records_;
    const PackSlots* slots_ = nullptr;
    const PackTimes* times_ = nullptr;
    const PackCases* cases_ = nullptr;
    std::vector<Sums> sums_;
};

}  // namespace idnode::registry
