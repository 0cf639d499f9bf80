#include "bench/draws.h"

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

void expect_ascending(std::uint64_t count, std::uint64_t space) {
    DrawReader reader(4, count, space);
    std::uint64_t last = reader.number(0);
    for (std::uint64_t i = 1; i < count; ++i) {
        const std::uint64_t number = reader.number(i);
        ASSERT_LT(last, number) << "number " << i << " of " << count;
        last = number;
    }
    ASSERT_LT(last, space);
}

TEST(Draws, AreStrictlyAscendingAtEveryLengthOfTheLastSlice) {
    for (std::uint64_t count = 1; count <= 200; ++count) expect_ascending(count, 1'000'000'000'000);
}

TEST(Draws, AreStrictlyAscendingInTheNarrowestSlices) {
    expect_ascending(640, 10 * 65);
    expect_ascending(6'400, 100 * 80);
}

TEST(Draws, CoverTheWholeSpace) {
    expect_ascending(100'000, UINT64_MAX);
    DrawReader reader(4, 100'000, UINT64_MAX);
    EXPECT_LT(reader.number(0), UINT64_MAX / 10'000);
    EXPECT_GT(reader.number(99'999), UINT64_MAX - UINT64_MAX / 2'000);
}

TEST(Draws, AreTheSameInAnyOrder) {
    DrawReader forward(8, 1'000, 1'000'000);
    DrawReader backward(8, 1'000, 1'000'000);
    std::array<std::uint64_t, 1'000> numbers{};
    for (std::size_t i = 0; i < 1'000; ++i) numbers[i] = forward.number(i);
    for (std::size_t i = 1'000; i-- > 0;) ASSERT_EQ(backward.number(i), numbers[i]);
}

TEST(Draws, HaveGapsOfAllSizes) {
    DrawReader reader(9, 64'000, 64'000'000);  // Mean gap 1,000.
    int small = 0;
    int large = 0;
    for (std::uint64_t i = 1; i < 64'000; ++i) {
        const std::uint64_t gap = reader.number(i) - reader.number(i - 1);
        if (gap < 100) ++small;
        if (gap > 3'000) ++large;
    }
    EXPECT_NEAR(small / 64'000.0, 0.095, 0.01);  // 1 - e^-0.1
    EXPECT_NEAR(large / 64'000.0, 0.050, 0.01);  // e^-3
}

}  // namespace
}  // namespace idnode::bench
