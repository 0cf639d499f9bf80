#include "bench/questions.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

using Octets = std::vector<std::uint8_t>;

Mix make_mix() { return Mix::make({.kind = MixKind::kMixed, .count = 20'000, .seed = 1}).value(); }

std::uint32_t u32_at(ByteSpan octets, std::size_t at) {
    return Reader(octets.subspan(at, 4)).u32();
}

std::string identifier_in(ByteSpan request) {
    Reader reader(request.subspan(44));
    return std::string(reader.sized_text());
}

// A node without network: finds the record by the identifier asked.
class Answerer {
public:
    explicit Answerer(const Mix& mix) : kind_(mix.options().kind), reader_(mix) {
        Item item;
        for (std::uint64_t i = 0; i < mix.count(); ++i) {
            reader_.read_identifier(i, item);
            indexes_[std::string(item.identifier.view())] = i;
        }
    }
    Octets answer(ByteSpan request) {
        Item item;
        reader_.read(indexes_.at(identifier_in(request)), item);
        Octets room(kAnswerSizeMax);
        room.resize(write_answer(item, kind_, room));
        std::copy_n(request.begin() + 8, 4, room.begin() + 8);
        return room;
    }

private:
    MixKind kind_;
    MixReader reader_;
    std::map<std::string, std::uint64_t> indexes_;
};

TEST(Questions, AskAsTheProtocolSays) {
    const Mix mix = make_mix();
    Questions questions(mix, 4, 1, Expect::kRecords);
    const ByteSpan request = questions.ask(2, 0);
    const std::array<std::uint8_t, 4> versions = {2, 11, 2, 11};
    EXPECT_TRUE(std::equal(versions.begin(), versions.end(), request.begin()));
    EXPECT_EQ(u32_at(request, 4), 0U);                        // Session.
    EXPECT_EQ(u32_at(request, 16), request.size() - 20);      // Message length.
    EXPECT_EQ(u32_at(request, 20), 1U);                       // Resolution.
    EXPECT_EQ(u32_at(request, 24), 0U);                       // Response code.
    EXPECT_EQ(u32_at(request, 28), 0x1900'0000U);             // Flags.
    EXPECT_EQ(u32_at(request, 40), request.size() - 44 - 4);  // Body length.
    Reader rest(request.subspan(44));
    EXPECT_EQ(rest.sized_text().substr(0, 3), "88.");
    EXPECT_EQ(rest.u32(), 0U);
    EXPECT_EQ(rest.u32(), 0U);
    EXPECT_EQ(rest.u32(), 0U);  // Credential.
    EXPECT_TRUE(rest.at_end());
}

TEST(Questions, TakeEveryRightAnswerAndCompareOneInSixtyFour) {
    const Mix mix = make_mix();
    Answerer node(mix);
    Questions questions(mix, 3, 7, Expect::kRecords);
    std::set<std::string> asked;
    for (std::uint32_t i = 0; i < 3 * 640; ++i) {
        const ByteSpan request = questions.ask(i % 3, 1'000);
        asked.insert(identifier_in(request));
        const auto taken = questions.take(node.answer(request), 1'500);
        ASSERT_TRUE(taken.has_value()) << questions.fault();
        ASSERT_EQ(taken->slot, i % 3);
        ASSERT_EQ(taken->waited_ns, 500);
        ASSERT_FALSE(questions.under_way(i % 3));
    }
    EXPECT_EQ(questions.sampled(), 3U * 640 / kSampleEvery);
    EXPECT_GT(asked.size(), 1'700U);
    EXPECT_EQ(questions.fault(), "");
}

// Changes one octet of the answer to the first question, which is compared octet by octet.
std::string fault_with_changed_octet(const Mix& mix, Answerer& node, std::size_t at) {
    Questions questions(mix, 1, 3, Expect::kRecords);
    Octets answer = node.answer(questions.ask(0, 0));
    if (at < answer.size()) answer[at] ^= 1;
    EXPECT_FALSE(questions.take(answer, 0).has_value()) << at;
    return questions.fault();
}

TEST(Questions, RefuseEveryOtherOctetThatCounts) {
    const Mix mix = make_mix();
    Answerer node(mix);
    Questions questions(mix, 1, 3, Expect::kRecords);
    const std::size_t size = node.answer(questions.ask(0, 0)).size();
    for (std::size_t at = 16; at < size; ++at) {
        if (at >= 28 && at < 40) continue;  // Flags, serial, recursion, expiration: the node's.
        EXPECT_NE(fault_with_changed_octet(mix, node, at), "") << at;
    }
}

TEST(Questions, RefuseEveryShorterAnswer) {
    const Mix mix = make_mix();
    Answerer node(mix);
    Questions questions(mix, 1, 3, Expect::kRecords);
    const Octets answer = node.answer(questions.ask(0, 0));
    for (std::size_t size = 0; size < answer.size(); ++size) {
        Questions again(mix, 1, 3, Expect::kRecords);
        again.ask(0, 0);
        const Octets cut(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_FALSE(again.take(cut, 0).has_value());
        ASSERT_NE(again.fault(), "");
    }
}

TEST(Questions, PassOverAnswersNobodyWaitsFor) {
    const Mix mix = make_mix();
    Answerer node(mix);
    Questions questions(mix, 2, 3, Expect::kRecords);
    const Octets answer = node.answer(questions.ask(0, 0));
    EXPECT_TRUE(questions.take(answer, 0).has_value());
    EXPECT_FALSE(questions.take(answer, 0).has_value());  // The same once more.
    questions.ask(0, 0);
    EXPECT_FALSE(questions.take(answer, 0).has_value());  // To the question before.
    EXPECT_EQ(questions.strays(), 2U);
    EXPECT_EQ(questions.fault(), "");
}

TEST(Questions, FindTheEndOfTheFirstAnswer) {
    const Mix mix = make_mix();
    Answerer node(mix);
    Questions questions(mix, 1, 3, Expect::kRecords);
    Octets stream = node.answer(questions.ask(0, 0));
    const std::size_t size = stream.size();
    stream.push_back(2);
    EXPECT_EQ(questions.first_size(stream), size);
    stream.resize(20);
    EXPECT_EQ(questions.first_size(stream), size);
    stream.resize(19);
    EXPECT_EQ(questions.first_size(stream), 0U);
}

TEST(Questions, MeanAnswerSizeIsThatOfTheRecords) {
    EXPECT_NEAR(static_cast<double>(mean_answer_size(make_mix())), 44 + 4 + 28 + 140 + 4, 8.0);
}

}  // namespace
}  // namespace idnode::bench
