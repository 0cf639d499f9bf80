// Hashes and permutations of integers: what makes the generated data random and yet the same on
// every machine. Integers only. Not for security.
#pragma once

#include <bit>
#include <cstdint>

namespace idnode::bench {

__extension__ using U128 = unsigned __int128;

// The low and the high half of a product, xored.
constexpr std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
    const U128 product = U128{a} * b;
    // cppcheck-suppress shiftTooManyBits ; it takes a U128 for 64 bits
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// High half of a product: maps a hash evenly onto [0, bound).
constexpr std::uint64_t scaled(std::uint64_t hash, std::uint64_t bound) {
    // cppcheck-suppress shiftTooManyBits ; as above
    return static_cast<std::uint64_t>(U128{hash} * bound >> 64);
}

// An even 64-bit value for each pair.
constexpr std::uint64_t hash64(std::uint64_t seed, std::uint64_t number) {
    const std::uint64_t once =
        fold_product(seed ^ 0x9E37'79B9'7F4A'7C15, number ^ 0xE703'7ED1'A0B4'28DB);
    return fold_product(once ^ 0x8EBC'6AF0'9C88'C6E3, once + 0x5899'65CC'7537'4CC3);
}

// A bijection of [0, size): a few invertible steps on the next power of two, repeated while the
// result lies outside (fewer than two turns on average).
class Permutation {
public:
    Permutation() = default;
    Permutation(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
        const int width = size < 2 ? 1 : static_cast<int>(std::bit_width(size - 1));
        mask_ = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
        shift_ = (width + 1) / 2;
    }

    // `number` must be below the size.
    [[nodiscard]] std::uint64_t operator()(std::uint64_t number) const {
        do {
            for (std::uint64_t round = 0; round < 3; ++round) {
                number = (number * kMultiplier + hash_of(round)) & mask_;
                number ^= number >> shift_;
            }
        } while (number >= size_);
        return number;
    }

private:
    static constexpr std::uint64_t kMultiplier = 0xD134'2543'DE82'EF95;  // Odd: invertible.

    [[nodiscard]] std::uint64_t hash_of(std::uint64_t round) const {
        return std::rotl(seed_, static_cast<int>(round * 21U));
    }

    std::uint64_t size_ = 1;
    std::uint64_t seed_ = 0;
    std::uint64_t mask_ = 1;
    int shift_ = 1;
};

}  // namespace idnode::bench
