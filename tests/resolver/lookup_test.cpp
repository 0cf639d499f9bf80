#include "resolver/lookup.h"

#include <gtest/gtest.h>

#include "protocol/handle/value.h"

namespace idnode::resolver {
namespace {

Question question_of(ClientFamily family, bool public_only) {
    Question question;
    question.family = family;
    question.public_only = public_only;
    return question;
}

registry::StoredValue value_with(std::uint8_t permissions) {
    registry::StoredValue value;
    value.index = 1;
    value.type = "URL";
    value.permissions = permissions;
    return value;
}

TEST(Lookup, TurnsEachOutcomeIntoItsSituation) {
    using registry::Outcome;
    EXPECT_EQ(situation_of(Outcome::kFound), Situation::kFound);
    EXPECT_EQ(situation_of(Outcome::kAbsent), Situation::kNotFound);
    EXPECT_EQ(situation_of(Outcome::kNoPrefix), Situation::kNotResponsible);
    EXPECT_EQ(situation_of(Outcome::kSuspended), Situation::kSuspended);
    EXPECT_EQ(situation_of(Outcome::kDamaged), Situation::kDamaged);
    EXPECT_EQ(situation_of(Outcome::kUnavailable), Situation::kUnreadable);
}

TEST(Lookup, HidesAValueWithoutPublicReadHoweverElseItMayBeRead) {
    const Question question = question_of(ClientFamily::kHandle, true);
    for (int permissions = 0; permissions < 256; ++permissions) {
        const auto bits = static_cast<std::uint8_t>(permissions);
        const bool readable = (bits & handle::kPublicRead) != 0;
        EXPECT_EQ(judge_value(value_with(bits), question),
                  readable ? Verdict::kAnswer : Verdict::kHidden)
            << permissions;
    }
}

TEST(Lookup, DoesNotCountAnUnwantedValueAsHidden) {
    const std::uint8_t wire[] = {0, 0, 0, 1, 0, 0, 0, 2};  // One index: 2.
    Reader in{ByteSpan(wire)};
    Question question = question_of(ClientFamily::kHandle, false);
    question.indexes = handle::IndexList::decode(in);
    ASSERT_TRUE(in.at_end());
    EXPECT_EQ(judge_value(value_with(0), question), Verdict::kNotWanted);
    EXPECT_EQ(judge_value(value_with(handle::kPublicRead), question), Verdict::kNotWanted);
}

struct Cell {
    Tally tally;
    bool public_only;
    Situation for_handle;
    Situation for_others;
};

TEST(Lookup, ConcludesAsTheTableOfAnswersSays) {
    const Cell cells[] = {
        {{2, 0}, true, Situation::kFound, Situation::kFound},
        {{2, 0}, false, Situation::kFound, Situation::kFound},
        {{0, 0}, true, Situation::kNothingToShow, Situation::kNothingToShow},
        {{0, 0}, false, Situation::kNothingToShow, Situation::kNothingToShow},
        {{1, 1}, true, Situation::kFound, Situation::kFound},
        {{0, 1}, true, Situation::kNothingToShow, Situation::kNothingToShow},
        {{1, 1}, false, Situation::kHidden, Situation::kFound},
        {{0, 1}, false, Situation::kHidden, Situation::kNothingToShow},
    };
    for (const Cell& cell : cells) {
        SCOPED_TRACE(testing::Message() << cell.tally.answered << " answered, " << cell.tally.hidden
                                        << " hidden, public only " << cell.public_only);
        const auto conclude_for = [&](ClientFamily family) {
            return conclude(cell.tally, question_of(family, cell.public_only));
        };
        EXPECT_EQ(conclude_for(ClientFamily::kHandle), cell.for_handle);
        EXPECT_EQ(conclude_for(ClientFamily::kCaict), cell.for_others);
        EXPECT_EQ(conclude_for(ClientFamily::kIdPointer), cell.for_others);
    }
}

}  // namespace
}  // namespace idnode::resolver
