// A pattern: the storage form shared by many identifiers of one prefix (docs/storage.md).
//
// A list of values in ascending index; the data of each is made of pieces: literal octets, the
// identifier, its suffix (both in registered case) or column k, a text that differs from record to
// record. Patterns are immutable and their numbers are never used again, so a decoded one may be
// kept for as long as the registry is open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::registry {

inline constexpr std::size_t kPatternColumnCountMax = 32;  // Columns of one pattern.
inline constexpr std::size_t kPatternPieceCountMax = 16;   // Pieces of one value's data.
inline constexpr std::size_t kPatternValueCountMax = 256;  // Values of one pattern.
inline constexpr std::uint16_t kNoPattern = 0xFFFF;  // "Stored whole"; never a pattern's number.

struct PatternRef {
    std::uint32_t prefix_number = 0;
    std::uint16_t id = kNoPattern;

    bool operator==(const PatternRef&) const = default;
};

enum class PieceKind : std::uint8_t { kLiteral = 0, kIdentifier = 1, kSuffix = 2, kColumn = 3 };

struct Piece {
    PieceKind kind = PieceKind::kLiteral;
    std::uint8_t column = 0;  // kColumn: which.
    std::string literal;      // kLiteral: the octets.

    bool operator==(const Piece&) const = default;
};

struct PatternValue {
    std::uint32_t index = 0;
    std::uint8_t ttl_type = 0;
    std::uint8_t permissions = 0;
    std::uint32_t ttl = 0;
    std::string type;
    std::string references;  // Wire form from the count on: at least the four octets of no items.
    std::vector<Piece> data;

    bool operator==(const PatternValue&) const = default;
};

struct Pattern {
    std::vector<PatternValue> values;  // Ascending, distinct indexes.
    std::uint8_t column_count = 0;     // Columns 0 to column_count - 1 occur.

    bool operator==(const Pattern&) const = default;
};

// The stored form, with kind and version in front and a list of TLVs behind.
std::string encode_pattern(const Pattern& pattern);

// Fails with kCorrupt when the octets contradict themselves or a limit, with kUnsupported when
// kind, version or a critical TLV is unknown.
Result<Pattern> decode_pattern(ByteSpan stored);

}  // namespace idnode::registry
