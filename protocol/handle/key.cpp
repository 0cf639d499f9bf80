#include "protocol/handle/key.h"

#include <algorithm>
#include <bit>

namespace idnode::handle {

namespace {

constexpr std::string_view kRsaKind = "RSA_PUB_KEY";
constexpr std::string_view kDsaKind = "DSA_PUB_KEY";
constexpr std::string_view kPemStart = "-----";

// What the first writer left over behind an RSA key; all later ones write it too.
constexpr std::size_t kRsaTailSize = 4;

std::string_view kind_name(KeyKind kind) { return kind == KeyKind::kRsa ? kRsaKind : kDsaKind; }

ByteSpan without_leading_zeros(ByteSpan number) {
    const auto first = std::ranges::find_if(number, [](std::uint8_t octet) { return octet != 0; });
    return number.subspan(static_cast<std::size_t>(first - number.begin()));
}

// Two's complement needs a zero octet in front of a set top bit, and one for zero itself.
bool needs_zero(ByteSpan number) { return number.empty() || (number[0] & 0x80) != 0; }

}  // namespace

std::size_t PublicKeyView::bits() const {
    const ByteSpan number = numbers[1];  // RSA's n and DSA's p stand at the same place.
    if (number.empty()) return 0;
    return number.size() * 8 - static_cast<std::size_t>(std::countl_zero(number[0]));
}

Result<PublicKeyView> decode_public_key(ByteSpan data) {
    Reader in(data);
    const std::string_view kind = in.sized_text();
    if (!in.ok()) return tl::unexpected(Error{ErrorKind::kMalformed, "public key"});
    if (kind != kRsaKind && kind != kDsaKind) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "kind of public key"});
    }
    PublicKeyView key;
    key.kind = kind == kRsaKind ? KeyKind::kRsa : KeyKind::kDsa;
    in.u16();
    for (std::size_t i = 0; i < key.number_count(); ++i) {
        key.numbers[i] = without_leading_zeros(in.sized_bytes());
    }
    if (key.kind == KeyKind::kRsa && in.remaining() == kRsaTailSize) in.rest();
    if (!in.at_end()) return tl::unexpected(Error{ErrorKind::kMalformed, "public key"});
    return key;
}

void encode_public_key(Writer& out, const PublicKeyView& key) {
    out.sized_text(kind_name(key.kind));
    out.u16(0);
    for (const ByteSpan number : key.used_numbers()) {
        const ByteSpan shortest = without_leading_zeros(number);
        const std::uint32_t zeros = needs_zero(shortest) ? 1 : 0;
        out.u32(static_cast<std::uint32_t>(shortest.size()) + zeros);
        if (zeros != 0) out.u8(0);
        out.bytes(shortest);
    }
    if (key.kind == KeyKind::kRsa) out.u32(0);
}

std::size_t encoded_size(const PublicKeyView& key) {
    std::size_t size = 4 + kind_name(key.kind).size() + 2;
    for (const ByteSpan number : key.used_numbers()) {
        const ByteSpan shortest = without_leading_zeros(number);
        size += 4 + shortest.size() + (needs_zero(shortest) ? 1 : 0);
    }
    return size + (key.kind == KeyKind::kRsa ? kRsaTailSize : 0);
}

bool is_pem(ByteSpan data) { return to_text(data).starts_with(kPemStart); }

}  // namespace idnode::handle
