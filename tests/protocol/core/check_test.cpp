#include "protocol/core/check.h"

#include <gtest/gtest.h>

namespace idnode {
namespace {

TEST(Check, HoldsItsPeaceWhenTheConditionHolds) {
    int evaluated = 0;
    IDN_CHECK(++evaluated == 1);
    EXPECT_EQ(evaluated, 1) << "evaluated once, in every build";
}

TEST(CheckDeathTest, NamesFileAndConditionAndEndsTheProcess) {
    EXPECT_DEATH(IDN_CHECK(1 + 1 == 3), "check_test.cpp:[0-9]+: broken invariant: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace idnode
