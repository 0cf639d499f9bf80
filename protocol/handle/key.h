// Public keys in the binary form of the Handle system, as HS_PUBKEY values and site records hold
// them (RFC 3651, section 3.2.2).
//
//     kind:sized ("RSA_PUB_KEY", "DSA_PUB_KEY") flags:u16 numbers, each sized
//     RSA: e n, then four zero octets that the first writer left over; DSA: q p g y
//
// Numbers are unsigned and big-endian without leading zeros here; on the wire one zero octet stands
// in front when the top bit is set. Views point into the data. Other kinds (SM2_PUB_KEY,
// DH_PUB_KEY, PEM text) are kUnsupported: carried as octets. No judgement on a key's strength.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "protocol/core/result.h"

namespace idnode::handle {

enum class KeyKind : std::uint8_t { kRsa, kDsa };

struct PublicKeyView {
    KeyKind kind = KeyKind::kRsa;
    std::array<ByteSpan, 4> numbers;  // RSA: e, n. DSA: q, p, g, y.

    [[nodiscard]] std::size_t number_count() const { return kind == KeyKind::kRsa ? 2 : 4; }
    [[nodiscard]] std::span<const ByteSpan> used_numbers() const IDN_LIFETIME_BOUND {
        return std::span(numbers).first(number_count());
    }
    // Bits of the RSA modulus or of the DSA prime p.
    [[nodiscard]] std::size_t bits() const;
};

// Flags and, for RSA, the last four octets are read over; anything else left over is kMalformed.
Result<PublicKeyView> decode_public_key(ByteSpan data);

// The canonical octets: flags 0, shortest numbers, RSA with its four zero octets.
void encode_public_key(Writer& out, const PublicKeyView& key);
std::size_t encoded_size(const PublicKeyView& key);

// True for a key as PEM text: five dashes in front (both SDKs look at no more).
bool is_pem(ByteSpan data);

}  // namespace idnode::handle
