#include "protocol/handle/frame.h"

#include "protocol/core/limits.h"
#include "protocol/handle/codes.h"

namespace idnode::handle {

namespace {

constexpr std::size_t kMessageLengthOffset = 16;                  // In the envelope.
constexpr std::size_t kBodyLengthOffset = kEnvelopeSize + 20;     // From the envelope's start.
constexpr std::size_t kBodyOffset = kEnvelopeSize + kHeaderSize;  // The same.

tl::unexpected<Error> malformed(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kMalformed, where});
}

}  // namespace

Result<Frame> decode_frame(const Envelope& envelope, ByteSpan message) {
    Reader in(message);
    const Result<Header> header = decode_header(in);
    if (!header) return tl::unexpected(header.error());
    Frame frame;
    frame.header = *header;
    if (auto rest = decode_frame(envelope, *header, message, frame); !rest) {
        return tl::unexpected(rest.error());
    }
    return frame;
}

Result<Done> decode_frame(const Envelope& envelope, const Header& header, ByteSpan message,
                          Frame& frame) {
    if ((envelope.flags & kEnvelopeEncrypted) != 0) return malformed("encrypted message");
    if (message.size() > kMessageSizeMax || message.size() != envelope.message_length) {
        return malformed("message length");
    }
    if (message.size() < kHeaderSize) return malformed("header");
    Reader in(message.subspan(kHeaderSize));
    frame.body = in.bytes(header.body_length);
    if (!in.ok()) return malformed("body length");
    if (in.remaining() != 0) {
        frame.credential = in.sized_bytes();
        if (!in.at_end()) return malformed("credential length");
    }
    return Done{};
}

FrameWriter::FrameWriter(Writer& out, const Envelope& envelope, const Header& header)
    : out_(out), start_(out.position()), octets_(out.take<kBodyOffset>()) {
    if (octets_ == nullptr) return;
    store_envelope(octets_, envelope);
    store_header(octets_ + kEnvelopeSize, header);
}

void FrameWriter::finish(std::optional<ByteSpan> credential) {
    if (!out_.ok()) return;
    const std::size_t body_size = out_.position() - start_ - kBodyOffset;
    if (credential) out_.sized_bytes(*credential);
    if (!out_.ok()) return;
    const std::size_t message_size = out_.position() - start_ - kEnvelopeSize;
    store_u32(octets_ + kMessageLengthOffset, static_cast<std::uint32_t>(message_size));
    store_u32(octets_ + kBodyLengthOffset, static_cast<std::uint32_t>(body_size));
}

}  // namespace idnode::handle
