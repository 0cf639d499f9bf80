#include "protocol/handle/record.h"

#include <algorithm>

namespace idnode::handle {

void Value::assign(const ValueView& view) {
    index = view.index;
    timestamp = view.timestamp;
    ttl_type = view.ttl_type;
    permissions = view.permissions;
    ttl = view.ttl;
    type.assign(view.type);
    data.assign(to_text(view.data));
    // One form of "none", so that equal values compare equal.
    const bool none = std::ranges::equal(view.references, kNoReferences);
    references.assign(none ? std::string_view{} : to_text(view.references));
}

ValueView Value::view() const {
    ValueView view;
    view.index = index;
    view.timestamp = timestamp;
    view.ttl_type = ttl_type;
    view.permissions = permissions;
    view.ttl = ttl;
    view.type = type;
    view.data = to_bytes(data);
    if (!references.empty()) view.references = to_bytes(references);
    return view;
}

void Record::assign(const RecordView& view) {
    handle.assign(view.handle);
    values.resize(view.values.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i].assign(view.values[i]);
}

RecordView Record::view(std::vector<ValueView>& views) const {
    views.clear();
    for (const Value& value : values) views.push_back(value.view());
    return {handle, views};
}

std::size_t encoded_size(std::span<const ValueView> values) {
    std::size_t size = 0;
    for (const ValueView& value : values) size += encoded_size(value);
    return size;
}

bool is_same(const ValueView& a, const ValueView& b) {
    return a.timestamp == b.timestamp && is_same_but_timestamp(a, b);
}

bool is_same_but_timestamp(const ValueView& a, const ValueView& b) {
    return a.index == b.index && a.ttl_type == b.ttl_type && a.permissions == b.permissions &&
           a.ttl == b.ttl && a.type == b.type && to_text(a.data) == to_text(b.data) &&
           to_text(a.references) == to_text(b.references);
}

}  // namespace idnode::handle
