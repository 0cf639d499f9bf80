#include "registry/large_array.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace idnode::registry {
namespace {

TEST(LargeArray, BeginsWithZerosAndKeepsWhatIsWritten) {
    constexpr std::size_t kSize = 1'000'003;
    LargeArray<std::uint64_t> array(kSize);
    ASSERT_EQ(array.size(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
        ASSERT_EQ(array[i], 0U);
        array[i] = i;
    }
    for (std::size_t i = 0; i < kSize; ++i) ASSERT_EQ(array[i], i);
}

TEST(LargeArray, MayBeEmpty) { EXPECT_EQ(LargeArray<int>(0).size(), 0U); }

}  // namespace
}  // namespace idnode::registry
