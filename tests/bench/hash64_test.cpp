#include "bench/hash64.h"

#include <vector>

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

TEST(Permutation, HitsEachNumberOnceAtEverySmallSize) {
    for (std::uint64_t size = 1; size <= 300; ++size) {
        const Permutation permutation(size, hash64(7, size));
        std::vector<bool> hit(size);
        for (std::uint64_t i = 0; i < size; ++i) {
            const std::uint64_t to = permutation(i);
            ASSERT_LT(to, size);
            ASSERT_FALSE(hit[to]) << size << ": " << to;
            hit[to] = true;
        }
    }
}

TEST(Permutation, LeavesFewNeighboursTogether) {
    constexpr std::uint64_t kSize = 100'000;
    const Permutation permutation(kSize, 12'345);
    std::uint64_t close = 0;
    for (std::uint64_t i = 1; i < kSize; ++i) {
        const std::uint64_t a = permutation(i - 1);
        const std::uint64_t b = permutation(i);
        if ((a > b ? a - b : b - a) < 100) ++close;
    }
    EXPECT_LT(close, 1'000U);  // 200 would be even chance.
}

TEST(Hash64, SpreadsEvenlyOverBuckets) {
    std::vector<int> buckets(100);
    for (std::uint64_t i = 0; i < 1'000'000; ++i) ++buckets[scaled(hash64(1, i), 100)];
    for (const int count : buckets) {
        EXPECT_GT(count, 9'400);
        EXPECT_LT(count, 10'600);
    }
}

TEST(Hash64, StaysWhatItIs) {
    EXPECT_EQ(hash64(0, 0), UINT64_C(9589559494402066293));
    EXPECT_EQ(hash64(1, 2), UINT64_C(3482668095279255142));
}

}  // namespace
}  // namespace idnode::bench
