// Small numbers and sized octets of the registry's stored forms.
//
// varint: seven bits in an octet, low ones first, 0x80 on all but the last; at most five octets for
// 32 bits, and none more than needed, so that a number has one form. "sized": varint and that many
// octets. The take_ functions cut from the front of `rest`; false, with `rest` unchanged, when
// octets are missing or the number has another form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"

namespace idnode::registry {

inline constexpr std::size_t kVarintSizeMax = 5;

constexpr std::size_t varint_size(std::uint32_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

inline void append_varint(std::string& out, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

inline void append_sized(std::string& out, std::string_view octets) {
    append_varint(out, static_cast<std::uint32_t>(octets.size()));
    out.append(octets);
}

inline bool take_octets(ByteSpan& rest, std::size_t size, ByteSpan& octets) {
    if (size > rest.size()) return false;
    octets = rest.first(size);
    rest = rest.subspan(size);
    return true;
}

inline bool take_u8(ByteSpan& rest, std::uint8_t& value) {
    if (rest.empty()) return false;
    value = rest.front();
    rest = rest.subspan(1);
    return true;
}

inline bool take_varint(ByteSpan& rest, std::uint32_t& value) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kVarintSizeMax && i < rest.size(); ++i) {
        sum |= std::uint64_t{rest[i] & 0x7FU} << (7 * i);
        if ((rest[i] & 0x80U) != 0) continue;
        if ((rest[i] == 0 && i > 0) || sum > UINT32_MAX) return false;
        value = static_cast<std::uint32_t>(sum);
        rest = rest.subspan(i + 1);
        return true;
    }
    return false;
}

inline bool take_sized(ByteSpan& rest, ByteSpan& octets) {
    ByteSpan after = rest;
    std::uint32_t size = 0;
    if (!take_varint(after, size) || !take_octets(after, size, octets)) return false;
    rest = after;
    return true;
}

}  // namespace idnode::registry
