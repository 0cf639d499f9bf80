#include "bench/redis_questions.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/questions.h"

namespace idnode::bench {
namespace {

Mix make_mix() { return Mix::make({.kind = MixKind::kMixed, .count = 300, .seed = 1}).value(); }

Item item_at(const Mix& mix, std::uint64_t index) {
    MixReader reader(mix);
    Item item;
    reader.read(index, item);
    return item;
}

std::string text_of(const Item& item) { return std::string(item.identifier.view()); }

std::string values_text(const Mix& mix, const Item& item) {
    std::vector<std::uint8_t> room(kAnswerSizeMax);
    return std::string(to_text(values_of(item, mix.options().kind, room)));
}

// A Redis without network: finds the value by the key in the request.
std::string answer_to(const Mix& mix, ByteSpan request) {
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        const Item item = item_at(mix, i);
        if (to_text(request).find("\r\n" + text_of(item) + "\r\n") == std::string::npos) continue;
        const std::string values = values_text(mix, item);
        return fmt::format("${}\r\n{}\r\n", values.size(), values);
    }
    return "$-1\r\n";
}

// To the first request, which is compared octet by octet.
std::string fault_of(const Mix& mix, const std::string& answer) {
    RedisQuestions questions(mix, 1, 1, 3);
    questions.ask(0, 0);
    const std::vector<std::uint8_t> exact(answer.begin(), answer.end());
    EXPECT_FALSE(questions.take(exact, 0).has_value()) << answer;
    return questions.fault();
}

std::string right_answer(const Mix& mix) {
    RedisQuestions questions(mix, 1, 1, 3);
    return answer_to(mix, questions.ask(0, 0));
}

TEST(RedisQuestions, AskForTheIdentifier) {
    const Mix mix = make_mix();
    RedisQuestions questions(mix, 1, 1, 1);
    const std::string request(to_text(questions.ask(0, 0)));
    const std::size_t key = request.rfind("88.");
    const std::string identifier = request.substr(key, request.size() - key - 2);
    EXPECT_EQ(request,
              fmt::format("*2\r\n$3\r\nGET\r\n${}\r\n{}\r\n", identifier.size(), identifier));
}

TEST(RedisQuestions, TakeTheAnswersOfEachConnectionInItsOrder) {
    const Mix mix = make_mix();
    constexpr std::uint32_t kDepth = 3;
    RedisQuestions questions(mix, 2, kDepth, 7);
    for (std::uint32_t slot = 0; slot < 2 * kDepth; ++slot) questions.ask(slot, 1'000);
    std::array<std::uint32_t, 2> taken_of{};
    for (std::uint32_t i = 0; i < 192; ++i) {
        const std::uint32_t lane = i % 5 < 2 ? 0 : 1;
        const std::uint32_t due = lane * kDepth + taken_of[lane]++ % kDepth;
        const std::string answer = answer_to(mix, questions.request(due));
        const auto taken = questions.take(to_bytes(answer), 1'500, lane);
        ASSERT_TRUE(taken.has_value()) << questions.fault();
        ASSERT_EQ(taken->slot, due);
        ASSERT_EQ(taken->waited_ns, 500);
        questions.ask(due, 1'000);
    }
    EXPECT_GE(questions.sampled(), 3U);
}

TEST(RedisQuestions, RefuseTheAnswerToAnotherRequest) {
    const Mix mix = make_mix();
    RedisQuestions questions(mix, 1, 2, 3);
    questions.ask(0, 0);
    const std::string second = answer_to(mix, questions.ask(1, 0));
    EXPECT_FALSE(questions.take(to_bytes(second), 0).has_value());
    EXPECT_EQ(questions.fault(), "a value of Redis other than the one set");
}

TEST(RedisQuestions, RefuseEveryOtherOctet) {
    const Mix mix = make_mix();
    const std::string right = right_answer(mix);
    for (std::size_t at = 0; at < right.size(); ++at) {
        std::string changed = right;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_NE(fault_of(mix, changed), "") << at;
        EXPECT_NE(fault_of(mix, right.substr(0, at)), "") << at;
    }
    EXPECT_NE(fault_of(mix, right + '\n'), "");
}

TEST(RedisQuestions, SayWhatIsWrong) {
    const Mix mix = make_mix();
    EXPECT_EQ(fault_of(mix, "$-1\r\n"), "a key that Redis does not have");
    EXPECT_EQ(fault_of(mix, "-ERR no\r\n"), "an answer of Redis other than a value");
    EXPECT_EQ(fault_of(mix, "$1\r\nx\r\n"), "a value of Redis other than the one set");
}

TEST(RedisQuestions, FindTheEndOfTheFirstAnswer) {
    const Mix mix = make_mix();
    const RedisQuestions questions(mix, 1, 1, 3);
    const auto first = [&](const std::string& stream) {
        const std::vector<std::uint8_t> exact(stream.begin(), stream.end());
        return questions.first_size(exact);
    };
    EXPECT_EQ(first(""), 0U);
    EXPECT_EQ(first("$"), 0U);
    EXPECT_EQ(first("$12\r"), 0U);
    EXPECT_EQ(first("$12\r\n"), 5U + 12 + 2);  // More than is there.
    EXPECT_EQ(first("$2\r\nab\r\n$1\r\nc\r\n"), 8U);
    EXPECT_EQ(first("$0\r\n\r\n"), 6U);
    EXPECT_EQ(first("$-1\r\n$2\r\n"), 5U);
    EXPECT_EQ(first("-ERR no\r\n$2\r\n"), 9U);
    EXPECT_EQ(first("$4097\r\n"), 7U);  // Longer than any answer: refused as it is.
    EXPECT_EQ(first("$18446744073709551616\r\n"), 23U);
    EXPECT_EQ(first(std::string(255, 'x')), 0U);
    EXPECT_EQ(first(std::string(256, 'x')), 256U);
}

TEST(RedisCommands, SetEveryIdentifier) {
    const Mix mix = make_mix();
    std::string expected;
    for (std::uint64_t i = 5; i < 8; ++i) {
        const Item item = item_at(mix, i);
        const std::string values = values_text(mix, item);
        expected += fmt::format("*3\r\n$3\r\nSET\r\n${}\r\n{}\r\n${}\r\n{}\r\n",
                                text_of(item).size(), text_of(item), values.size(), values);
    }
    EXPECT_EQ(redis_commands(mix, 5, 8), expected);
    EXPECT_EQ(redis_commands(mix, 5, 5), "");
}

TEST(RedisAnswer, IsTheValueSet) {
    const Mix mix = make_mix();
    std::vector<std::uint8_t> room(kAnswerSizeMax);
    const std::size_t size = write_redis_answer(item_at(mix, 5), mix.options().kind, room);
    const std::string values = values_text(mix, item_at(mix, 5));
    EXPECT_EQ(to_text(ByteSpan(room).first(size)),
              fmt::format("${}\r\n{}\r\n", values.size(), values));
}

}  // namespace
}  // namespace idnode::bench
