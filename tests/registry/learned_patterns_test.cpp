#include "registry/learned_patterns.h"

#include <algorithm>
#include <deque>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/registry/plain_values.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kDescription = "A product of the industrial internet";

// A sample that owns its records.
class Sample {
public:
    // Room for values: `fill` adds them.
    template <class Fill>
    void add(std::size_t number, Fill fill) {
        identifiers_.push_back(fmt::format("88.1/SN{}", 100'000 + number));
        PlainValues values(identifiers_.back(), 7);
        fill(values, identifiers_.back().substr(5));
        own_.push_back(values.own());
    }
    [[nodiscard]] std::vector<Pattern> learn(SampleEnd end, std::span<const Pattern> known = {},
                                             bool reversed = false) const {
        std::vector<SampleRecord> records;
        for (std::size_t i = 0; i < own_.size(); ++i) {
            records.push_back({identifiers_[i], 7, to_bytes(own_[i])});
        }
        if (reversed) std::ranges::reverse(records);
        return learn_patterns(records, known, end);
    }

private:
    std::deque<std::string> identifiers_;
    std::deque<std::string> own_;
};

// As a CSV with a mapping has it: URL by suffix, or an own one in each eighth record.
Sample mixed_sample(std::size_t count) {
    Sample sample;
    for (std::size_t i = 0; i < count; ++i) {
        sample.add(i, [i](PlainValues& values, const std::string& suffix) {
            values.add(
                1, "URL",
                i % 8 == 0 ? fmt::format("u{}", i * 7'919 % 1'000) : "https://x.example/" + suffix);
            values.add(2, "DESC", kDescription);
        });
    }
    return sample;
}

const Pattern kByPattern = {{pattern_value(1, "URL", {literal("https://x.example/"), suffix()}),
                             pattern_value(2, "DESC", {literal(kDescription)})},
                            0};
const Pattern kOwnUrl = {
    {pattern_value(1, "URL", {column(0)}), pattern_value(2, "DESC", {literal(kDescription)})}, 1};

TEST(LearnedPatterns, AreThoseOfAMapping) {
    const Sample sample = mixed_sample(200);
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen), ElementsAre(kByPattern, kOwnUrl));
}

TEST(LearnedPatterns, AreWidenedForWhatIsToCome) {
    const auto learned = mixed_sample(400).learn(SampleEnd::kMoreToCome);
    const Pattern any_description = {
        {pattern_value(1, "URL", {literal("https://x.example/"), suffix()}),
         pattern_value(2, "DESC", {column(0)})},
        1};
    const Pattern columns = {
        {pattern_value(1, "URL", {column(0)}), pattern_value(2, "DESC", {column(1)})}, 2};
    EXPECT_THAT(learned, ElementsAre(kByPattern, kOwnUrl, any_description, columns));
}

TEST(LearnedPatterns, DependNotOnTheOrder) {
    const Sample sample = mixed_sample(300);
    EXPECT_EQ(sample.learn(SampleEnd::kMoreToCome), sample.learn(SampleEnd::kMoreToCome, {}, true));
}

TEST(LearnedPatterns, AreNotWhatIsKnown) {
    const Sample sample = mixed_sample(200);
    const std::vector<Pattern> known = {kOwnUrl, kByPattern};
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen, known), IsEmpty());
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen, std::span(known).first(1)),
                ElementsAre(kByPattern));
}

TEST(LearnedPatterns, KnowTheIdentifierByItsPrefix) {
    Sample sample;
    for (std::size_t i = 0; i < 20; ++i) {
        sample.add(i, [](PlainValues& values, const std::string& suffix) {
            values.add(1, "URL", "x?id=88.1/" + suffix).add(2, "URN", "88.1/" + suffix);
        });
    }
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen),
                ElementsAre(Pattern{{pattern_value(1, "URL", {literal("x?id="), identifier()}),
                                     pattern_value(2, "URN", {identifier()})},
                                    0}));
}

TEST(LearnedPatterns, TakeWhatColumnsBeginAndEndWith) {
    Sample sample;
    for (std::size_t i = 0; i < 64; ++i) {
        sample.add(i, [i](PlainValues& values, const std::string&) {
            values.add(1, "URL", fmt::format("https://x.example/p{:04}.html", i * 7'919 % 10'000));
        });
    }
    EXPECT_THAT(
        sample.learn(SampleEnd::kAllSeen),
        ElementsAre(Pattern{
            {pattern_value(1, "URL", {literal("https://x.example/"), column(0), literal(".html")})},
            1}));
}

