#include "protocol/handle/server_hash.h"

#include <algorithm>
#include <array>

#include "protocol/core/bytes.h"
#include "protocol/core/identifier.h"
#include "protocol/crypto/digest.h"

namespace idnode::handle {

namespace {

constexpr std::string_view kPrefixOfSlashless = "0.NA";

std::string_view hashed_part(std::string_view identifier, std::uint8_t hash_option) {
    const std::size_t prefix_size = prefix_size_of(identifier);
    const bool slashless = prefix_size == identifier.size();
    if (hash_option == kHashByPrefix) {
        return slashless ? kPrefixOfSlashless : identifier.substr(0, prefix_size);
    }
    if (hash_option == kHashBySuffix && !slashless) return identifier.substr(prefix_size + 1);
    return identifier;
}

}  // namespace

std::uint32_t server_hash(std::string_view identifier, std::uint8_t hash_option) {
    crypto::Hasher hasher(crypto::DigestKind::kMd5);
    std::array<char, 256> folded;
    std::string_view rest = hashed_part(identifier, hash_option);
    while (!rest.empty()) {
        const std::string_view piece = rest.substr(0, folded.size());
        std::ranges::transform(piece, folded.begin(), fold_ascii);
        hasher.update(to_bytes(std::string_view(folded.data(), piece.size())));
        rest.remove_prefix(piece.size());
    }
    const crypto::Digest digest = hasher.finish();
    Reader in(digest.bytes().last(4));
    const std::uint32_t number = in.u32();
    // The absolute value of the number read as signed; -2^31 stays 2^31.
    return (number & 0x80000000U) != 0 ? 0U - number : number;
}

std::uint32_t server_for(std::string_view identifier, std::uint8_t hash_option,
                         std::uint32_t server_count) {
    return server_count == 0 ? 0 : server_hash(identifier, hash_option) % server_count;
}

}  // namespace idnode::handle
