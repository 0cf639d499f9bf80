#include "registry/record_compare.h"

#include <algorithm>
#include <cstring>

namespace idnode::registry {

namespace {

// Data in pieces against data in other pieces.
bool data_equal(const StoredValue& a, const StoredValue& b) {
    if (a.data_size != b.data_size) return false;
    std::size_t piece_a = 0;
    std::size_t piece_b = 0;
    ByteSpan rest_a;
    ByteSpan rest_b;
    for (std::size_t left = a.data_size; left > 0;) {
        while (rest_a.empty()) rest_a = a.pieces[piece_a++];
        while (rest_b.empty()) rest_b = b.pieces[piece_b++];
        const std::size_t size = std::min(rest_a.size(), rest_b.size());
        if (std::memcmp(rest_a.data(), rest_b.data(), size) != 0) return false;
        rest_a = rest_a.subspan(size);
        rest_b = rest_b.subspan(size);
        left -= size;
    }
    return true;
}

bool values_equal(const StoredValue& a, const StoredValue& b) {
    return a.index == b.index && a.ttl_type == b.ttl_type && a.permissions == b.permissions &&
           a.ttl == b.ttl && a.type == b.type && std::ranges::equal(a.references, b.references) &&
           data_equal(a, b);
}

bool same_form(const RecordFields& a, const RecordFields& b) {
    const bool same_pattern =
        a.pattern == b.pattern || (a.pattern.id == kNoPattern && b.pattern.id == kNoPattern);
    return same_pattern && std::ranges::equal(a.columns, b.columns) &&
           std::ranges::equal(a.own, b.own);
}

}  // namespace

bool records_equal(const RecordFields& old_fields, const Pattern* old_pattern,
                   const RecordFields& new_fields, const Pattern* new_pattern, Times times) {
    if (old_fields.identifier != new_fields.identifier) return false;
    const bool defaulted = times == Times::kNewDefaulted;
    if (same_form(old_fields, new_fields) && (defaulted || old_fields.time == new_fields.time)) {
        return true;
    }
    ValueCursor old_values(old_fields, old_pattern);
    ValueCursor new_values(new_fields, new_pattern);
    StoredValue old_value;
    StoredValue new_value;
    while (true) {
        const bool more_old = old_values.next(old_value);
        const bool more_new = new_values.next(new_value);
        if (more_old != more_new) return false;
        if (!more_old) return old_values.ok() && new_values.ok();
        const bool time_counts = !defaulted || new_value.timestamp != new_fields.time;
        if (time_counts && old_value.timestamp != new_value.timestamp) return false;
        if (!values_equal(old_value, new_value)) return false;
    }
}

}  // namespace idnode::registry
