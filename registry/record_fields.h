// One identifier's record in its packed form, as a block keeps it: pattern, columns, own values;
// and one value as a client sees it, with its data in pieces. Both are views.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/core/bytes.h"
#include "registry/pattern.h"

namespace idnode::registry {

// Octets of a column's text that a block does not hold as it is; longer ones it does.
inline constexpr std::size_t kJoinedTextSizeMax = 255;

struct RecordFields {
    std::string_view identifier;  // In registered case.
    std::uint32_t time = 0;       // Timestamp of the pattern's values; default of the own ones.
    PatternRef pattern;           // id kNoPattern: `own` holds every value.
    std::span<const std::string_view> columns;  // As many as the pattern has.
    ByteSpan own;  // Values beside or instead of the pattern's (own_values.h).
};

// One value, its data as pieces that follow each other.
struct StoredValue {
    std::uint32_t index = 0;
    std::uint32_t timestamp = 0;
    std::uint8_t ttl_type = 0;
    std::uint8_t permissions = 0;
    std::uint32_t ttl = 0;
    std::string_view type;
    ByteSpan references;  // Wire form from the count on.
    std::array<ByteSpan, kPatternPieceCountMax> pieces;
    std::uint8_t piece_count = 0;
    std::uint32_t data_size = 0;  // Octets of all pieces together.
};

// Writes the value in its wire form (protocol/handle/value.h).
void encode_stored_value(Writer& out, const StoredValue& value);

}  // namespace idnode::registry
