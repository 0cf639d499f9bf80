#include "registry/pack_slots.h"

#include <algorithm>
#include <array>

namespace idnode::registry {

// Neighbours mostly have the same pattern, or one met lately. The size of the table: not in it.
std::size_t PackSlots::slot_of(const RecordFields& fields, std::size_t last) const {
    if (last < patterns_.size() && patterns_[last].ref == fields.pattern) return last;
    const auto found = std::ranges::find(patterns_, fields.pattern, &BlockPattern::ref);
    return static_cast<std::size_t>(found - patterns_.begin());
}

// A new slot where there is none yet; kBlockPatternCountMax: none is left.
std::size_t PackSlots::take_slot(const RecordFields& fields, std::size_t last) {
    IDN_CHECK(fields.columns.size() <= kPatternColumnCountMax);
    const std::size_t slot = slot_of(fields, last);
    if (slot == patterns_.size() && slot < kBlockPatternCountMax) {
        patterns_.push_back({fields.pattern, static_cast<std::uint8_t>(fields.columns.size())});
    }
    return slot;
}

std::size_t PackSlots::scan(std::span<const PackRecord> records) {
    patterns_.clear();
    slots_.resize(records.size());
    known_.resize(records.size());
    std::size_t last = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const RecordFields& fields = records[i].fields;
        slots_[i] = kNoSlot;
        if (fields.pattern.id != kNoPattern) {
            last = take_slot(fields, last);
            if (last == kBlockPatternCountMax) return i;
            IDN_CHECK(patterns_[last].column_count == fields.columns.size());
            slots_[i] = static_cast<std::uint8_t>(last);
        }
        known_[i] = static_cast<std::uint8_t>(patterns_.size());
    }
    return records.size();
}

void PackSlots::choose_dominant(std::size_t count) {
    std::array<std::size_t, 256> counts{};
    for (std::size_t i = 0; i < count; ++i) ++counts[slots_[i]];
    const auto* const most = std::ranges::max_element(counts);
    dominant_ = static_cast<std::uint8_t>(most - counts.begin());
}

void PackSlots::write(std::size_t count, BlockWriter& out) const {
    for (std::size_t i = 0; i < pattern_count(count); ++i) {
        out.u32(patterns_[i].ref.prefix_number);
        out.u16(patterns_[i].ref.id);
        out.u8(patterns_[i].column_count);
    }
}

}  // namespace idnode::registry
