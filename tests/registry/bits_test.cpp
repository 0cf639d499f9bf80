#include "registry/bits.h"

#include <vector>

#include <gtest/gtest.h>

#include "registry/block_writer.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

TEST(BitArray, ComesBackAtEveryWidthAndEndsWithItsOctets) {
    for (unsigned width = 0; width <= 64; ++width) {
        for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 65U}) {
            const auto number_at = [&](std::size_t i) {
                return (0x9E37'79B9'7F4A'7C15U * (i + 1)) & low_bits(width);
            };
            std::vector<std::uint8_t> octets(bits_size(count, width));
            BlockWriter out(octets);
            out.bits(count, width, number_at);
            EXPECT_EQ(out.position(), octets.size());
            const HeapCopy copy(octets);
            octets.resize(octets.size() + 32, 0xFF);
            const BitArray at_end(copy.bytes(), width);
            const BitArray inside(octets, width);
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(at_end[i], number_at(i)) << width;
                ASSERT_EQ(inside[i], number_at(i)) << width;
            }
        }
    }
}

}  // namespace
}  // namespace idnode::registry
