#include "registry/block.h"

#include <algorithm>

#include "registry/bits.h"
#include "registry/block_columns.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kCorrupt, where});
}

// The identifier in the case that the block has for all but exceptions.
void load_identifier(const BlockOctets& block, std::string_view folded, Record& record) {
    record.fields.identifier = {record.identifier.data(), folded.size()};
    switch (block.head.case_mode) {
        case CaseMode::kUpper:
            record.fields.identifier = folded;
            break;
        case CaseMode::kLower:
            apply_lower_case(folded, record.identifier.data());
            break;
        case CaseMode::kMask:
            apply_case_mask(folded, block.section(Section::kCases), record.identifier.data());
            break;
    }
}

// Columns inside an entry: sized, but the last one, which goes to the end when nothing follows it.
bool take_entry_columns(ByteSpan& rest, std::uint8_t column_count, bool own_follows,
                        Record& record) {
    for (std::uint8_t i = 0; i < column_count; ++i) {
        ByteSpan text;
        if (i + 1 == column_count && !own_follows) {
            text = rest;
            rest = {};
        } else if (!take_sized(rest, text)) {
            return false;
        }
        record.columns[i] = to_text(text);
    }
    return true;
}

// Columns inside an entry of a pattern that has shapes for them.
Result<Done> take_shaped_columns(const BlockOctets& block, const BlockPattern& pattern,
                                 std::uint8_t slot, ByteSpan& rest, Record& record) {
    auto shapes = find_entry_shapes(block, slot);
    if (!shapes) return tl::unexpected(shapes.error());
    TextRoom room(record);
    for (std::uint8_t i = 0; i < pattern.column_count; ++i) {
        const auto text = take_entry_text(block, *shapes, rest, room);
        if (!text) return tl::unexpected(text.error());
        record.columns[i] = *text;
    }
    return Done{};
}

// What an entry has in front of its columns.
bool take_time_and_case(ExceptionEntry& entry, std::string_view folded, Record& record) {
    ByteSpan& rest = entry.rest;
    if ((entry.form & kEntryHasTime) != 0 && !take_little(rest, record.fields.time)) return false;
    if ((entry.form & kEntryHasCase) != 0) {
        std::uint8_t mask_size = 0;
        ByteSpan mask;
        if (!take_u8(rest, mask_size) || !take_octets(rest, mask_size, mask)) return false;
        apply_case_mask(folded, mask, record.identifier.data());
        record.fields.identifier = {record.identifier.data(), folded.size()};
    }
    return true;
}

// The columns of the record: of the dominant pattern in their section, of another in its entry.
Result<Done> load_columns(const BlockOctets& block, std::uint32_t position, ExceptionEntry& entry,
                          Record& record) {
    const auto pattern = read_pattern(block, entry.slot);
    if (!pattern) return tl::unexpected(pattern.error());
    const std::uint8_t column_count = pattern->column_count;
    record.fields.pattern = pattern->ref;
    record.fields.columns = std::span(record.columns).first(column_count);
    if (entry.slot == block.head.dominant) {
        return read_columns(block, column_count, position, record);
    }
    if (block.head.entry_form != EntryForm::kPlain) {
        return take_shaped_columns(block, *pattern, entry.slot, entry.rest, record);
    }
    const bool own_follows = (entry.form & kEntryHasOwn) != 0;
    if (!take_entry_columns(entry.rest, column_count, own_follows, record)) {
        return corrupt("exception of a block");
    }
    return Done{};
}

}  // namespace

Result<BlockView> BlockView::open(ByteSpan stored) {
    BlockView block;
    if (auto parsed = block.reopen(stored); !parsed) return tl::unexpected(parsed.error());
    return block;
}

void BlockView::prefetch_keys() const {
    octets_.prefetch(Section::kKeys);
    if (octets_.head.time_form != TimeForm::kOne) octets_.prefetch(Section::kTimes);
    if (octets_.head.exception_form == ExceptionForm::kPositions) {
        octets_.prefetch(Section::kExceptions);
    }
}

