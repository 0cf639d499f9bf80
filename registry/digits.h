// Up to eight octets of a text as one number, at once.
//
// The octets stand in a word as in memory, the first one lowest; what a text of fewer octets leaves
// of it is zero. Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace idnode::registry {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t kWordSize = 8;
inline constexpr std::uint64_t kEachOctet = 0x0101'0101'0101'0101;  // Times an octet: eight of it.

// The first `size` octets, at most kWordSize; looks at no other.
inline std::uint64_t load_short(const char* text, std::size_t size) {
    if (size >= kWordSize) {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        return word;
    }
    if (size >= 4) {
        std::uint32_t low = 0;
        std::uint32_t high = 0;
        std::memcpy(&low, text, sizeof low);
        std::memcpy(&high, text + size - 4, sizeof high);
        return low | std::uint64_t{high} << (8 * (size - 4));
    }
    std::uint64_t word = 0;
    for (std::size_t i = size; i-- > 0;) word = word << 8 | static_cast<unsigned char>(text[i]);
    return word;
}

// `size` octets, at least one, moved up to the end of the word, so that the last one is the
// highest.
constexpr std::uint64_t moved_up(std::uint64_t word, std::size_t size) {
    return word << (8 * (kWordSize - size) % 64);
}

// The values of `size` decimal or hexadecimal digits (upper case), moved up; false: another octet
// is among them.
inline bool decimal_values(std::uint64_t word, std::size_t size, std::uint64_t& values) {
    constexpr std::uint64_t kHighHalves = kEachOctet * 0xF0;
    values = moved_up(word ^ (kEachOctet * '0'), size);
    return ((values | (values + kEachOctet * 6)) & kHighHalves) == 0;
}
inline bool hex_values(std::uint64_t word, std::size_t size, std::uint64_t& values) {
    word = moved_up(word, size);
    const std::uint64_t is_letter = word >> 6 & kEachOctet;
    values = (word & kEachOctet * 0x0F) + is_letter * 9;
    // Only digits come out again as they were; in front of them there are no octets.
    const std::uint64_t from_ten = (values + kEachOctet * 6) >> 4 & kEachOctet;
    const std::uint64_t again = values + moved_up(kEachOctet * '0', size) + from_ten * 7;
    return again == word && (values & kEachOctet * 0xF0) == 0;
}

// The number whose digits, of a radix up to 16, the octets are, the lowest one first.
template <std::uint64_t radix>
std::uint64_t join_values(std::uint64_t values) {
    static_assert(radix <= 16);
    constexpr std::uint64_t kSquare = radix * radix;
    values = (values * radix + (values >> 8)) & 0x00FF'00FF'00FF'00FF;
    values = (values * kSquare + (values >> 16)) & 0x0000'FFFF'0000'FFFF;
    return (values * kSquare * kSquare + (values >> 32)) & 0xFFFF'FFFF;
}

}  // namespace idnode::registry
