// The checksum of stored octets: the low 32 bits of XXH3-64. It finds what a disk or a stray write
// did; it does not protect against anyone's intent (the journal's SHA-256 chain does).
#pragma once

#include <xxhash.h>

#include <cstdint>

#include "protocol/core/bytes.h"

namespace idnode::registry {

inline std::uint32_t checksum_of(ByteSpan octets) {
    return static_cast<std::uint32_t>(XXH3_64bits(octets.data(), octets.size()));
}

}  // namespace idnode::registry
