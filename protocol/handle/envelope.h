// The 20 octets in front of every Handle protocol message and of each of its UDP packets (RFC 3652,
// section 2.2.1, with the suggested version of Handle.Net in its flag field):
//
//     major:u8 minor:u8 flags:6 bits, suggested_major:2 bits suggested_minor:u8
//     session_id:u32 request_id:u32 sequence_number:u32 message_length:u32
//
// Pure: bytes in, struct out. No allocation, no clock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

inline constexpr std::size_t kEnvelopeSize = 20;
// Where the request id stands in the envelope.
inline constexpr std::size_t kRequestIdOffset = 8;

struct Envelope {
    std::uint8_t major_version = 2;
    std::uint8_t minor_version = 11;
    std::uint8_t flags = 0;            // kEnvelope… bits; unknown ones are kept.
    std::uint8_t suggested_major = 2;  // 0 to 3; 0: nothing suggested.
    std::uint8_t suggested_minor = 11;
    std::uint32_t session_id = 0;       // 0: no session.
    std::uint32_t request_id = 0;       // Chosen by the client; the answer repeats it.
    std::uint32_t sequence_number = 0;  // Number of a UDP packet from 0; else 0.
    std::uint32_t message_length = 0;   // Header to credential, over all packets of the message.
};

// Fails with kMalformed when octets are missing, the major version is not 1, 2, 3 or 5, or the
// length is negative: nobody can be answered then. A length above kMessageSizeMax is for the caller
// to judge. Reads nothing behind the envelope.
Result<Envelope> decode_envelope(Reader& in);

void encode_envelope(Writer& out, const Envelope& envelope);
// The same to kEnvelopeSize octets of room.
void store_envelope(std::uint8_t* octets, const Envelope& envelope);

}  // namespace idnode::handle
