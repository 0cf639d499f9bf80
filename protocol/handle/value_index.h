// Indexes of values that may be registered and asked for: 1 to 2147483647, which is what the peers,
// whose integers have a sign, can hold. The wire form takes any 32 bits.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace idnode::handle {

inline constexpr std::uint32_t kValueIndexMax = 0x7FFF'FFFF;

constexpr bool is_value_index(std::uint32_t index) { return index >= 1 && index <= kValueIndexMax; }

// Decimal digits and nothing else.
inline std::optional<std::uint32_t> parse_value_index(std::string_view text) {
    std::uint32_t index = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, index);
    if (fault != std::errc{} || stopped != end || !is_value_index(index)) return std::nullopt;
    return index;
}

}  // namespace idnode::handle
