#include "protocol/handle/envelope.h"

namespace idnode::handle {

namespace {

constexpr std::uint8_t kSuggestedMajorBits = 0x03;
constexpr std::uint32_t kNegative = 0x80000000;  // Peers read the length as a signed number.

bool is_known_major(std::uint8_t major) {
    return major == 1 || major == 2 || major == 3 || major == 5;
}

}  // namespace

Result<Envelope> decode_envelope(Reader& in) {
    Envelope envelope;
    envelope.major_version = in.u8();
    envelope.minor_version = in.u8();
    const std::uint8_t bits = in.u8();
    envelope.flags = bits & static_cast<std::uint8_t>(~kSuggestedMajorBits);
    envelope.suggested_major = bits & kSuggestedMajorBits;
    envelope.suggested_minor = in.u8();
    envelope.session_id = in.u32();
    envelope.request_id = in.u32();
    envelope.sequence_number = in.u32();
    envelope.message_length = in.u32();
    if (!in.ok() || !is_known_major(envelope.major_version) ||
        envelope.message_length >= kNegative) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "envelope"});
    }
    return envelope;
}

void encode_envelope(Writer& out, const Envelope& envelope) {
    out.u8(envelope.major_version);
    out.u8(envelope.minor_version);
    out.u8(static_cast<std::uint8_t>((envelope.flags & ~kSuggestedMajorBits) |
                                     (envelope.suggested_major & kSuggestedMajorBits)));
    out.u8(envelope.suggested_minor);
    out.u32(envelope.session_id);
    out.u32(envelope.request_id);
    out.u32(envelope.sequence_number);
    out.u32(envelope.message_length);
}

}  // namespace idnode::handle
