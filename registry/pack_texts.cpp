#include "registry/pack_texts.h"

#include <algorithm>

namespace idnode::registry {
namespace {

std::uint8_t code_of(char letter) { return kPackedCodes[static_cast<std::uint8_t>(letter)]; }

// The place behind the last octet that is no packed letter.
std::size_t end_of_others(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0 && code_of(text[end - 1]) != kNoCode) --end;
    return end;
}

// A rest that says its size, and whether it is packed: only where that takes less.
bool is_packed(std::string_view rest, std::size_t start_size) {
    return start_size + rest.size() <= kJoinedTextSizeMax &&
           bits_size(rest.size(), kPackedBits) < rest.size() && end_of_others(rest) == 0;
}

unsigned bits_of(std::string_view rest, std::size_t start_size) {
    return is_packed(rest, start_size) ? kPackedBits : kOctetBits;
}

std::size_t sized_size(std::string_view rest, std::size_t start_size) {
    return varint_size(static_cast<std::uint32_t>(rest.size() << 1)) +
           bits_size(rest.size(), bits_of(rest, start_size));
}

std::size_t shape_size(std::string_view start, unsigned bits) {
    return 2 + start.size() + (bits == 0 ? 0 : 1);
}

}  // namespace

void TextSurvey::take(std::string_view text) {
    if (is_first_) start_ = text.substr(0, kJoinedTextSizeMax);
    const auto size = std::min(start_.size(), text.size());
    const auto* const differs =
        std::mismatch(start_.data(), start_.data() + size, text.data()).first;
    start_ = start_.substr(0, static_cast<std::size_t>(differs - start_.data()));
    is_even_ = is_first_ || (is_even_ && text.size() == longest_);
    longest_ = std::max(longest_, text.size());
    if (may_join()) codes_from_ = std::max(codes_from_, end_of_others(text));
    is_first_ = false;
}

void write_characters(std::string_view text, unsigned bits, BlockWriter& out) {
    if (bits == kOctetBits) return out.text(text);
    out.bits(text.size(), bits, [&](std::size_t i) -> std::uint64_t { return code_of(text[i]); });
}

// Gives every text of an entry with its column.
template <class Visit>
void PackTexts::for_texts(std::span<const PackRecord> records, const PackSlots& slots,
                          Visit visit) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::uint8_t slot = slots.slot(i);
        if (slot == slots.dominant() || slot == kNoSlot) continue;
        Column* column = columns_.data() + first_columns_[slot];
        for (const std::string_view text : records[i].fields.columns) visit(*column++, text);
    }
}

void PackTexts::scan(std::span<const PackRecord> records, const PackSlots& slots) {
    const std::size_t pattern_count = slots.pattern_count(records.size());
    std::size_t column_count = 0;
    first_columns_.clear();
    for (std::size_t slot = 0; slot < pattern_count; ++slot) {
        first_columns_.push_back(column_count);
        if (slot != slots.dominant()) column_count += slots.column_count(slot);
    }
    first_columns_.push_back(column_count);
    columns_.assign(column_count, {});
    for_texts(records, slots,
              [](Column& column, std::string_view text) { column.survey.take(text); });
    for_texts(records, slots, [](Column& column, std::string_view text) {
        const std::string_view rest = column.survey.rest_of(text);
        column.even_size = rest.size();
        column.octets += rest.size();
        // Where all are packed and of one size, nothing is better.
        if (column.survey.is_even() && column.survey.bits() == kPackedBits) return;
        column.sized_octets += sized_size(rest, text.size() - rest.size());
    });
    shape_ends_.assign(1, 0);
    for (std::size_t slot = 0; slot < pattern_count; ++slot) {
        std::size_t end = shape_ends_.back();
        for (std::size_t i = first_columns_[slot]; i < first_columns_[slot + 1]; ++i) {
            choose(columns_[i]);
            end += shape_size(columns_[i].survey.start(), columns_[i].bits);
        }
        shape_ends_.push_back(end);
    }
}

void PackTexts::choose(Column& column) const {
    const TextSurvey& survey = column.survey;
    column.bits = 0;
    if (!survey.is_even() || !survey.may_join()) return;
    const unsigned bits = survey.bits();
    if (bits == kPackedBits || column.octets <= column.sized_octets) column.bits = bits;
}

void PackTexts::write_table(std::size_t pattern_count, BlockWriter& out) const {
    for (std::size_t slot = 0; slot < pattern_count; ++slot) {
        out.u16(2 * pattern_count + shape_ends_[slot + 1]);
    }
    for (std::size_t i = 0; i < first_columns_[pattern_count]; ++i) {
        const Column& column = columns_[i];
        const std::string_view start = column.survey.start();
        out.u8(column.bits);
        out.u8(start.size());
        out.text(start);
        if (column.bits != 0) out.u8(column.even_size);
    }
}

std::size_t PackTexts::size(const RecordFields& fields, std::uint8_t slot) const {
    std::size_t size = 0;
    const Column* column = columns_.data() + first_columns_[slot];
    for (const std::string_view text : fields.columns) {
        const std::size_t start_size = column->survey.start().size();
        size += column->bits == 0 ? sized_size(text.substr(start_size), start_size)
                                  : bits_size(column->even_size, column->bits);
        ++column;
    }
    return size;
}

void PackTexts::write(const RecordFields& fields, std::uint8_t slot, BlockWriter& out) const {
    const Column* column = columns_.data() + first_columns_[slot];
    for (const std::string_view text : fields.columns) {
        const std::size_t start_size = column->survey.start().size();
        const std::string_view rest = text.substr(start_size);
        unsigned bits = column->bits;
        if (bits == 0) {
            bits = bits_of(rest, start_size);
            const unsigned packed = bits == kPackedBits ? 1 : 0;
            out.varint(static_cast<std::uint32_t>(rest.size() << 1 | packed));
        }
        write_characters(rest, bits, out);
        ++column;
    }
}

}  // namespace idnode::registry
