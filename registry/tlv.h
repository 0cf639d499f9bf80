// Lists of TLVs, with which stored records end: room for what later versions keep there.
//
//     each: tag:u8 content:sized (varint.h), up to the end of the octets
//
// A tag with the bit 0x80 is critical: who does not know it must not use the record. Any other
// unknown one is carried along unchanged. An empty list takes no octets.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::registry {

inline constexpr std::uint8_t kTlvCritical = 0x80;

void append_tlv(std::string& out, std::uint8_t tag, ByteSpan content);

// Walks a list: fails with kCorrupt when it is cut short, with kUnsupported when it holds a
// critical tag that is not among `known`.
Result<Done> check_tlvs(ByteSpan list, std::span<const std::uint8_t> known = {});

}  // namespace idnode::registry
