#include "protocol/core/c_ptr.h"

#include <utility>

#include <gtest/gtest.h>

namespace idnode {
namespace {

void count_free(int* freed) { ++*freed; }

using Counted = CPtr<int, &count_free>;

TEST(CPtr, FreesOnceAndIsAsSmallAsAPointer) {
    static_assert(sizeof(Counted) == sizeof(int*));
    int freed = 0;
    {
        Counted first(&freed);
        Counted second(std::move(first));
        EXPECT_EQ(freed, 0);
    }
    EXPECT_EQ(freed, 1);
}

TEST(CPtr, LeavesWhatWasReleasedAndNothing) {
    int freed = 0;
    {
        Counted released(&freed);
        static_cast<void>(released.release());
        const Counted nothing(nullptr);
    }
    EXPECT_EQ(freed, 0);
}

}  // namespace
}  // namespace idnode
