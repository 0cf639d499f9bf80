// Texts of a block to be, kept by shapes (block_texts.h): what the texts of a column have in
// common, and the shapes of the columns that entries of exceptions have.
//
// What is common is chosen by looking at all records of a window; it holds for those of them that
// get into the block.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/block.h"
#include "registry/block_texts.h"
#include "registry/block_writer.h"
#include "registry/pack_slots.h"

namespace idnode::registry {

// What the texts of one column have in common.
class TextSurvey {
public:
    void take(std::string_view text);

    // What all begin with; nothing where a text is too long to be put together from parts.
    [[nodiscard]] std::string_view start() const {
        return may_join() ? start_ : std::string_view{};
    }
    [[nodiscard]] std::string_view rest_of(std::string_view text) const {
        return text.substr(start().size());
    }
    // All are short enough for it.
    [[nodiscard]] bool may_join() const { return longest_ <= kJoinedTextSizeMax; }
    [[nodiscard]] bool is_even() const { return is_even_; }
    // Of each character of every rest.
    [[nodiscard]] unsigned bits() const {
        return may_join() && codes_from_ <= start_.size() ? kPackedBits : kOctetBits;
    }

private:
    std::string_view start_;
    std::size_t longest_ = 0;
    std::size_t codes_from_ = 0;  // From here on every text is of packed letters.
    bool is_even_ = true;         // All of one size.
    bool is_first_ = true;
};

// Writes texts of `bits` a character as one.
void write_characters(std::string_view text, unsigned bits, BlockWriter& out);

class PackTexts {
public:
    void scan(std::span<const PackRecord> records, const PackSlots& slots);

    // Octets of the shapes behind a table of so many patterns.
    [[nodiscard]] std::size_t table_size(std::size_t pattern_count) const {
        return 2 * pattern_count + shape_ends_[pattern_count];
    }
    void write_table(std::size_t pattern_count, BlockWriter& out) const;

    // The columns in the entry of a record with this slot, which is not the dominant one.
    [[nodiscard]] std::size_t size(const RecordFields& fields, std::uint8_t slot) const;
    void write(const RecordFields& fields, std::uint8_t slot, BlockWriter& out) const;

private:
    struct Column {
        TextSurvey survey;
        unsigned bits = 0;             // As in the shape.
        std::size_t even_size = 0;     // Of every rest, unless `bits` is 0.
        std::size_t sized_octets = 0;  // If each text said its size.
        std::size_t octets = 0;        // Of the rests as they are.
    };

    void choose(Column& column) const;
    template <class Visit>
    void for_texts(std::span<const PackRecord> records, const PackSlots& slots, Visit visit);

    std::vector<Column> columns_;             // Of all slots, one behind the other.
    std::vector<std::size_t> first_columns_;  // Of each slot.
    std::vector<std::size_t> shape_ends_;     // Octets of the shapes of all slots before.
};

}  // namespace idnode::registry
