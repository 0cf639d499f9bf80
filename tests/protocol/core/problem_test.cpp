#include "protocol/core/problem.h"

#include <gtest/gtest.h>

namespace idnode {
namespace {

TEST(Problem, TellsPlaceTextAndRemedyAndLeavesOutWhatIsAbsent) {
    EXPECT_EQ((Problem{"a.toml", 3, 7, "no such key", "remove it"}).to_string(),
              "a.toml:3:7: no such key; remove it");
    EXPECT_EQ((Problem{"a.csv", 3, 0, "too many columns", ""}).to_string(),
              "a.csv:3: too many columns");
    EXPECT_EQ((Problem{"", 3, 0, "bad row", ""}).to_string(), "line 3: bad row");
    EXPECT_EQ((Problem{"a.db", 0, 0, "not readable", "use sudo"}).to_string(),
              "a.db: not readable; use sudo");
    EXPECT_EQ((Problem{"", 0, 0, "no space", ""}).to_string(), "no space");
}

}  // namespace
}  // namespace idnode
