// The exceptions of a block to be: records that differ from the dominant pattern, the form of the
// times or the case of the block, or have own values. Each is one entry (docs/storage.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"
#include "registry/pack_cases.h"
#include "registry/pack_slots.h"
#include "registry/pack_texts.h"
#include "registry/pack_times.h"

namespace idnode::registry {

class PackExceptions {
public:
    // The parts must be planned for these records and outlive the exceptions' use.
    void scan(std::span<const PackRecord> records, const PackSlots& slots, const PackTimes& times,
              const PackCases& cases, const PackTexts& texts);

    [[nodiscard]] std::size_t count(std::size_t record_count) const {
        return sums_[record_count - 1].count;
    }
    [[nodiscard]] ExceptionForm form(std::size_t record_count) const;
    [[nodiscard]] EntryForm entry_form(std::size_t record_count) const {
        return choose(record_count).form;
    }
    // Octets of the directory, the entries and the shapes of their texts together.
    [[nodiscard]] std::size_t size(std::size_t record_count) const {
        return choose(record_count).size;
    }

    void write_shapes(std::size_t record_count, BlockWriter& out) const;
    void write_directory(std::size_t record_count, BlockWriter& out) const;
    void write_entries(std::size_t record_count, BlockWriter& out) const;

private:
    struct Choice {
        EntryForm form = EntryForm::kPlain;
        std::size_t size = 0;
    };
    // Sums over the records up to one.
    struct Sums {
        std::uint32_t count = 0;
        std::array<std::uint32_t, 3> octets{};  // Of the entries in each form.
        std::uint32_t kinds = 0;                // Met so far.

        [[nodiscard]] std::uint32_t octets_in(EntryForm form) const {
            return octets[static_cast<std::size_t>(form)];
        }
    };
    // Coded entries that differ in nothing but what they hold.
    struct Kind {
        std::uint8_t form = 0;
        std::uint8_t slot = kNoSlot;
        std::uint16_t size = 0;

        bool operator==(const Kind&) const = default;
    };

    [[nodiscard]] bool is_exception(std::size_t position) const {
        return sums_[position].count != (position == 0 ? 0 : sums_[position - 1].count);
    }
    [[nodiscard]] Choice choose(std::size_t record_count) const;
    [[nodiscard]] std::size_t size(std::size_t record_count, EntryForm form) const;
    void take_entry(std::size_t position, Sums& sums);
    [[nodiscard]] std::uint8_t form_flags(std::size_t position) const;
    [[nodiscard]] bool has_texts(std::size_t position) const;
    void take_kind(std::size_t position, std::size_t size, Sums& sums);
    void write_starts(std::size_t record_count, EntryForm form, BlockWriter& out) const;
    void write_kinds(std::size_t record_count, BlockWriter& out) const;
    void write_entry(std::size_t position, EntryForm form, BlockWriter& out) const;
    void write_bitmap(std::size_t record_count, BlockWriter& out) const;

    std::span<const PackRecord> records_;
    const PackSlots* slots_ = nullptr;
    const PackTimes* times_ = nullptr;
    const PackCases* cases_ = nullptr;
    const PackTexts* texts_ = nullptr;
    std::vector<Sums> sums_;
    std::vector<Kind> kinds_;
    std::vector<std::uint8_t> codes_;  // The number of the kind, where it has one.
};

}  // namespace idnode::registry
