// OpenSSL 3.0 allocates at every start of a digest through its EVP interface (one block a call,
// measured), and a lookup must not allocate. The older functions of the same library do not; they
// are marked deprecated, which is switched off for this file alone.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "protocol/crypto/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <new>

namespace idnode::crypto {

namespace {

struct Md5 {
    using State = MD5_CTX;
    static constexpr auto kStart = &MD5_Init;
    static constexpr auto kUpdate = &MD5_Update;
    static constexpr auto kFinish = &MD5_Final;
};

struct Sha1 {
    using State = SHA_CTX;
    static constexpr auto kStart = &SHA1_Init;
    static constexpr auto kUpdate = &SHA1_Update;
    static constexpr auto kFinish = &SHA1_Final;
};

struct Sha256 {
    using State = SHA256_CTX;
    static constexpr auto kStart = &SHA256_Init;
    static constexpr auto kUpdate = &SHA256_Update;
    static constexpr auto kFinish = &SHA256_Final;
};

// Calls `use` with the algorithm of `kind`.
template <class Use>
void with_algorithm(DigestKind kind, const Use& use) {
    switch (kind) {
        case DigestKind::kMd5:
            return use(Md5{});
        case DigestKind::kSha1:
            return use(Sha1{});
        case DigestKind::kSha256:
            return use(Sha256{});
    }
    IDN_CHECK(digest_size(kind) != 0);
}

template <class Algorithm>
typename Algorithm::State* state_in(std::uint8_t* octets) {
    return std::launder(reinterpret_cast<typename Algorithm::State*>(octets));
}

}  // namespace

Hasher::Hasher(DigestKind kind) : kind_(kind) { start(); }

void Hasher::start() {
    with_algorithm(kind_, [this]<class Algorithm>(Algorithm) {
        using State = typename Algorithm::State;
        static_assert(sizeof(State) <= kStateSizeMax);
        static_assert(alignof(State) <= alignof(std::uint64_t));
        IDN_CHECK(Algorithm::kStart(new (state_.data()) State) == 1);
    });
}

void Hasher::update(ByteSpan content) {
    with_algorithm(kind_, [&]<class Algorithm>(Algorithm) {
        auto* const state = state_in<Algorithm>(state_.data());
        IDN_CHECK(Algorithm::kUpdate(state, content.data(), content.size()) == 1);
    });
}

Digest Hasher::finish() {
    Digest digest;
    digest.size = static_cast<std::uint8_t>(digest_size(kind_));
    with_algorithm(kind_, [&]<class Algorithm>(Algorithm) {
        auto* const state = state_in<Algorithm>(state_.data());
        IDN_CHECK(Algorithm::kFinish(digest.octets.data(), state) == 1);
    });
    start();
    return digest;
}

Digest digest_of(DigestKind kind, ByteSpan content) {
    Hasher hasher(kind);
    hasher.update(content);
    return hasher.finish();
}

}  // namespace idnode::crypto
