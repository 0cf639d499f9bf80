// The columns of a block's dominant pattern: for each the cheapest form of block_columns.h, for any
// count of records, from one pass over the texts.
//
// Records of another pattern have no text here; they go on with the one before them, or count for
// nothing where that takes less.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"
#include "registry/pack_slots.h"
#include "registry/pack_texts.h"

namespace idnode::registry {

// One column over a window of records.
class PackColumn {
public:
    void scan(std::span<const PackRecord> records, const PackSlots& slots, std::size_t column);

    [[nodiscard]] std::size_t size(std::size_t count) const { return choose(count).size; }
    void write(std::size_t count, BlockWriter& out) const;

private:
    struct Choice {
        ColumnForm form;
        std::size_t size;  // With the octet of the form.
    };
    // Sums over the records up to one.
    struct Sums {
        std::uint32_t octets = 0;       // Of the texts that records have.
        std::uint32_t run_octets = 0;   // Of the first text of each run.
        std::uint32_t word_octets = 0;  // Of the distinct texts.
        std::uint16_t own = 0;          // Records that have a text.
        std::uint16_t runs = 0;
        std::uint16_t words = 0;
        bool even = true;  // All of one size.
    };

    [[nodiscard]] Choice choose(std::size_t count) const;
    void take_text(std::size_t position, std::string_view text, Sums& sums);
    std::uint16_t word_of(std::string_view text, Sums& sums);
    void grow_dictionary();
    void consider_shared(std::size_t count, Choice& best) const;
    [[nodiscard]] std::size_t characters(std::size_t count) const;
    void write_shared(ColumnForm form, std::size_t count, BlockWriter& out) const;
    void write_runs(std::size_t count, BlockWriter& out) const;
    void write_words(std::size_t count, BlockWriter& out) const;

    std::vector<std::string_view> texts_;
    TextSurvey survey_;
    std::vector<std::uint8_t> is_own_;  // The record has this text itself.
    std::vector<Sums> sums_;
    std::vector<std::uint16_t> codes_;
    std::vector<std::string_view> words_;
    std::vector<std::uint16_t> table_;  // Open addressing: number of a word, and one.
    bool has_words_ = false;            // Texts come again often enough for a dictionary.
};

class PackColumns {
public:
    void scan(std::span<const PackRecord> records, const PackSlots& slots);
    // Octets of the section.
    [[nodiscard]] std::size_t size(std::size_t count) const;
    void write(std::size_t count, BlockWriter& out) const;

private:
    std::vector<PackColumn> columns_;  // Kept when fewer are in use, with their buffers.
    std::size_t column_count_ = 0;
};

}  // namespace idnode::registry
