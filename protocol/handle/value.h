// One value of an identifier in its wire form (RFC 3651, section 3.1):
//
//     index:u32 timestamp:u32 ttl_type:u8 ttl:u32 permissions:u8
//     type:sized data:sized references:u32 count, each handle:sized index:u32
//
// A ValueView points into the octets it was decoded from. Decoding allocates nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

inline constexpr std::size_t kValueSizeMin = 26;
inline constexpr std::size_t kReferenceSizeMin = 8;

// Bits of ValueView::permissions.
inline constexpr std::uint8_t kAdminRead = 0x08;
inline constexpr std::uint8_t kAdminWrite = 0x04;
inline constexpr std::uint8_t kPublicRead = 0x02;
inline constexpr std::uint8_t kPublicWrite = 0x01;
inline constexpr std::uint8_t kPermissionsDefault = kAdminRead | kAdminWrite | kPublicRead;

inline constexpr std::uint8_t kTtlRelative = 0;  // Seconds.
inline constexpr std::uint8_t kTtlAbsolute = 1;  // Seconds since 1970.
inline constexpr std::uint32_t kTtlDefault = 86'400;

// What a reference list without items looks like.
inline constexpr std::uint8_t kNoReferences[4] = {0, 0, 0, 0};

struct ValueView {
    std::uint32_t index = 0;
    std::uint32_t timestamp = 0;  // Seconds since 1970.
    std::uint8_t ttl_type = kTtlRelative;
    std::uint8_t permissions = kPermissionsDefault;
    std::uint32_t ttl = kTtlDefault;
    std::string_view type;
    ByteSpan data;
    ByteSpan references = kNoReferences;  // In wire form from the count on, checked when decoded.
};

// Fails with kMalformed when octets are missing or a count cannot fit.
Result<ValueView> decode_value(Reader& in);

void encode_value(Writer& out, const ValueView& value);

// Octets of the wire form.
inline std::size_t encoded_size(const ValueView& value) {
    return 4 + 4 + 1 + 4 + 1 + 4 + value.type.size() + 4 + value.data.size() +
           value.references.size();
}

}  // namespace idnode::handle
