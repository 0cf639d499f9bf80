// A handle and its values, owned; and the same as views.
//
// Value is ValueView (value.h) with strings of its own: octets in, the same octets out. References
// are kept in their wire form, an empty string when there are none.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "protocol/handle/value.h"

namespace idnode::handle {

struct Value {
    std::uint32_t index = 0;
    std::uint32_t timestamp = 0;  // Seconds since 1970.
    std::uint8_t ttl_type = kTtlRelative;
    std::uint8_t permissions = kPermissionsDefault;
    std::uint32_t ttl = kTtlDefault;
    std::string type;
    std::string data;
    std::string references;  // Wire form from the count on; empty: none.

    Value() = default;
    explicit Value(const ValueView& view) { assign(view); }
    // Takes over `view`, reusing the strings' room.
    void assign(const ValueView& view);
    [[nodiscard]] ValueView view() const IDN_LIFETIME_BOUND;

    bool operator==(const Value&) const = default;
};

// Views of a handle and its values; what they point into is named where they come from.
struct RecordView {
    std::string_view handle;
    std::span<const ValueView> values;
};

struct Record {
    std::string handle;
    std::vector<Value> values;

    Record() = default;
    explicit Record(const RecordView& view) { assign(view); }
    void assign(const RecordView& view);
    // Views of the values, in `views` (which is overwritten and must live as long as the result).
    RecordView view(std::vector<ValueView>& views) const IDN_LIFETIME_BOUND;

    bool operator==(const Record&) const = default;
};

// Octets of the values in wire form, without a count: what kRecordSizeMax bounds.
std::size_t encoded_size(std::span<const ValueView> values);

// Equal in every field, octet for octet.
bool is_same(const ValueView& a, const ValueView& b);
// The same but for the timestamp.
bool is_same_but_timestamp(const ValueView& a, const ValueView& b);

}  // namespace idnode::handle
