#include "registry/pack_exceptions.h"

#include <algorithm>
#include <bit>

#include "registry/bit_cells.h"

namespace idnode::registry {
namespace {

std::size_t sized_size(std::string_view text) {
    return varint_size(static_cast<std::uint32_t>(text.size())) + text.size();
}

std::size_t columns_size(const RecordFields& fields) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < fields.columns.size(); ++i) {
        const std::string_view text = fields.columns[i];
        const bool to_the_end = i + 1 == fields.columns.size() && fields.own.empty();
        size += to_the_end ? text.size() : sized_size(text);
    }
    return size;
}

void write_columns(const RecordFields& fields, BlockWriter& out) {
    for (std::size_t i = 0; i < fields.columns.size(); ++i) {
        const std::string_view text = fields.columns[i];
        const bool to_the_end = i + 1 == fields.columns.size() && fields.own.empty();
        if (!to_the_end) out.varint(static_cast<std::uint32_t>(text.size()));
        out.text(text);
    }
}

std::uint8_t slot_bits(std::uint8_t slot) {
    if (slot == kNoSlot) return kEntryWhole;
    return std::min(slot, kEntrySlotFollows);
}

std::size_t directory_size(ExceptionForm form, std::size_t record_count, std::size_t count) {
    if (form == ExceptionForm::kPositions) return 2 * count;
    return form == ExceptionForm::kBitmap ? bitmap_size(record_count) : 0;
}

}  // namespace

void PackExceptions::scan(std::span<const PackRecord> records, const PackSlots& slots,
                          const PackTimes& times, const PackCases& cases) {
    records_ = records;
    slots_ = &slots;
    times_ = &times;
    cases_ = &cases;
    sums_.resize(records.size());
    Sums sums;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const bool differs = slots.slot(i) != slots.dominant() || times.is_exception(i) ||
                             cases.own_size(i) != 0 || !records[i].fields.own.empty();
        if (differs) {
            ++sums.count;
            sums.octets += static_cast<std::uint32_t>(entry_size(i));
        }
        sums_[i] = sums;
    }
}

std::size_t PackExceptions::entry_size(std::size_t position) const {
    const RecordFields& fields = records_[position].fields;
    const std::uint8_t slot = slots_->slot(position);
    std::size_t size = 1 + cases_->own_size(position) + fields.own.size();
    if (slot_bits(slot) == kEntrySlotFollows) ++size;
    if (times_->is_exception(position)) size += 4;
    if (slot != slots_->dominant() && slot != kNoSlot) size += columns_size(fields);
    return size;
}

ExceptionForm PackExceptions::form(std::size_t record_count) const {
    const std::size_t exceptions = count(record_count);
    if (exceptions == 0) return ExceptionForm::kNone;
    if (exceptions == record_count) return ExceptionForm::kAll;
    return 2 * exceptions <= bitmap_size(record_count) ? ExceptionForm::kPositions
                                                       : ExceptionForm::kBitmap;
}

std::size_t PackExceptions::size(std::size_t record_count) const {
    const ExceptionForm chosen = form(record_count);
    if (chosen == ExceptionForm::kNone) return 0;
    const Sums& sums = sums_[record_count - 1];
    return directory_size(chosen, record_count, sums.count) + 1 +
           bits_size(sums.count, static_cast<unsigned>(std::bit_width(sums.octets))) + sums.octets;
}

void PackExceptions::write_directory(std::size_t record_count, BlockWriter& out) const {
    const ExceptionForm chosen = form(record_count);
    if (chosen == ExceptionForm::kNone) return;
    std::vector<std::uint16_t> positions;
    for (std::size_t i = 0; i < record_count; ++i) {
        if (is_exception(i)) positions.push_back(static_cast<std::uint16_t>(i));
    }
    if (chosen == ExceptionForm::kBitmap) {
        write_cells(
            record_count, positions.size(), [&](std::size_t i) { return positions[i]; }, out);
    }
    if (chosen == ExceptionForm::kPositions) {
        for (const std::uint16_t position : positions) out.u16(position);
    }
    const auto width = static_cast<unsigned>(std::bit_width(sums_[record_count - 1].octets));
    out.u8(width);
    out.bits(positions.size(), width, [&](std::size_t i) -> std::uint64_t {
        return positions[i] == 0 ? 0 : sums_[positions[i] - 1U].octets;
    });
}

void PackExceptions::write_entries(std::size_t record_count, BlockWriter& out) const {
    for (std::size_t i = 0; i < record_count; ++i) {
        if (is_exception(i)) write_entry(i, out);
    }
}

void PackExceptions::write_entry(std::size_t position, BlockWriter& out) const {
    const RecordFields& fields = records_[position].fields;
    const std::uint8_t slot = slots_->slot(position);
    unsigned form = slot_bits(slot);
    if (!fields.own.empty()) form |= kEntryHasOwn;
    if (cases_->own_size(position) != 0) form |= kEntryHasCase;
    if (times_->is_exception(position)) form |= kEntryHasTime;
    out.u8(form);
    if (slot_bits(slot) == kEntrySlotFollows) out.u8(slot);
    if (times_->is_exception(position)) out.u32(fields.time);
    cases_->write_own(position, out);
    if (slot != slots_->dominant() && slot != kNoSlot) write_columns(fields, out);
    out.bytes(fields.own);
}

}  // namespace idnode::registry
