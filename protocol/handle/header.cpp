#include "protocol/handle/header.h"

namespace idnode::handle {

Result<Header> decode_header(Reader& in) {
    Header header;
    header.operation = static_cast<OperationCode>(in.u32());
    header.response_code = static_cast<ResponseCode>(in.u32());
    header.flags = in.u32();
    header.site_serial = in.u16();
    header.recursion_count = in.u8();
    header.reserved = in.u8();
    header.expiration = in.u32();
    header.body_length = in.u32();
    if (!in.ok()) return tl::unexpected(Error{ErrorKind::kMalformed, "header"});
    return header;
}

void encode_header(Writer& out, const Header& header) {
    out.u32(static_cast<std::uint32_t>(header.operation));
    out.u32(static_cast<std::uint32_t>(header.response_code));
    out.u32(header.flags);
    out.u16(header.site_serial);
    out.u8(header.recursion_count);
    out.u8(header.reserved);
    out.u32(header.expiration);
    out.u32(header.body_length);
}

}  // namespace idnode::handle
