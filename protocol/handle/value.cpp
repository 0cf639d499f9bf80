#include "protocol/handle/value.h"

#include "protocol/handle/value_list.h"

namespace idnode::handle {

Result<ValueView> decode_value(Reader& in) {
    ValueView value;
    value.index = in.u32();
    value.timestamp = in.u32();
    value.ttl_type = in.u8();
    value.ttl = in.u32();
    value.permissions = in.u8();
    value.type = in.sized_text();
    value.data = in.sized_bytes();
    const Result<ReferenceList> references = decode_references(in);
    if (!references) return tl::unexpected(Error{ErrorKind::kMalformed, "value"});
    value.references = references->octets();
    return value;
}

void encode_value(Writer& out, const ValueView& value) {
    out.u32(value.index);
    out.u32(value.timestamp);
    out.u8(value.ttl_type);
    out.u32(value.ttl);
    out.u8(value.permissions);
    out.sized_text(value.type);
    out.sized_bytes(value.data);
    out.bytes(value.references);
}

}  // namespace idnode::handle