void BlockView::prefetch_record(std::uint32_t position) const {
    prefetch_time(octets_, position);
    if (octets_.head.exception_form != ExceptionForm::kBitmap) return;
    const std::size_t cell = position / kCellBitCount * kCellSize;
    const std::uint8_t* const cells = octets_.section(Section::kExceptions).data();
    __builtin_prefetch(cells + cell);
    // Nearly always within the block; where not, asking does no harm.
    __builtin_prefetch(cells + bitmap_size(octets_.head.count));
}

PatternRef BlockView::pattern(std::uint8_t slot) const {
    const auto found = read_pattern(octets_, slot);
    return found ? found->ref : PatternRef{};
}

Result<bool> BlockView::begin_find(std::string_view folded, KeyPlace& place) const {
    switch (octets_.head.key_form) {
        case KeyForm::kNumeric:
            return begin_numeric(octets_, folded, place);
        case KeyForm::kCells:
            return begin_in_cells(octets_, folded, place);
        case KeyForm::kBuckets:
            return begin_in_buckets(octets_, folded, place);
        case KeyForm::kFrontCoded:
            break;
    }
    return true;
}

FoundPosition BlockView::end_find(std::string_view folded, const KeyPlace& place) const {
    switch (octets_.head.key_form) {
        case KeyForm::kNumeric:
            return end_numeric(octets_, place);
        case KeyForm::kCells:
            return end_in_cells(octets_, place);
        case KeyForm::kBuckets:
            return end_in_buckets(octets_, place);
        case KeyForm::kFrontCoded:
            break;
    }
    return find_front_coded(octets_, folded);
}

FoundPosition BlockView::find(std::string_view folded) const {
    KeyPlace place;
    const auto begun = begin_find(folded, place);
    if (!begun) return tl::unexpected(begun.error());
    if (!*begun) return std::nullopt;
    return end_find(folded, place);
}

Result<Done> BlockView::begin_load(std::uint32_t position, std::string_view folded,
                                   ExceptionEntry& entry, Record& record) const {
    if (position >= octets_.head.count || folded.size() > record.identifier.size()) {
        return corrupt("position in a block");
    }
    load_identifier(octets_, folded, record);
    const auto time = read_time(octets_, position);
    if (!time) return tl::unexpected(time.error());
    record.fields.time = *time;
    const auto exception = find_exception(octets_, position);
    if (!exception) return tl::unexpected(exception.error());
    if (!exception->has_value()) {
        entry = {{}, 0, octets_.head.dominant};
        octets_.prefetch(Section::kColumns);
        return Done{};
    }
    entry = **exception;
    __builtin_prefetch(entry.rest.data());
    return Done{};
}

Result<Done> BlockView::end_load(std::uint32_t position, std::string_view folded,
                                 ExceptionEntry& entry, Record& record) const {
    if (!take_time_and_case(entry, folded, record)) return corrupt("exception of a block");
    auto loaded = load_columns(octets_, position, entry, record);
    if (!loaded) return loaded;
    const bool has_own = (entry.form & kEntryHasOwn) != 0;
    if (has_own == entry.rest.empty()) return corrupt("own values of a block");
    record.fields.own = entry.rest;
    return Done{};
}

Result<Done> BlockView::load(std::uint32_t position, std::string_view folded,
                             Record& record) const {
    ExceptionEntry entry;
    if (auto begun = begin_load(position, folded, entry, record); !begun) return begun;
    return end_load(position, folded, entry, record);
}

bool BlockView::checksum_ok() const {
    const ByteSpan used = octets_.stored.first(octets_.head.used);
    return block_checksum(used) == load_little<std::uint32_t>(used.data() + kChecksumAt);
}

Result<bool> BlockCursor::next(Record& record) {
    if (position_ >= block_.record_count()) return false;
    if (!keys_.next()) return corrupt("keys of a block");
    const auto loaded = block_.load(position_, keys_.folded(), record);
    if (!loaded) return tl::unexpected(loaded.error());
    ++position_;
    return true;
}

Result<std::size_t> pack_block(std::span<const PackRecord> records, std::size_t used_max,
                               std::vector<std::uint8_t>& block) {
    return BlockPacker().pack(records, used_max, block);
}

std::string_view separator(std::string_view last, std::string_view first) {
    const std::size_t size = std::min(last.size(), first.size());
    std::size_t shared = 0;
    while (shared < size && last[shared] == first[shared]) ++shared;
    return first.substr(0, shared + 1);
}

}  // namespace idnode::registry
