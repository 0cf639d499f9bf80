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

// More kinds than these take more than they save. One more: there is no number for an entry.
constexpr std::uint32_t kKindCountMax = 64;

unsigned width_of(std::size_t number) { return static_cast<unsigned>(std::bit_width(number)); }

}  // namespace

void PackExceptions::scan(std::span<const PackRecord> records, const PackSlots& slots,
                          const PackTimes& times, const PackCases& cases, const PackTexts& texts) {
    records_ = records;
    slots_ = &slots;
    times_ = &times;
    cases_ = &cases;
    texts_ = &texts;
    sums_.resize(records.size());
    codes_.resize(records.size());
    kinds_.clear();
    Sums sums;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const bool differs = slots.slot(i) != slots.dominant() || times.is_exception(i) ||
                             cases.own_size(i) != 0 || !records[i].fields.own.empty();
        if (differs) take_entry(i, sums);
        sums_[i] = sums;
    }
}

std::uint8_t PackExceptions::form_flags(std::size_t position) const {
    unsigned flags = 0;
    if (!records_[position].fields.own.empty()) flags |= kEntryHasOwn;
    if (cases_->own_size(position) != 0) flags |= kEntryHasCase;
    if (times_->is_exception(position)) flags |= kEntryHasTime;
    return static_cast<std::uint8_t>(flags);
}

bool PackExceptions::has_texts(std::size_t position) const {
    const std::uint8_t slot = slots_->slot(position);
    return slot != slots_->dominant() && slot != kNoSlot;
}

void PackExceptions::take_entry(std::size_t position, Sums& sums) {
    const RecordFields& fields = records_[position].fields;
    const std::uint8_t slot = slots_->slot(position);
    const std::size_t form_size = slot_bits(slot) == kEntrySlotFollows ? 2 : 1;
    std::size_t size = cases_->own_size(position) + fields.own.size();
    if (times_->is_exception(position)) size += 4;
    const bool texts = has_texts(position);
    const std::size_t coded = size + (texts ? texts_->size(fields, slot) : 0);
    const std::size_t plain = form_size + size + (texts ? columns_size(fields) : 0);
    ++sums.count;
    sums.octets[0] += static_cast<std::uint32_t>(plain);
    sums.octets[1] += static_cast<std::uint32_t>(form_size + coded);
    sums.octets[2] += static_cast<std::uint32_t>(coded);
    take_kind(position, coded, sums);
}

void PackExceptions::take_kind(std::size_t position, std::size_t size, Sums& sums) {
    if (size > UINT16_MAX) sums.kinds = kKindCountMax + 1;
    if (sums.kinds > kKindCountMax) return;
    const Kind kind{form_flags(position), slots_->slot(position), static_cast<std::uint16_t>(size)};
    const auto found = std::ranges::find(kinds_, kind);
    codes_[position] = static_cast<std::uint8_t>(found - kinds_.begin());
    if (found == kinds_.end()) kinds_.push_back(kind);
    sums.kinds = static_cast<std::uint32_t>(kinds_.size());
}

ExceptionForm PackExceptions::form(std::size_t record_count) const {
    const std::size_t exceptions = count(record_count);
    if (exceptions == 0) return ExceptionForm::kNone;
    if (exceptions == record_count) return ExceptionForm::kAll;
    return 2 * exceptions <= bitmap_size(record_count) ? ExceptionForm::kPositions
                                                       : ExceptionForm::kBitmap;
}

std::size_t PackExceptions::size(std::size_t record_count, EntryForm entry_form) const {
    const Sums& sums = sums_[record_count - 1];
    const std::uint32_t octets = sums.octets_in(entry_form);
    std::size_t size = directory_size(form(record_count), record_count, sums.count) + 1 + octets;
    if (entry_form != EntryForm::kPlain) {
        size += texts_->table_size(slots_->pattern_count(record_count));
    }
    if (entry_form != EntryForm::kCoded) return size + bits_size(sums.count, width_of(octets));
    return size + kEntryKindSize * sums.kinds + 2 * ((sums.count - 1) / kEntryCheckpoint) +
           bits_size(sums.count, width_of(sums.kinds - 1));
}

