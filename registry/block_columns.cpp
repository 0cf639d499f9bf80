#include "registry/block_columns.h"

#include <algorithm>
#include <bit>

#include "registry/bit_cells.h"
#include "registry/bits.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kCorrupt, where});
}

std::uint16_t u16_at(ByteSpan octets, std::size_t index) {
    return load_little<std::uint16_t>(octets.data() + 2 * index);
}

// Cuts an array of `count` numbers off `rest`.
bool take_bits(const BlockOctets& block, ByteSpan& rest, std::size_t count, BitArray& array) {
    std::uint8_t width = 0;
    ByteSpan octets;
    if (!take_u8(rest, width) || width > 64 ||
        !take_octets(rest, bits_size(count, width), octets)) {
        return false;
    }
    array = BitArray(block.from(octets), width);
    return true;
}

// The last of `starts` (u16 each, ascending) that is not above `position`.
std::optional<std::size_t> last_start(ByteSpan starts, std::uint32_t position) {
    std::size_t low = 0;
    std::size_t high = starts.size() / 2;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (u16_at(starts, middle) <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) return std::nullopt;
    return low - 1;
}

// Text number `index` of a table of `count` texts.
Result<std::string_view> text_in_table(const BlockOctets& block, ByteSpan table, std::size_t count,
                                       std::size_t index) {
    BitArray ends;
    if (index >= count || !take_bits(block, table, count, ends)) return corrupt("table of texts");
    const std::uint64_t start = index == 0 ? 0 : ends[index - 1];
    const std::uint64_t end = ends[index];
    if (start > end || end > table.size()) return corrupt("table of texts");
    return to_text(table.subspan(start, end - start));
}

Result<std::string_view> text_of_run(const BlockOctets& block, ByteSpan rest,
                                     std::uint32_t position) {
    std::uint16_t count = 0;
    ByteSpan starts;
    if (!take_little(rest, count) || !take_octets(rest, 2U * count, starts)) {
        return corrupt("runs of a column");
    }
    const auto run = last_start(starts, position);
    if (!run) return corrupt("runs of a column");
    return text_in_table(block, rest, count, *run);
}

Result<std::string_view> text_of_code(const BlockOctets& block, ByteSpan rest,
                                      std::uint32_t position) {
    std::uint16_t count = 0;
    BitArray codes;
    if (!take_little(rest, count) || !take_bits(block, rest, block.head.count, codes)) {
        return corrupt("dictionary of a column");
    }
    return text_in_table(block, rest, count, codes[position]);
}

// Texts whose start is said once: of even size, or with their ends.
Result<std::string_view> text_by_shape(const BlockOctets& block, ColumnForm form, ByteSpan rest,
                                       std::uint32_t position, TextRoom& room) {
    TextShape shape;
    if (!take_text_shape(rest, shape) || shape.bits == 0) return corrupt("shape of a column");
    const std::size_t count = block.head.count;
    if (form == ColumnForm::kFixedShared) {
        std::uint8_t size = 0;
        if (!take_u8(rest, size) || rest.size() < bits_size(count * size, shape.bits)) {
            return corrupt("shape of a column");
        }
        return join_text(block, shape, rest, {position * std::size_t{size}, size}, room);
    }
    BitArray ends;
    if (!take_bits(block, rest, count, ends)) return corrupt("shape of a column");
    const std::uint64_t start = position == 0 ? 0 : ends[position - 1];
    const std::uint64_t end = ends[position];
    if (start > end || end > rest.size() * 8 / shape.bits) return corrupt("shape of a column");
    return join_text(block, shape, rest, {start, end - start}, room);
}

Result<ByteSpan> find_column(const BlockOctets& block, std::uint8_t column,
                             std::uint8_t column_count) {
    const ByteSpan section = block.section(Section::kColumns);
    const std::size_t ends_size = 2U * column_count;
    if (section.size() < ends_size) return corrupt("columns of a block");
    const std::size_t start = column == 0 ? ends_size : u16_at(section, column - 1U);
    const std::size_t end = u16_at(section, column);
    if (start < ends_size || start >= end || end > section.size()) {
        return corrupt("columns of a block");
    }
    return section.subspan(start, end - start);
}

// Exceptions before `position`, and whether it is one itself.
Rank rank_in_positions(ByteSpan positions, std::uint32_t position) {
    const auto last = last_start(positions, position);
    if (!last) return {};
    return {*last, u16_at(positions, *last) == position};
}

