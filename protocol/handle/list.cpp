#include "protocol/handle/list.h"

#include <algorithm>

#include "protocol/core/identifier.h"

namespace idnode::handle {

namespace {

bool equal_folded(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, fold_ascii, fold_ascii);
}

bool matches_type(std::string_view type, std::string_view filter) {
    if (equal_folded(type, filter)) return true;
    if (!filter.ends_with('.')) return false;
    const std::string_view family = filter.substr(0, filter.size() - 1);
    if (type.size() == family.size()) return equal_folded(type, family);
    return type.size() > filter.size() && equal_folded(type.substr(0, filter.size()), filter);
}

}  // namespace

ValueView ValueCodec::decode(Reader& in) {
    const Result<ValueView> value = decode_value(in);
    if (value) return *value;
    in.fail();
    return {};
}

ValueView SizedValueCodec::decode(Reader& in) {
    Reader record(in.sized_bytes());
    const ValueView value = ValueCodec::decode(record);
    if (!record.at_end()) in.fail();
    return value;
}

void SizedValueCodec::encode(Writer& out, const ValueView& value) {
    out.u32(static_cast<std::uint32_t>(encoded_size(value)));
    encode_value(out, value);
}

bool matches_filters(std::uint32_t index, std::string_view type, const IndexList& indexes,
                     const TypeList& types) {
    if (indexes.empty() && types.empty()) return true;
    for (const std::uint32_t wanted : indexes) {
        if (wanted == index) return true;
    }
    for (const std::string_view filter : types) {
        if (matches_type(type, filter)) return true;
    }
    return false;
}

}  // namespace idnode::handle