PackExceptions::Choice PackExceptions::choose(std::size_t record_count) const {
    const Sums& sums = sums_[record_count - 1];
    if (sums.count == 0) return {};
    Choice best{EntryForm::kPlain, size(record_count, EntryForm::kPlain)};
    for (const EntryForm form : {EntryForm::kShaped, EntryForm::kCoded}) {
        if (form == EntryForm::kCoded && sums.kinds > kKindCountMax) continue;
        const std::size_t in_form = size(record_count, form);
        if (in_form < best.size) best = {form, in_form};
    }
    return best;
}

void PackExceptions::write_shapes(std::size_t record_count, BlockWriter& out) const {
    if (entry_form(record_count) == EntryForm::kPlain) return;
    texts_->write_table(slots_->pattern_count(record_count), out);
}

void PackExceptions::write_directory(std::size_t record_count, BlockWriter& out) const {
    const ExceptionForm chosen = form(record_count);
    if (chosen == ExceptionForm::kNone) return;
    if (chosen == ExceptionForm::kBitmap) write_bitmap(record_count, out);
    if (chosen == ExceptionForm::kPositions) {
        for (std::size_t i = 0; i < record_count; ++i) {
            if (is_exception(i)) out.u16(i);
        }
    }
    const EntryForm entries = entry_form(record_count);
    if (entries == EntryForm::kCoded) return write_kinds(record_count, out);
    write_starts(record_count, entries, out);
}

void PackExceptions::write_starts(std::size_t record_count, EntryForm form,
                                  BlockWriter& out) const {
    std::vector<std::uint32_t> starts;
    for (std::size_t i = 0; i < record_count; ++i) {
        if (is_exception(i)) starts.push_back(i == 0 ? 0 : sums_[i - 1].octets_in(form));
    }
    const unsigned width = width_of(sums_[record_count - 1].octets_in(form));
    out.u8(width);
    out.bits(starts.size(), width, [&](std::size_t i) -> std::uint64_t { return starts[i]; });
}

void PackExceptions::write_kinds(std::size_t record_count, BlockWriter& out) const {
    const std::size_t kind_count = sums_[record_count - 1].kinds;
    out.u8(kind_count);
    for (const Kind& kind : std::span(kinds_).first(kind_count)) {
        out.u8(kind.form);
        out.u8(kind.slot);
        out.u16(kind.size);
    }
    std::vector<std::uint8_t> codes;
    for (std::size_t i = 0; i < record_count; ++i) {
        if (!is_exception(i)) continue;
        if (!codes.empty() && codes.size() % kEntryCheckpoint == 0) {
            out.u16(sums_[i - 1].octets_in(EntryForm::kCoded));
        }
        codes.push_back(codes_[i]);
    }
    out.bits(codes.size(), width_of(kind_count - 1),
             [&](std::size_t i) -> std::uint64_t { return codes[i]; });
}

void PackExceptions::write_bitmap(std::size_t record_count, BlockWriter& out) const {
    std::vector<std::uint16_t> positions;
    for (std::size_t i = 0; i < record_count; ++i) {
        if (is_exception(i)) positions.push_back(static_cast<std::uint16_t>(i));
    }
    write_cells(
        record_count, positions.size(), [&](std::size_t i) { return positions[i]; }, out);
}

void PackExceptions::write_entries(std::size_t record_count, BlockWriter& out) const {
    const EntryForm form = entry_form(record_count);
    for (std::size_t i = 0; i < record_count; ++i) {
        if (is_exception(i)) write_entry(i, form, out);
    }
}

void PackExceptions::write_entry(std::size_t position, EntryForm form, BlockWriter& out) const {
    const RecordFields& fields = records_[position].fields;
    const std::uint8_t slot = slots_->slot(position);
    if (form != EntryForm::kCoded) {
        out.u8(form_flags(position) | slot_bits(slot));
        if (slot_bits(slot) == kEntrySlotFollows) out.u8(slot);
    }
    if (times_->is_exception(position)) out.u32(fields.time);
    cases_->write_own(position, out);
    if (has_texts(position)) {
        if (form == EntryForm::kPlain) {
            write_columns(fields, out);
        } else {
            texts_->write(fields, slot, out);
        }
    }
    out.bytes(fields.own);
}

}  // namespace idnode::registry
