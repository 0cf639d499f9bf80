// A short text in a buffer of its own size, for rows that are formatted millions of times a second.
// What does not fit ends the program: the sizes are ours.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/core/check.h"

namespace idnode::bench {

// Decimal digits of `value`, zeros in front, exactly `width` of them (higher digits are lost).
inline void write_decimal(char* out, std::uint64_t value, int width) {
    for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

template <std::size_t capacity>
class FixedText {
public:
    FixedText() = default;
    explicit FixedText(std::string_view text) { append(text); }

    void clear() { size_ = 0; }
    void append(std::string_view text) { std::memcpy(grow(text.size()), text.data(), text.size()); }
    void append(char c) { *grow(1) = c; }
    void append_decimal(std::uint64_t value, int width) {
        write_decimal(grow(static_cast<std::size_t>(width)), value, width);
    }
    void append_hex(std::uint64_t value, const char* digits) {
        char* const out = grow(16);
        for (int i = 15; i >= 0; --i, value >>= 4) out[i] = digits[value & 15];
    }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view view() const IDN_LIFETIME_BOUND {
        return {octets_.data(), size_};
    }

    // Room for `count` more characters, which the caller sets.
    char* grow(std::size_t count) {
        IDN_CHECK(count <= capacity - size_);
        char* const start = octets_.data() + size_;
        size_ = static_cast<std::uint8_t>(size_ + count);
        return start;
    }

private:
    static_assert(capacity < 256);
    std::array<char, capacity> octets_;  // Only the first size_ are set.
    std::uint8_t size_ = 0;
};

}  // namespace idnode::bench
