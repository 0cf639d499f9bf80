#include "resolver/answers.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace idnode::resolver {
namespace {

struct Row {
    Situation situation;
    std::uint32_t for_handle;
    std::uint32_t for_others;
};

// The rows of the table in docs/protocol-handle.md.
constexpr std::array<Row, kSituationCount> kRows = {{
    {Situation::kFound, 1, 1},
    {Situation::kNotFound, 100, 100},
    {Situation::kNothingToShow, 200, 200},
    {Situation::kHidden, 401, 401},
    {Situation::kNotResponsible, 301, 100},
    {Situation::kSuspended, 401, 401},
    {Situation::kDamaged, 2, 2},
    {Situation::kUnreadable, 2, 2},
    {Situation::kBusy, 3, 3},
    {Situation::kUseTcp, 3, 3},
    {Situation::kNotOffered, 5, 5},
    {Situation::kBadIdentifier, 102, 102},
    {Situation::kUndecodable, 4, 4},
    {Situation::kUnknownSession, 500, 500},
}};

TEST(Answers, GiveEachSituationItsCodeForEachFamily) {
    for (const Row& row : kRows) {
        SCOPED_TRACE(static_cast<int>(row.situation));
        const auto code_for = [&](ClientFamily family) {
            return static_cast<std::uint32_t>(answer_for(row.situation, family).code);
        };
        EXPECT_EQ(code_for(ClientFamily::kHandle), row.for_handle);
        EXPECT_EQ(code_for(ClientFamily::kCaict), row.for_others);
        EXPECT_EQ(code_for(ClientFamily::kIdPointer), row.for_others);
    }
}

// A code outside this set makes CAICT's SDK throw and id-pointer-sdk hang (an unknown session
// cannot happen to them: their session ids are ignored).
TEST(Answers, NeverGiveAnSdkACodeThatItDoesNotKnow) {
    const std::set<std::uint32_t> known = {1,   2,   3,   4,   5,   100, 101, 102, 200, 201,
                                           202, 302, 303, 400, 401, 402, 403, 404, 405};
    for (const Row& row : kRows) {
        if (row.situation == Situation::kUnknownSession) continue;
        for (const ClientFamily family : {ClientFamily::kCaict, ClientFamily::kIdPointer}) {
            const auto code = static_cast<std::uint32_t>(answer_for(row.situation, family).code);
            EXPECT_TRUE(known.contains(code)) << code;
        }
    }
}

TEST(Answers, SayWhatTheSpecificationOfTheTextsAsksFor) {
    EXPECT_EQ(answer_for(Situation::kUseTcp, ClientFamily::kHandle).text, "use TCP");
    EXPECT_EQ(answer_for(Situation::kDamaged, ClientFamily::kCaict).text, "damaged record");
    EXPECT_EQ(answer_for(Situation::kNotResponsible, ClientFamily::kHandle).text,
              "That prefix doesn't live here");
    EXPECT_EQ(answer_for(Situation::kNotResponsible, ClientFamily::kIdPointer).text,
              "That prefix doesn't live here");
}

}  // namespace
}  // namespace idnode::resolver
