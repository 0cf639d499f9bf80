#include "bench/dns_questions.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/questions.h"

namespace idnode::bench {
namespace {

using Octets = std::vector<std::uint8_t>;

Mix make_mix() { return Mix::make({.kind = MixKind::kMixed, .count = 300, .seed = 1}).value(); }

Item item_at(const Mix& mix, std::uint64_t index) {
    MixReader reader(mix);
    Item item;
    reader.read(index, item);
    return item;
}

// The octets of labels with their lengths, as text with dots.
std::string name_in(ByteSpan message) {
    Reader reader(message.subspan(12));
    std::string name;
    for (std::uint8_t size = reader.u8(); size != 0 && reader.ok(); size = reader.u8()) {
        name += to_text(reader.bytes(size));
        name += '.';
    }
    return name;
}

std::string name_of(const Item& item) {
    const std::string prefix(item.prefix());  // 88.NNN.EEEE
    return std::string(item.suffix()) + '.' + prefix.substr(7) + '.' + prefix.substr(3, 3) + ".88.";
}

// A DNS server without network: finds the record by the name asked.
Octets answer_to(const Mix& mix, ByteSpan request) {
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        const Item item = item_at(mix, i);
        if (name_of(item) != name_in(request)) continue;
        Octets room(kAnswerSizeMax);
        room.resize(write_dns_answer(item, mix.options().kind, room));
        std::copy_n(request.begin(), 2, room.begin());
        return room;
    }
    return {};
}

// What the first question, which is compared octet by octet, says to its answer after `change`.
template <class Change>
std::string fault_after(const Mix& mix, const Change& change) {
    DnsQuestions questions(mix, 1, 3);
    Octets answer = answer_to(mix, questions.ask(0, 0));
    change(answer);
    const Octets exact(answer);
    EXPECT_FALSE(questions.take(exact, 0).has_value());
    return questions.fault();
}

TEST(DnsQuestions, AskForTheNameAsTxt) {
    const Mix mix = make_mix();
    DnsQuestions questions(mix, 4, 1);
    const ByteSpan request = questions.ask(2, 0);
    Reader reader(request);
    EXPECT_EQ(reader.u16() % 4, 2);  // The id names the slot.
    EXPECT_EQ(reader.u16(), 0);      // A standard query.
    EXPECT_EQ(reader.u16(), 1);
    EXPECT_EQ(reader.u16(), 0);
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_TRUE(name_in(request).ends_with(".88."));
    Reader tail(request.subspan(request.size() - 5));
    EXPECT_EQ(tail.u8(), 0);
    EXPECT_EQ(tail.u16(), 16);
    EXPECT_EQ(tail.u16(), 1);
    EXPECT_EQ(request.size(), 12 + name_in(request).size() + 1 + 4);
}

TEST(DnsQuestions, TakeEveryRightAnswer) {
    const Mix mix = make_mix();
    DnsQuestions questions(mix, 3, 7);
    for (std::uint32_t i = 0; i < 192; ++i) {
        const Octets answer = answer_to(mix, questions.ask(i % 3, 1'000));
        const auto taken = questions.take(answer, 1'500);
        ASSERT_TRUE(taken.has_value()) << questions.fault();
        ASSERT_EQ(taken->slot, i % 3);
        ASSERT_EQ(taken->waited_ns, 500);
    }
    EXPECT_EQ(questions.sampled(), 3U);
}

TEST(DnsQuestions, UseEveryIdBeforeOneComesAgain) {
    const Mix mix = make_mix();
    DnsQuestions questions(mix, 64, 7);
    const std::uint16_t first = Reader(questions.ask(5, 0)).u16();
    std::uint32_t asked = 1;
    while (Reader(questions.ask(5, 0)).u16() != first) ++asked;
    EXPECT_EQ(asked, 65'535U / 64);
}

TEST(DnsQuestions, RefuseEveryOtherOctet) {
    const Mix mix = make_mix();
    DnsQuestions questions(mix, 1, 3);
    const std::size_t size = answer_to(mix, questions.ask(0, 0)).size();
    for (std::size_t at = 2; at < size; ++at) {
        EXPECT_NE(fault_after(mix, [&](Octets& answer) { answer[at] ^= 1; }), "") << at;
    }
    for (std::size_t shorter = 0; shorter < size; ++shorter) {
        EXPECT_NE(fault_after(mix, [&](Octets& answer) { answer.resize(shorter); }), "") << shorter;
    }
    EXPECT_NE(fault_after(mix, [](Octets& answer) { answer.push_back(0); }), "");
}

TEST(DnsQuestions, SayWhatIsWrong) {
    const Mix mix = make_mix();
    const auto set = [&](std::size_t at, std::uint8_t value) {
        return fault_after(mix, [=](Octets& answer) { answer[at] = value; });
    };
    EXPECT_EQ(set(3, 3), "a DNS answer with an error");     // No such name.
    EXPECT_EQ(set(2, 0x86), "a DNS answer with an error");  // Cut short.
    EXPECT_EQ(set(13, '!'), "another DNS question");
    EXPECT_EQ(fault_after(mix, [](Octets& answer) { answer.back() ^= 1; }),
              "a DNS record other than the one registered");
    EXPECT_EQ(fault_after(mix, [](Octets& answer) { answer.resize(11); }),
              "an answer shorter than its header");
}

TEST(DnsQuestions, PassOverAnswersNobodyWaitsFor) {
    const Mix mix = make_mix();
    DnsQuestions questions(mix, 2, 3);
    const Octets answer = answer_to(mix, questions.ask(0, 0));
    EXPECT_TRUE(questions.take(answer, 0).has_value());
    EXPECT_FALSE(questions.take(answer, 0).has_value());
    EXPECT_EQ(questions.strays(), 1U);
    EXPECT_EQ(questions.fault(), "");
}

TEST(DnsAnswer, HoldsTheValuesOfTheNodesAnswerInStrings) {
    const Mix mix = Mix::make({.kind = MixKind::kNational, .count = 300, .seed = 1}).value();
    Octets room(kAnswerSizeMax);
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        const Item item = item_at(mix, i);
        Octets values(kAnswerSizeMax);
        const ByteSpan expected = values_of(item, mix.options().kind, values);
        const std::size_t size = write_dns_answer(item, mix.options().kind, room);
        Reader data(ByteSpan(room).first(size).subspan(12 + name_of(item).size() + 1 + 4 + 10));
        const std::uint16_t length = data.u16();
        EXPECT_EQ(length, data.remaining());
        Octets joined;
        while (data.ok() && data.remaining() > 0) {
            const ByteSpan string = data.bytes(data.u8());
            joined.insert(joined.end(), string.begin(), string.end());
        }
        EXPECT_TRUE(std::ranges::equal(joined, expected)) << i;
    }
}

TEST(Zone, HasALineForEachIdentifier) {
    const Mix mix = make_mix();
    std::string text;
    ASSERT_TRUE(write_zone(mix, [&](std::string_view piece) {
        text += piece;
        return true;
    }));
    EXPECT_TRUE(text.starts_with("$TTL 86400\n88. SOA ns.88. nobody.88. 1 "));
    EXPECT_EQ(std::ranges::count(text, '\n'), 4 + 300);
    const Item item = item_at(mix, 17);
    Octets room(kAnswerSizeMax);
    std::string line = "\n" + name_of(item) + " TXT \"";
    for (const std::uint8_t octet : values_of(item, mix.options().kind, room)) {
        const auto c = static_cast<char>(octet);
        const bool plain = std::isalnum(octet) != 0 || c == '-';
        line += plain ? std::string(1, c) : fmt::format("\\{:03}", octet);
    }
    EXPECT_NE(text.find(line + "\"\n"), std::string::npos) << line;
}

TEST(Zone, EndsWithItsSink) {
    EXPECT_FALSE(write_zone(make_mix(), [](std::string_view) { return false; }));
}

}  // namespace
}  // namespace idnode::bench
