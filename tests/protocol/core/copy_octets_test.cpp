#include "protocol/core/copy_octets.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace idnode {
namespace {

// The sanitizer sees a look beside either piece: both are as long as what is copied.
TEST(CopyOctets, CopiesEverySizeAndNothingBeside) {
    for (std::size_t size = 0; size <= 200; ++size) {
        std::vector<std::uint8_t> from(size);
        std::iota(from.begin(), from.end(), std::uint8_t{1});
        from.shrink_to_fit();
        std::vector<std::uint8_t> to(size, 0xEE);
        to.shrink_to_fit();
        copy_octets(to.data(), from.data(), size);
        EXPECT_EQ(to, from) << size;
    }
}

TEST(CopyOctets, LeavesWhatStandsAround) {
    for (std::size_t size = 0; size <= 100; ++size) {
        const std::vector<std::uint8_t> from(size, 7);
        std::vector<std::uint8_t> to(size + 2, 0xEE);
        copy_octets(to.data() + 1, from.data(), size);
        EXPECT_EQ(to.front(), 0xEE) << size;
        EXPECT_EQ(to.back(), 0xEE) << size;
        EXPECT_EQ(std::vector<std::uint8_t>(to.begin() + 1, to.end() - 1), from) << size;
    }
}

}  // namespace
}  // namespace idnode
