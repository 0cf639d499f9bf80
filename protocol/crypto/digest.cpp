#include "protocol/crypto/digest.h"

#include <openssl/evp.h>

#include "protocol/core/c_ptr.h"

namespace idnode::crypto {

namespace {

using DigestContext = CPtr<EVP_MD_CTX, &EVP_MD_CTX_free>;

// Fetched once and kept: looking an algorithm up costs far more than digesting a message.
const EVP_MD* fetch(const char* name) {
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    IDN_CHECK(algorithm != nullptr);
    return algorithm;
}

const EVP_MD* algorithm_of(DigestKind kind) {
    if (kind == DigestKind::kMd5) {
        static const EVP_MD* const kMd5 = fetch("MD5");
        return kMd5;
    }
    if (kind == DigestKind::kSha1) {
        static const EVP_MD* const kSha1 = fetch("SHA1");
        return kSha1;
    }
    static const EVP_MD* const kSha256 = fetch("SHA256");
    return kSha256;
}

}  // namespace

struct Hasher::Context {
    DigestKind kind;
    DigestContext state;

    explicit Context(DigestKind digest_kind) : kind(digest_kind), state(EVP_MD_CTX_new()) {
        IDN_CHECK(state != nullptr);
        start();
    }
    // Another start with the same algorithm uses the same memory.
    void start() const {
        IDN_CHECK(EVP_DigestInit_ex2(state.get(), algorithm_of(kind), nullptr) == 1);
    }
};

Hasher::Hasher(DigestKind kind) : context_(std::make_unique<Context>(kind)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(ByteSpan content) {
    IDN_CHECK(EVP_DigestUpdate(context_->state.get(), content.data(), content.size()) == 1);
}

Digest Hasher::finish() {
    Digest digest;
    unsigned int size = 0;
    IDN_CHECK(EVP_DigestFinal_ex(context_->state.get(), digest.octets.data(), &size) == 1);
    IDN_CHECK(size == digest_size(context_->kind));
    digest.size = static_cast<std::uint8_t>(size);
    context_->start();
    return digest;
}

Digest digest_of(DigestKind kind, ByteSpan content) {
    // One for each kind, since changing the kind of a context gives its memory back.
    thread_local std::array<Hasher, 3> hashers{Hasher(DigestKind::kMd5), Hasher(DigestKind::kSha1),
                                               Hasher(DigestKind::kSha256)};
    Hasher& hasher = hashers[static_cast<std::size_t>(kind) - 1];
    hasher.update(content);
    return hasher.finish();
}

}  // namespace idnode::crypto
