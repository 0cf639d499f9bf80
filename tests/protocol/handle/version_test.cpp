#include "protocol/handle/version.h"

#include <gtest/gtest.h>

namespace idnode::handle {
namespace {

struct AnswerCase {
    Version message;
    Version suggested;
    Version answer;
};

TEST(Version, AnswerIsTheOneSuggestedCappedAtOurs) {
    const AnswerCase cases[] = {
        {{2, 11}, {2, 11}, {2, 11}}, {{2, 3}, {2, 11}, {2, 11}}, {{2, 3}, {2, 10}, {2, 10}},
        {{2, 10}, {2, 3}, {2, 3}},   {{2, 7}, {0, 0}, {2, 7}},   {{2, 7}, {0, 11}, {2, 7}},
        {{2, 11}, {2, 12}, {2, 11}}, {{2, 12}, {0, 0}, {2, 11}}, {{3, 0}, {3, 0}, {2, 11}},
        {{2, 0}, {2, 0}, {2, 0}},    {{2, 3}, {3, 0}, {2, 11}},  {{3, 0}, {2, 4}, {2, 4}},
        {{1, 0}, {1, 0}, {1, 0}},    {{1, 0}, {2, 11}, {1, 0}},  {{5, 2}, {1, 2}, {5, 2}},
    };
    for (const AnswerCase& expected : cases) {
        Envelope envelope;
        envelope.major_version = expected.message.major;
        envelope.minor_version = expected.message.minor;
        envelope.suggested_major = expected.suggested.major;
        envelope.suggested_minor = expected.suggested.minor;
        EXPECT_EQ(answer_version(envelope), expected.answer)
            << unsigned{expected.message.major} << '.' << unsigned{expected.message.minor}
            << " suggests " << unsigned{expected.suggested.major} << '.'
            << unsigned{expected.suggested.minor};
    }
}

TEST(Version, SuggestionIsWhatTheSenderReads) {
    Envelope envelope;
    envelope.minor_version = 3;
    EXPECT_EQ(suggested_version(envelope), (Version{2, 11}));
    envelope.suggested_major = 0;
    EXPECT_EQ(suggested_version(envelope), (Version{2, 3}));
}

TEST(Version, AncientOnesAreOlderThanAll) {
    for (std::uint8_t minor = 0; minor <= 11; ++minor) {
        EXPECT_FALSE(is_at_least({1, 200}, minor));
        EXPECT_FALSE(is_at_least({5, 200}, minor));
        EXPECT_TRUE(is_at_least({2, minor}, minor));
        EXPECT_TRUE(is_at_least({3, 0}, minor));
        EXPECT_EQ(is_at_least({2, 4}, minor), minor <= 4);
    }
}

TEST(Version, DecidesTheDigest) {
    EXPECT_EQ(digest_kind({2, 11}), crypto::DigestKind::kSha256);
    EXPECT_EQ(digest_kind({2, 7}), crypto::DigestKind::kSha256);
    EXPECT_EQ(digest_kind({2, 6}), crypto::DigestKind::kSha1);
    EXPECT_EQ(digest_kind({2, 1}), crypto::DigestKind::kSha1);
    EXPECT_EQ(digest_kind({2, 0}), crypto::DigestKind::kMd5);
    EXPECT_EQ(digest_kind({1, 0}), crypto::DigestKind::kMd5);
}

TEST(Version, DecidesTheNumbersOfTwoCodes) {
    EXPECT_EQ(wire_code(ResponseCode::kServerBackup, {2, 4}), ResponseCode::kPrefixReferral);
    EXPECT_EQ(wire_code(ResponseCode::kInvalidValue, {2, 4}), ResponseCode::kValueAlreadyExists);
    EXPECT_EQ(wire_code(ResponseCode::kServerBackup, {2, 5}), ResponseCode::kServerBackup);
    EXPECT_EQ(wire_code(ResponseCode::kInvalidValue, {2, 5}), ResponseCode::kInvalidValue);
    EXPECT_EQ(wire_code(ResponseCode::kHandleNotFound, {2, 0}), ResponseCode::kHandleNotFound);
    EXPECT_EQ(wire_code(ResponseCode::kServerBackup, {1, 0}), ResponseCode::kPrefixReferral);
}

}  // namespace
}  // namespace idnode::handle
