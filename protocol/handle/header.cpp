#include "protocol/handle/header.h"

namespace idnode::handle {

Result<Header> decode_header(Reader& in) {
    const std::uint8_t* const octets = in.take<kHeaderSize>();
    if (octets == nullptr) return tl::unexpected(Error{ErrorKind::kMalformed, "header"});
    Header header;
    header.operation = static_cast<OperationCode>(load_u32(octets));
    header.response_code = static_cast<ResponseCode>(load_u32(octets + 4));
    header.flags = load_u32(octets + 8);
    header.site_serial = load_u16(octets + 12);
    header.recursion_count = octets[14];
    header.reserved = octets[15];
    header.expiration = load_u32(octets + 16);
    header.body_length = load_u32(octets + 20);
    return header;
}

void encode_header(Writer& out, const Header& header) {
    std::uint8_t* const octets = out.take<kHeaderSize>();
    if (octets != nullptr) store_header(octets, header);
}

void store_header(std::uint8_t* octets, const Header& header) {
    store_u32(octets, static_cast<std::uint32_t>(header.operation));
    store_u32(octets + 4, static_cast<std::uint32_t>(header.response_code));
    store_u32(octets + 8, header.flags);
    store_u16(octets + 12, header.site_serial);
    octets[14] = header.recursion_count;
    octets[15] = header.reserved;
    store_u32(octets + 16, header.expiration);
    store_u32(octets + 20, header.body_length);
}

}  // namespace idnode::handle
