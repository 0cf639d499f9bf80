// Message digests MD5, SHA-1 and SHA-256, in one call or piece by piece. MD5 and SHA-1 are there
// because the protocol names them (server selection, old request digests), not for security.
//
// digest_of allocates nothing after a thread's first call. Safe from any thread; a Hasher belongs
// to one thread at a time. Ends the process when the library does not offer an algorithm.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

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

// One digest after the other: update as often as needed, finish gives the digest and starts anew.
class Hasher {
public:
    explicit Hasher(DigestKind kind);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void update(ByteSpan content);
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace idnode::crypto
