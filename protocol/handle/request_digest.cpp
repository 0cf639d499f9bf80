#include "protocol/handle/request_digest.h"

#include "protocol/handle/header.h"

namespace idnode::handle {

void write_request_digest(Writer& out, Version version, ByteSpan header_and_body) {
    if (!is_at_least(version, 1)) return;
    const crypto::DigestKind kind = digest_kind(version);
    const crypto::Digest digest = crypto::digest_of(kind, header_and_body);
    out.u8(static_cast<std::uint8_t>(kind));
    out.bytes(digest.bytes());
}

ByteSpan header_and_body(ByteSpan message) {
    Reader in(message);
    const Result<Header> header = decode_header(in);
    if (!header || header->body_length > in.remaining()) return {};
    return message.first(kHeaderSize + header->body_length);
}

ByteSpan read_request_digest(Reader& in) {
    Reader start = in;
    const std::uint8_t type = in.u8();
    // Gives 0 for a type that does not exist.
    const std::size_t size = crypto::digest_size(static_cast<crypto::DigestKind>(type));
    if (size == 0) in.fail();
    in.bytes(size);
    return in.ok() ? start.bytes(1 + size) : ByteSpan{};
}

}  // namespace idnode::handle