Result<Rank> take_rank(const BlockOctets& block, ByteSpan& rest, std::uint32_t position) {
    const BlockHead& head = block.head;
    ByteSpan directory;
    if (head.exception_form == ExceptionForm::kAll) return Rank{position, true};
    if (head.exception_form == ExceptionForm::kPositions) {
        if (!take_octets(rest, 2U * head.exception_count, directory)) {
            return corrupt("exceptions of a block");
        }
        return rank_in_positions(directory, position);
    }
    if (!take_octets(rest, bitmap_size(head.count), directory)) {
        return corrupt("exceptions of a block");
    }
    return rank_in_cells(directory, position);
}

}  // namespace

Result<std::uint32_t> read_time(const BlockOctets& block, std::uint32_t position) {
    const BlockHead& head = block.head;
    if (head.time_form == TimeForm::kOne) return head.base_time;
    ByteSpan rest = block.section(Section::kTimes);
    BitArray times;
    std::size_t index = position;
    if (head.time_form == TimeForm::kRuns) {
        std::uint16_t count = 0;
        ByteSpan starts;
        if (!take_little(rest, count) || !take_octets(rest, 2U * count, starts) ||
            !take_bits(block, rest, count, times)) {
            return corrupt("times of a block");
        }
        const auto run = last_start(starts, position);
        if (!run) return corrupt("times of a block");
        index = *run;
    } else if (!take_bits(block, rest, head.count, times)) {
        return corrupt("times of a block");
    }
    return static_cast<std::uint32_t>(head.base_time + times[index]);
}

void prefetch_time(const BlockOctets& block, std::uint32_t position) {
    const ByteSpan times = block.section(Section::kTimes);
    if (block.head.time_form != TimeForm::kOffsets || times.empty()) return;
    const std::size_t place = 1 + std::size_t{position} * times[0] / 8;
    if (place < times.size()) __builtin_prefetch(times.data() + place);
}

namespace {

Result<std::string_view> read_column(const BlockOctets& block, std::uint8_t column,
                                     std::uint8_t column_count, std::uint32_t position,
                                     TextRoom& room) {
    const auto found = find_column(block, column, column_count);
    if (!found) return tl::unexpected(found.error());
    ByteSpan rest = *found;
    const auto form = static_cast<ColumnForm>(rest.front());
    rest = rest.subspan(1);
    const std::size_t count = block.head.count;
    switch (form) {
        case ColumnForm::kOne:
            return to_text(rest);
        case ColumnForm::kFixed:
            if (rest.size() % count != 0) return corrupt("column of even size");
            return to_text(rest.subspan(rest.size() / count * position, rest.size() / count));
        case ColumnForm::kPlain:
            return text_in_table(block, rest, count, position);
        case ColumnForm::kRuns:
            return text_of_run(block, rest, position);
        case ColumnForm::kDictionary:
            return text_of_code(block, rest, position);
        case ColumnForm::kFixedShared:
        case ColumnForm::kPlainShared:
            return text_by_shape(block, form, rest, position, room);
    }
    return tl::unexpected(Error{ErrorKind::kUnsupported, "form of a column"});
}

// Entry number `index` of those that say themselves what they are.
Result<ExceptionEntry> plain_entry(const BlockOctets& block, ByteSpan rest, std::size_t index) {
    const std::size_t count = block.head.exception_count;
    BitArray starts;
    if (!take_bits(block, rest, count, starts)) return corrupt("exceptions of a block");
    const ByteSpan entries = block.section(Section::kEntries);
    const std::uint64_t start = starts[index];
    const std::uint64_t end = index + 1 == count ? entries.size() : starts[index + 1];
    if (start >= end || end > entries.size()) return corrupt("exceptions of a block");
    ExceptionEntry entry;
    entry.rest = entries.subspan(start, end - start);
    take_u8(entry.rest, entry.form);
    const auto slot = static_cast<std::uint8_t>(entry.form & kEntrySlotBits);
    if (slot < kEntrySlotFollows) entry.slot = slot;
    if (slot == kEntrySlotFollows && !take_u8(entry.rest, entry.slot)) {
        return corrupt("exceptions of a block");
    }
    return entry;
}

// Entry number `index` of those whose kinds are said once. Where it begins is told by the sizes of
// those before it, from the last checkpoint on.
Result<ExceptionEntry> coded_entry(const BlockOctets& block, ByteSpan rest, std::size_t index) {
    const std::size_t count = block.head.exception_count;
    std::uint8_t kind_count = 0;
    ByteSpan kinds;
    ByteSpan checkpoints;
    if (!take_u8(rest, kind_count) || kind_count == 0 ||
        !take_octets(rest, kind_count * kEntryKindSize, kinds) ||
        !take_octets(rest, 2 * ((count - 1) / kEntryCheckpoint), checkpoints)) {
        return corrupt("kinds of exceptions");
    }
    const auto width = static_cast<unsigned>(std::bit_width(kind_count - 1U));
    if (rest.size() < bits_size(count, width)) return corrupt("kinds of exceptions");
    const BitArray codes(block.from(rest), width);
    const auto size_of = [&](std::uint64_t kind) {
        return load_little<std::uint16_t>(kinds.data() + kind * kEntryKindSize + 2);
    };
    const std::size_t checkpoint = index / kEntryCheckpoint;
    std::size_t start = checkpoint == 0 ? 0 : u16_at(checkpoints, checkpoint - 1);
    for (std::size_t i = checkpoint * kEntryCheckpoint; i < index; ++i) {
        const std::uint64_t kind = codes[i];
        if (kind >= kind_count) return corrupt("kinds of exceptions");
        start += size_of(kind);
    }
    const std::uint64_t kind = codes[index];
    const ByteSpan entries = block.section(Section::kEntries);
    if (kind >= kind_count || start + size_of(kind) > entries.size()) {
        return corrupt("kinds of exceptions");
    }
    const std::uint8_t* const of_kind = kinds.data() + kind * kEntryKindSize;
    return ExceptionEntry{entries.subspan(start, size_of(kind)), of_kind[0], of_kind[1]};
}

}  // namespace

