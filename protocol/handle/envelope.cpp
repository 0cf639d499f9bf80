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
    const std::uint8_t* const octets = in.take<kEnvelopeSize>();
    if (octets == nullptr) return tl::unexpected(Error{ErrorKind::kMalformed, "envelope"});
    Envelope envelope;
    envelope.major_version = octets[0];
    envelope.minor_version = octets[1];
    envelope.flags = octets[2] & static_cast<std::uint8_t>(~kSuggestedMajorBits);
    envelope.suggested_major = octets[2] & kSuggestedMajorBits;
    envelope.suggested_minor = octets[3];
    envelope.session_id = load_u32(octets + 4);
    envelope.request_id = load_u32(octets + 8);
    envelope.sequence_number = load_u32(octets + 12);
    envelope.message_length = load_u32(octets + 16);
    if (!is_known_major(envelope.major_version) || envelope.message_length >= kNegative) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "envelope"});
    }
    return envelope;
}

void encode_envelope(Writer& out, const Envelope& envelope) {
    std::uint8_t* const octets = out.take<kEnvelopeSize>();
    if (octets != nullptr) store_envelope(octets, envelope);
}

void store_envelope(std::uint8_t* octets, const Envelope& envelope) {
    octets[0] = envelope.major_version;
    octets[1] = envelope.minor_version;
    octets[2] = static_cast<std::uint8_t>((envelope.flags & ~kSuggestedMajorBits) |
                                          (envelope.suggested_major & kSuggestedMajorBits));
    octets[3] = envelope.suggested_minor;
    store_u32(octets + 4, envelope.session_id);
    store_u32(octets + 8, envelope.request_id);
    store_u32(octets + 12, envelope.sequence_number);
    store_u32(octets + 16, envelope.message_length);
}

}  // namespace idnode::handle
