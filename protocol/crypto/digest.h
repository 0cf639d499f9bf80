// Message digests MD5, SHA-1 and SHA-256, in one call or piece by piece. MD5 and SHA-1 are there
// because the protocol names them (server selection, old request digests), not for security.
//
// Pure: no allocation, no clock, nothing shared between threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"

namespace idnode::crypto {

// The numbers are those of the Handle protocol's digest type octet.
enum class DigestKind : std::uint8_t { kMd5 = 1, kSha1 = 2, kSha256 = 3 };

inline constexpr std::size_t kDigestSizeMax = 32;

constexpr std::size_t digest_size(DigestKind kind) {
    switch (kind) {
        case DigestKind::kMd5:
            return 16;
        case DigestKind::kSha1:
            return 20;
        case DigestKind::kSha256:
            return 32;
    }
    return 0;
}

struct Digest {
    std::array<std::uint8_t, kDigestSizeMax> octets{};
    std::uint8_t size = 0;
    [[nodiscard]] ByteSpan bytes() const IDN_LIFETIME_BOUND { return {octets.data(), size}; }
};

Digest digest_of(DigestKind kind, ByteSpan content);

// One digest after the other: update as often as needed, finish gives the digest and starts anew. A
// copy goes on from the same place.
class Hasher {
public:
    explicit Hasher(DigestKind kind);

    void update(ByteSpan content);
    Digest finish();

private:
    static constexpr std::size_t kStateSizeMax = 128;

    void start();

    DigestKind kind_;
    // The library's own state of the digest, of a type that this header does not know.
    alignas(std::uint64_t) std::array<std::uint8_t, kStateSizeMax> state_;
};

}  // namespace idnode::crypto