Result<Done> read_columns(const BlockOctets& block, std::uint8_t column_count,
                          std::uint32_t position, Record& record) {
    TextRoom room(record);
    for (std::uint8_t i = 0; i < column_count; ++i) {
        const auto text = read_column(block, i, column_count, position, room);
        if (!text) return tl::unexpected(text.error());
        record.columns[i] = *text;
    }
    return Done{};
}

Result<std::optional<ExceptionEntry>> find_exception(const BlockOctets& block,
                                                     std::uint32_t position) {
    const BlockHead& head = block.head;
    if (head.exception_form == ExceptionForm::kNone) return std::nullopt;
    ByteSpan rest = block.section(Section::kExceptions);
    const auto rank = take_rank(block, rest, position);
    if (!rank) return tl::unexpected(rank.error());
    if (!rank->is_one) return std::nullopt;
    if (rank->before >= head.exception_count) return corrupt("exceptions of a block");
    const auto entry = head.entry_form == EntryForm::kCoded
                           ? coded_entry(block, rest, rank->before)
                           : plain_entry(block, rest, rank->before);
    if (!entry) return tl::unexpected(entry.error());
    return *entry;
}

Result<BlockPattern> read_pattern(const BlockOctets& block, std::uint8_t slot) {
    BlockPattern pattern;
    if (slot == kNoSlot) return pattern;
    if (slot >= block.head.pattern_count) return corrupt("pattern's slot");
    const std::uint8_t* entry = block.section(Section::kPatterns).data() + slot * kPatternEntrySize;
    pattern.ref.prefix_number = load_little<std::uint32_t>(entry);
    pattern.ref.id = load_little<std::uint16_t>(entry + 4);
    pattern.column_count = entry[6];
    if (pattern.column_count > kPatternColumnCountMax) return corrupt("pattern's columns");
    return pattern;
}

void apply_lower_case(std::string_view folded, char* out) {
    for (const char octet : folded) {
        *out++ = octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet + 32) : octet;
    }
}

void apply_case_mask(std::string_view folded, ByteSpan mask, char* out) {
    for (std::size_t i = 0; i < folded.size(); ++i) {
        const unsigned octet_of_mask = i / 8 < mask.size() ? mask[i / 8] : 0;
        const bool lower = (octet_of_mask >> i % 8 & 1U) != 0;
        const char octet = folded[i];
        const bool is_letter = octet >= 'A' && octet <= 'Z';
        out[i] = lower && is_letter ? static_cast<char>(octet + 32) : octet;
    }
}

}  // namespace idnode::registry
