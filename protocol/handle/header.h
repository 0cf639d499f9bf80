// The 24 octets behind the envelope of every message (RFC 3652, section 2.2.2):
//
//     operation:u32 response_code:u32 flags:u32 site_serial:u16 recursion_count:u8 reserved:u8
//     expiration:u32 body_length:u32
//
// Pure: bytes in, struct out. No allocation, no clock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/codes.h"

namespace idnode::handle {

inline constexpr std::size_t kHeaderSize = 24;

struct Header {
    OperationCode operation = OperationCode::kReserved;
    ResponseCode response_code = ResponseCode::kNone;  // As on the wire; kNone in a request.
    std::uint32_t flags = 0;                           // kFlag… bits; unknown ones are kept.
    std::uint16_t site_serial = kNoSiteSerial;
    std::uint8_t recursion_count = 0;
    std::uint8_t reserved = 0;
    std::uint32_t expiration = 0;   // Seconds since 1970; clients' clocks are often wrong.
    std::uint32_t body_length = 0;  // Octets; not compared with what follows.
};

// Fails with kMalformed when octets are missing.
Result<Header> decode_header(Reader& in);

void encode_header(Writer& out, const Header& header);
// The same to kHeaderSize octets of room.
void store_header(std::uint8_t* octets, const Header& header);

}  // namespace idnode::handle
