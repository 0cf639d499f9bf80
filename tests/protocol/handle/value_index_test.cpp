#include "protocol/handle/value_index.h"

#include <gtest/gtest.h>

namespace idnode::handle {
namespace {

TEST(ValueIndex, HasBounds) {
    EXPECT_FALSE(is_value_index(0));
    EXPECT_TRUE(is_value_index(1));
    EXPECT_TRUE(is_value_index(2'147'483'647));
    EXPECT_FALSE(is_value_index(2'147'483'648));
    EXPECT_FALSE(is_value_index(4'294'967'295));
}

TEST(ValueIndex, IsReadFromDigitsAlone) {
    EXPECT_EQ(parse_value_index("1"), 1U);
    EXPECT_EQ(parse_value_index("0300"), 300U);
    EXPECT_EQ(parse_value_index("1000000000"), 1'000'000'000U);
    EXPECT_EQ(parse_value_index("2147483647"), kValueIndexMax);
    for (const std::string_view text : {"", "0", "2147483648", "4294967297", "99999999999999999999",
                                        "-1", "+1", " 1", "1 ", "1x", "0x1"}) {
        EXPECT_FALSE(parse_value_index(text)) << text;
    }
}

}  // namespace
}  // namespace idnode::handle
