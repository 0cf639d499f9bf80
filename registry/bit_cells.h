// A bitmap cut in cells of 64 octets: rank:u16, the ones in the cells before, then 496 bits; the
// last cell ends with its last bit (bitmap_size() of block_layout.h). So a bit and the ones in
// front of it are read from one cell.
//
// The caller has checked that the cells hold the bit.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "registry/bits.h"
#include "registry/block_layout.h"
#include "registry/block_writer.h"

namespace idnode::registry {

// Ones before a place, and whether there is one at it.
struct Rank {
    std::size_t before = 0;
    bool is_one = false;
};

inline std::size_t count_ones(std::uint64_t word) {
    return static_cast<std::size_t>(std::popcount(word));
}

inline Rank rank_in_cells(ByteSpan cells, std::size_t place) {
    const std::size_t bit = place % kCellBitCount;
    const ByteSpan cell = cells.subspan(place / kCellBitCount * kCellSize);
    const ByteSpan bits = cell.subspan(2);
    std::size_t before = load_little<std::uint16_t>(cell.data());
    std::size_t octet = 0;
    for (; octet + 8 <= bit / 8; octet += 8) {
        before += count_ones(load_little<std::uint64_t>(bits.data() + octet));
    }
    std::uint64_t word = 0;  // The octets up to the one that the bit is in: at most 8.
    std::memcpy(&word, bits.data() + octet, bit / 8 + 1 - octet);
    const std::size_t shift = bit - 8 * octet;
    before += count_ones(word & low_bits(static_cast<unsigned>(shift)));
    return {before, (word >> shift & 1U) != 0};
}

inline bool bit_in_cells(ByteSpan cells, std::size_t place) {
    const std::size_t bit = place % kCellBitCount;
    const std::size_t cell = place / kCellBitCount * kCellSize;
    const unsigned octet = cells[cell + 2 + bit / 8];
    return (octet >> bit % 8 & 1U) != 0;
}

// Writes cells of `bit_count` bits in which the bits place_at(0) to place_at(count - 1), which
// ascend, are ones.
template <class PlaceAt>
void write_cells(std::size_t bit_count, std::size_t count, PlaceAt place_at, BlockWriter& out) {
    std::size_t done = 0;
    for (std::size_t start = 0; start < bit_count; start += kCellBitCount) {
        const std::size_t bits = std::min(kCellBitCount, bit_count - start);
        out.u16(done);
        std::uint8_t* const cell = out.take(bits_size(bits, 1));
        for (; done < count && place_at(done) < start + bits; ++done) {
            const std::size_t bit = place_at(done) - start;
            cell[bit / 8] = static_cast<std::uint8_t>(cell[bit / 8] | 1U << bit % 8);
        }
    }
}

}  // namespace idnode::registry
