// Turns the fields of CSV rows into records by a mapping: identifier, time, pattern and columns.
//
// For each combination of values that occurs one pattern is made: the literal text goes into it, a
// column whose text is the row's identifier or suffix becomes that piece, any other a column. So a
// row costs the registry only what differs. The last combination is tried first; nothing is
// allocated for a row once its combination is known.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/mapping.h"
#include "registry/pattern.h"

namespace idnode::registry {

// Combinations that get a pattern; rows of further ones are stored whole.
inline constexpr std::size_t kCombinationCountMax = 16'384;

// One set of values that rows fill.
struct Combination {
    Pattern pattern;
    std::vector<std::uint8_t> columns;  // The mapping's column behind each column of the pattern.
    std::uint32_t number = 0;           // From 0, in the order they occur.
    bool index_twice = false;           // Two of its values have one index: such rows are bad.
    bool kept = true;                   // False: beyond kCombinationCountMax, valid for this row.
    // Octets of a record's values in wire form: fixed ones, and how often each text occurs.
    std::size_t fixed_size = 0;
    std::size_t identifier_uses = 0;
    std::size_t suffix_uses = 0;
    std::array<std::uint16_t, kMappedColumnCountMax> column_uses{};  // By the pattern's column.
};

// A row by the mapping. Views point into the row's fields and the mapper, until its next row.
struct MappedRow {
    std::string_view identifier;
    std::string_view timestamp;  // Empty: none given.
    const Combination* combination = nullptr;
    std::span<const std::string_view> columns;  // As many as the pattern has.
    std::size_t values_size = 0;                // Octets of all values in wire form.
};

class RowMapper {
public:
    explicit RowMapper(Mapping mapping);

    [[nodiscard]] const Mapping& mapping() const { return mapping_; }

    // `places` (bind_columns) has the place of each column among `fields`, which has them all. A
    // row without an identifier gets an empty one.
    void map(std::span<const std::uint32_t> places, std::span<const std::string_view> fields,
             MappedRow& row);

private:
    void take_columns(std::span<const std::uint32_t> places,
                      std::span<const std::string_view> fields);
    [[nodiscard]] bool is_null(std::string_view text) const;
    std::string_view joined(const MappedText& text, std::string& room) const;
    const Combination& combination_of(std::uint64_t key);
    [[nodiscard]] bool is_filled(const MappedValue& value, std::uint64_t key) const;
    void add_value(Combination& made, const MappedValue& value, std::uint64_t key) const;
    [[nodiscard]] Piece piece_of(Combination& made, const MappedPiece& mapped,
                                 std::uint64_t key) const;

    Mapping mapping_;
    std::vector<std::uint8_t> value_columns_;                            // Columns that values use.
    std::array<std::string_view, kMappedColumnCountMax> texts_;          // By the mapping's column.
    std::array<std::string_view, kMappedColumnCountMax> pattern_texts_;  // By the pattern's.
    std::string identifier_;
    std::string timestamp_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Combination>> combinations_;
    std::unique_ptr<Combination> passing_;  // One beyond the limit.
    const Combination* last_ = nullptr;
    std::uint64_t last_key_ = 0;
};

}  // namespace idnode::registry
