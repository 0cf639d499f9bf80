// One identifier's record, as it goes into and comes out of a block (docs/storage.md).
//
// RecordFields (record_fields.h) is the packed form. Record gives the values as a client sees them,
// in ascending index, byte for byte as they went in. Both are views: into the caller's octets on
// the way in; into the map (valid until the snapshot ends) and the lookup's buffers on the way out.
// Nothing is allocated by looking.
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
#include "registry/record_fields.h"
#include "registry/wire_pattern.h"

namespace idnode::registry {

// Walks the values of a record in ascending index: those of the pattern, with own values added and,
// at equal index, put in their place.
class ValueCursor {
public:
    // The pattern is null exactly when the record is stored whole, and is given decoded or in wire
    // form. Fields and pattern must outlive the cursor.
    ValueCursor(const RecordFields& fields, const Pattern* pattern);
    ValueCursor(const RecordFields& fields, WirePattern pattern);

    // The next value; false at the end, or when the own values are damaged or a column that the
    // pattern names is not there: then ok() is false.
    bool next(StoredValue& value);
    [[nodiscard]] bool ok() const { return columns_ok_ && own_.ok(); }

private:
    void advance_own();
    [[nodiscard]] bool has_shared() const;
    [[nodiscard]] std::uint32_t shared_index() const;
    void skip_shared();
    void take_shared(StoredValue& value);
    void take_own_value(StoredValue& value);

    const RecordFields& fields_;
    // Values of the pattern not yet given: decoded, or in wire form.
    std::span<const PatternValue> decoded_;
    WireValues wire_;
    OwnValueReader own_;
    std::optional<handle::ValueView> next_own_;
    bool columns_ok_ = true;
};

// What was found: the fields, the pattern, and the buffers the fields may point into.
struct Record {
    RecordFields fields;
    // Both null: stored whole.
    const Pattern* pattern = nullptr;  // Of a walk.
    WirePattern wire;                  // Of a lookup.
    std::array<std::string_view, kPatternColumnCountMax> columns;
    std::array<char, kIdentifierSizeMax> identifier;  // When the registered case differs.
    // Columns that do not lie in the block as they are, one behind the other.
    std::array<char, kPatternColumnCountMax * kJoinedTextSizeMax> texts;

    Record();
    Record(const Record&) = delete;  // `fields` points into the object.
    Record& operator=(const Record&) = delete;

    [[nodiscard]] ValueCursor values() const {
        return pattern != nullptr ? ValueCursor(fields, pattern) : ValueCursor(fields, wire);
    }
};

}  // namespace idnode::registry
