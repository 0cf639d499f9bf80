// Numbers inside a block: little-endian ones of whole octets, and arrays of numbers of 0 to 64 bits
// that follow each other without gaps, low bits first.
//
// The caller has checked that the array lies in the block; reading looks at no octet outside of the
// readable ones that the array was made with.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "protocol/core/bytes.h"
#include "registry/varint.h"

namespace idnode::registry {

static_assert(std::endian::native == std::endian::little,
              "an LMDB file is bound to its host anyway");

template <class T>
T load_little(const std::uint8_t* octets) {
    T value;
    std::memcpy(&value, octets, sizeof value);
    return value;
}

template <class T>
bool take_little(ByteSpan& rest, T& value) {
    if (rest.size() < sizeof value) return false;
    value = load_little<T>(rest.data());
    rest = rest.subspan(sizeof value);
    return true;
}

// Octets that `count` numbers of `width` bits take.
constexpr std::size_t bits_size(std::size_t count, unsigned width) {
    return (count * width + 7) / 8;
}

constexpr std::uint64_t low_bits(unsigned width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

class BitArray {
public:
    BitArray() = default;
    // `octets` begins with the array and may go on behind it: then reading is faster.
    BitArray(ByteSpan octets, unsigned width) : octets_(octets), width_(width) {}

    [[nodiscard, gnu::always_inline]] std::uint64_t operator[](std::size_t index) const {
        const std::size_t bit = index * width_;
        const std::size_t first = bit / 8;
        const auto shift = static_cast<unsigned>(bit % 8);
        if (first + 9 > octets_.size()) return read_at_end(first, shift);
        std::uint64_t value = load_little<std::uint64_t>(octets_.data() + first) >> shift;
        if (shift + width_ > 64) value |= std::uint64_t{octets_[first + 8]} << (64 - shift);
        return value & low_bits(width_);
    }

    // Asks memory for the number.
    void prefetch(std::size_t index) const {
        __builtin_prefetch(octets_.data() + index * width_ / 8);
    }

private:
    // Seldom: kept out of the way of the other reads.
    [[nodiscard, gnu::noinline, gnu::cold]] std::uint64_t read_at_end(std::size_t first,
                                                                      unsigned shift) const {
        std::uint64_t value = 0;
        for (std::size_t i = first; i < octets_.size() && i < first + 9; ++i) {
            const auto place = static_cast<int>(8 * (i - first)) - static_cast<int>(shift);
            const std::uint64_t octet = octets_[i];
            value |= place < 0 ? octet >> -place : octet << place;
        }
        return value & low_bits(width_);
    }

    ByteSpan octets_;
    unsigned width_ = 0;
};

}  // namespace idnode::registry
