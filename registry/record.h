// One identifier's record, as it goes into and comes out of a block (docs/storage.md).
//
// RecordFields is the packed form: pattern, columns, own values. Record gives the values as a
// client sees them, in ascending index, byte for byte as they went in. Both are views: into the
// caller's octets on the way in; into the map (valid until the snapshot ends) and the lookup's
// buffers on the way out. Nothing is allocated by looking.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/identifier.h"
#include "protocol/core/result.h"
#include "protocol/handle/value.h"
#include "registry/own_values.h"
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

// Walks the values of a record in ascending index: those of the pattern, with own values added and,
// at equal index, put in their place.
class ValueCursor {
public:
    // `pattern` is null exactly when the record is stored whole. Both must outlive the cursor.
    ValueCursor(const RecordFields& fields, const Pattern* pattern);

    // The next value; false at the end, or when the own values are damaged or a column that the
    // pattern names is not there: then ok() is false.
    bool next(StoredValue& value);
    [[nodiscard]] bool ok() const { return columns_ok_ && own_.ok(); }

private:
    void advance_own();
    void take_pattern_value(StoredValue& value, const PatternValue& shared);
    void take_own_value(StoredValue& value);

    const RecordFields& fields_;
    const Pattern* pattern_;
    std::size_t next_pattern_value_ = 0;
    OwnValueReader own_;
    std::optional<handle::ValueView> next_own_;
    bool columns_ok_ = true;
};

class WirePattern;

// What a lookup found: the fields, the decoded pattern, and the buffers the fields may point into.
struct Record {
    RecordFields fields;
    const Pattern* pattern = nullptr;  // Null: stored whole.
    // The same in wire form; null: not looked for, or there are own values.
    const WirePattern* wire = nullptr;
    std::array<std::string_view, kPatternColumnCountMax> columns;
    std::array<char, kIdentifierSizeMax> identifier;  // When the registered case differs.
    // Columns that do not lie in the block as they are, one behind the other.
    std::array<char, kPatternColumnCountMax * kJoinedTextSizeMax> texts;

    Record();
    Record(const Record&) = delete;  // `fields` points into the object.
    Record& operator=(const Record&) = delete;

    [[nodiscard]] ValueCursor values() const { return {fields, pattern}; }
};

}  // namespace idnode::registry