TEST(LearnedPatterns, AreWorthTheirPlace) {
    Sample sample;
    for (std::size_t i = 0; i < 3; ++i) {
        sample.add(i, [i](PlainValues& values, const std::string&) {
            values.add(static_cast<std::uint32_t>(i + 1), "URL", "x");
        });
    }
    EXPECT_THAT(sample.learn(SampleEnd::kMoreToCome), IsEmpty());
    EXPECT_THAT(Sample().learn(SampleEnd::kAllSeen), IsEmpty());
}

TEST(LearnedPatterns, LeaveOutValuesWithATimeOfTheirOwn) {
    Sample sample;
    for (std::size_t i = 0; i < 40; ++i) {
        sample.add(i, [](PlainValues& values, const std::string& suffix) {
            values.add(1, "URL", "https://x.example/" + suffix).add(2, "DESC", kDescription);
            values.last().timestamp = 8;
        });
    }
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen),
                ElementsAre(Pattern{
                    {pattern_value(1, "URL", {literal("https://x.example/"), suffix()})}, 0}));
}

TEST(LearnedPatterns, StayWithinTheLimits) {
    Sample sample;
    for (std::size_t i = 0; i < 9'000; ++i) {
        sample.add(i, [i](PlainValues& values, const std::string& suffix) {
            const auto first = static_cast<std::uint32_t>(i % 100);
            values.add(first + 1, "URL", "https://x.example/" + suffix);
            values.add(first + 2, "DESC", kDescription);
        });
    }
    const auto learned = sample.learn(SampleEnd::kMoreToCome);
    EXPECT_GE(learned.size(), 32U);
    EXPECT_LE(learned.size(), kLearnedPatternCountMax);

    Sample wide;  // More texts that differ than a pattern has columns, more values than it takes.
    for (std::size_t i = 0; i < 10; ++i) {
        wide.add(i, [i](PlainValues& values, const std::string&) {
            for (std::uint32_t at = 1; at <= 40; ++at) {
                values.add(at, "T", fmt::format("{}", at * 1'000 + i * 13));
            }
            for (std::uint32_t at = 41; at <= 300; ++at) values.add(at, "TYPE", "constant");
        });
    }
    const auto limited = wide.learn(SampleEnd::kAllSeen);
    ASSERT_THAT(limited, SizeIs(1));
    EXPECT_EQ(limited.front().column_count, kPatternColumnCountMax);
    EXPECT_EQ(limited.front().values.size(), kPatternValueCountMax);
    EXPECT_TRUE(decode_pattern(to_bytes(encode_pattern(limited.front()))).has_value());
}

// Of two long starts that are shared, the pattern has room for one: the other stays in its column,
// and the pattern stays.
TEST(LearnedPatterns, TakeSharedStartsAsFarAsThereIsRoom) {
    Sample sample;
    const std::string start(20'000, '/');
    for (std::size_t i = 0; i < 40; ++i) {
        sample.add(i, [&start, i](PlainValues& values, const std::string&) {
            values.add(1, "URL", fmt::format("{}{}", start, i * 7'919 % 1'000));
            values.add(2, "DESC", fmt::format("{}{}", start, i * 6'007 % 1'000));
        });
    }
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen),
                ElementsAre(Pattern{{pattern_value(1, "URL", {literal(start), column(0)}),
                                     pattern_value(2, "DESC", {column(1)})},
                                    2}));
}

TEST(LearnedPatterns, LeaveOutWhatNoPatternHolds) {
    Sample sample;
    const std::string long_text(40'000, 'x');
    for (std::size_t i = 0; i < 10; ++i) {
        sample.add(i, [&long_text](PlainValues& values, const std::string& suffix) {
            values.add(1, "URL", "https://x.example/" + suffix).add(2, "BLOB", long_text);
        });
    }
    EXPECT_THAT(sample.learn(SampleEnd::kAllSeen),
                ElementsAre(Pattern{
                    {pattern_value(1, "URL", {literal("https://x.example/"), suffix()})}, 0}));
}

}  // namespace
}  // namespace idnode::registry
