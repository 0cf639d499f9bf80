#include "registry/record_fields.h"

namespace idnode::registry {

void encode_stored_value(Writer& out, const StoredValue& value) {
    if (std::uint8_t* const octets = out.take<18>(); octets != nullptr) {
        store_u32(octets, value.index);
        store_u32(octets + 4, value.timestamp);
        octets[8] = value.ttl_type;
        store_u32(octets + 9, value.ttl);
        octets[13] = value.permissions;
        store_u32(octets + 14, static_cast<std::uint32_t>(value.type.size()));
    }
    out.text(value.type);
    out.u32(value.data_size);
    for (std::size_t i = 0; i < value.piece_count; ++i) out.bytes(value.pieces[i]);
    out.bytes(value.references);
}

}  // namespace idnode::registry
