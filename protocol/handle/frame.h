// What every message has in common: header, body of the header's length, credential (RFC 3652,
// section 2.2). The codecs of requests and responses stand on it.
//
//     header (24 octets) body (header.body_length octets) [credential length:u32 credential]
//
// Views into the message; no allocation.
#pragma once

#include <cstddef>
#include <optional>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/envelope.h"
#include "protocol/handle/header.h"

namespace idnode::handle {

struct Frame {
    Header header;
    ByteSpan body;
    std::optional<ByteSpan> credential;  // Absent: the message ends with the body.
};

// `message` stands behind the envelope. Fails with kMalformed when it is encrypted, not as long as
// the envelope says, above kMessageSizeMax, or not filled by header, body and credential.
Result<Frame> decode_frame(const Envelope& envelope, ByteSpan message);
// The same for who has decoded the header already: sets all else of `frame`.
Result<Done> decode_frame(const Envelope& envelope, const Header& header, ByteSpan message,
                          Frame& frame);

// Writes one message: envelope and header at once, then the caller's body, then finish(). The
// lengths are set to what was written.
class FrameWriter {
public:
    FrameWriter(Writer& out, const Envelope& envelope, const Header& header);
    void finish(std::optional<ByteSpan> credential);

private:
    Writer& out_;
    std::size_t start_;
    std::uint8_t* octets_;  // Of envelope and header; null: the room did not suffice.
};

}  // namespace idnode::handle
