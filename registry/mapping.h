// What the columns of a CSV become: the --map options of an import, read and checked.
//
//     identifier={doi}   timestamp={registered}   URL@1=https://doi.org/{doi}   NAME@2={name}
//
// Left "identifier", "timestamp" or TYPE@INDEX; right text with {column}, where "{{" and "}}" stand
// for one brace. A value is left out where a column of it is empty or null. Two values may have one
// index, as long as a row fills at most one of them. At most kMappedColumnCountMax columns,
// kPatternPieceCountMax pieces a text and kPatternValueCountMax values. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/handle/value.h"

namespace idnode::registry {

inline constexpr std::size_t kMappedColumnCountMax = 32;
inline constexpr std::uint8_t kNoColumn = 0xFF;

struct MappedPiece {
    std::uint8_t column = kNoColumn;  // In Mapping::columns; kNoColumn: the literal.
    std::string literal;

    bool operator==(const MappedPiece&) const = default;
};

using MappedText = std::vector<MappedPiece>;

struct MappedValue {
    std::uint32_t index = 0;
    std::string type;
    MappedText text;
};

// What every mapped value has beside index, type and text, and which texts mean "nothing there".
struct MappingDefaults {
    std::uint32_t ttl = handle::kTtlDefault;
    std::uint8_t permissions = handle::kPermissionsDefault;
    std::vector<std::string> nulls;
};

struct Mapping {
    std::vector<std::string> columns;  // Each named one once.
    MappedText identifier;
    MappedText timestamp;             // Empty: not mapped.
    std::vector<MappedValue> values;  // In ascending index.
    MappingDefaults defaults;
};

// Problems are about the option, with what would be right.
Checked<Mapping> parse_mapping(std::span<const std::string> options, MappingDefaults defaults);

// For each column of the mapping its place among the header's; an absent one is a problem that
// names the closest, and so is one that the header has twice.
Checked<std::vector<std::uint32_t>> bind_columns(const Mapping& mapping,
                                                 std::span<const std::string_view> header);

}  // namespace idnode::registry
