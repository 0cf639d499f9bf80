#include "bench/mixes.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"

namespace idnode::bench {
namespace {

constexpr std::array kAllKinds = {MixKind::kMixed, MixKind::kBest, MixKind::kBad,
                                  MixKind::kNational, MixKind::kSample};

Mix make_mix(MixKind kind, std::uint64_t count, std::uint64_t seed = 1) {
    return Mix::make({.kind = kind, .count = count, .seed = seed}).value();
}

std::string text_of(const Item& item) {
    std::string text(item.identifier.view());
    text += '|' + std::to_string(item.timestamp) + '|';
    text += std::string(item.own_url.view()) + '|' + std::string(item.note.view()) + '|';
    return text + std::string(item.model.view()) + '|' + std::string(item.batch.view());
}

// FNV-1a over the texts of a set.
std::uint64_t fingerprint(const Mix& mix) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
    MixReader reader(mix);
    Item item;
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        reader.read(i, item);
        for (const char c : text_of(item)) {
            hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x0000'0100'0000'01B3;
        }
    }
    return hash;
}

TEST(Mix, IdentifiersAreStrictlyAscendingAndMayBeRegistered) {
    for (const MixKind kind : kAllKinds) {
        const Mix mix = make_mix(kind, 120'000);
        MixReader reader(mix);
        Item item;
        std::string last;
        for (std::uint64_t i = 0; i < mix.count(); ++i) {
            reader.read_identifier(i, item);
            const FoldedIdentifier folded(item.identifier.view());
            ASSERT_LT(last, folded.text()) << i;
            ASSERT_EQ(registration_fault(item.identifier.view()), std::nullopt);
            last = folded.text();
        }
    }
}

TEST(Mix, AnyOrderGivesTheItemsOfTheSequence) {
    for (const MixKind kind : kAllKinds) {
        const Mix mix = make_mix(kind, 50'000);
        MixReader reader(mix);
        Item item;
        std::vector<std::string> expected;
        for (std::uint64_t i = 0; i < mix.count(); ++i) {
            reader.read(i, item);
            expected.push_back(text_of(item));
        }
        for (std::uint64_t turn = 0; turn < 20'000; ++turn) {
            const std::uint64_t i = scaled(hash64(17, turn), mix.count());
            reader.read(i, item);
            ASSERT_EQ(text_of(item), expected[i]) << i;
        }
        for (std::uint64_t i = mix.count(); i-- > 0;) {
            reader.read(i, item);
            ASSERT_EQ(text_of(item), expected[i]) << i;
        }
    }
}

TEST(Mix, IsTheSameOnEveryMachine) {
    const std::map<MixKind, std::uint64_t> expected = {
        {MixKind::kMixed, UINT64_C(3470869610674333853)},
        {MixKind::kBest, UINT64_C(5077285534351560303)},
        {MixKind::kBad, UINT64_C(13977950719794541944)},
        {MixKind::kNational, UINT64_C(1683916893904032253)},
        {MixKind::kSample, UINT64_C(5020760123602194859)},
    };
    for (const auto& [kind, hash] : expected) {
        EXPECT_EQ(fingerprint(make_mix(kind, 100'000)), hash) << static_cast<int>(kind);
    }
    EXPECT_NE(fingerprint(make_mix(MixKind::kMixed, 100'000, 2)), expected.at(MixKind::kMixed));
}

struct Kinds {
    double own_url = 0;
    double note = 0;
};

Kinds kinds_of(MixKind kind) {
    const Mix mix = make_mix(kind, 100'000);
    MixReader reader(mix);
    Item item;
    Kinds kinds;
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        reader.read(i, item);
        kinds.own_url += item.own_url.empty() ? 0 : 1.0 / 100'000;
        kinds.note += item.note.empty() ? 0 : 1.0 / 100'000;
        EXPECT_TRUE(item.own_url.empty() || item.own_url.size() == 60);
        EXPECT_TRUE(item.note.empty() || item.note.size() == (kind == MixKind::kMixed ? 11 : 32));
    }
    return kinds;
}

TEST(Mix, HasTheSharesOfOwnValues) {
    const Kinds mixed = kinds_of(MixKind::kMixed);
    EXPECT_NEAR(mixed.note, 0.10, 0.005);
    EXPECT_NEAR(mixed.own_url, 0.05, 0.004);
    const Kinds best = kinds_of(MixKind::kBest);
    EXPECT_EQ(best.note + best.own_url, 0.0);
    const Kinds bad = kinds_of(MixKind::kBad);
    EXPECT_EQ(bad.note, 0.0);
    EXPECT_NEAR(bad.own_url, 0.50, 0.01);
    const Kinds national = kinds_of(MixKind::kNational);
    EXPECT_NEAR(national.note, 0.05, 0.004);
    EXPECT_EQ(national.own_url, 0.0);
}

TEST(Mix, ChangesModelAndBatchEveryTenThousandOfAnEnterprise) {
    const Mix mix = make_mix(MixKind::kNational, 100'000);
    MixReader reader(mix);
    Item item;
    for (const Enterprise& enterprise : mix.enterprises()) {
        std::string last;
        for (std::uint64_t i = 0; i < enterprise.count; ++i) {
            reader.read(enterprise.first + i, item);
            const std::string now = std::string(item.model.view()) + std::string(item.batch.view());
            ASSERT_EQ(now != last, i % 10'000 == 0) << i;
            last = now;
        }
    }
}

// Sizes and distances of the calls of an enterprise whose forms are registered in key order.
TEST(Mix, RegistersInCallsOfOneSecond) {
    const Mix mix = make_mix(MixKind::kBest, 1'999'999);
    const Enterprise& largest =
        *std::ranges::max_element(mix.enterprises(), {}, &Enterprise::count);
    MixReader reader(mix);
    Item item;
    reader.read(largest.first, item);
    std::uint32_t time = item.timestamp;
    std::uint64_t size = 1;
    std::uint64_t calls = 1;
    for (std::uint64_t i = 1; i < largest.count; ++i, ++size) {
        reader.read(largest.first + i, item);
        if (item.timestamp == time) continue;
        ASSERT_GT(item.timestamp, time);
        ASSERT_LE(item.timestamp - time, 600U);
        ASSERT_LE(size, 2'000U);
        time = item.timestamp;
        size = 0;
        ++calls;
    }
    EXPECT_NEAR(static_cast<double>(largest.count) / static_cast<double>(calls), 970.0, 100.0);
}

TEST(Mix, RegistersHexInRandomOrder) {
    const Mix mix = make_mix(MixKind::kBad, 20'000);
    MixReader reader(mix);
    Item item;
    std::uint64_t same = 0;
    std::uint32_t last = 0;
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        reader.read(i, item);
        if (item.timestamp == last) ++same;
        last = item.timestamp;
    }
    EXPECT_LT(same, 3'000U);
}

TEST(Mix, RefusesCountsOutOfBounds) {
    EXPECT_FALSE(Mix::make({.kind = MixKind::kBest, .count = 0, .seed = 1}).has_value());
    EXPECT_FALSE(
        Mix::make({.kind = MixKind::kBest, .count = kCountMax + 1, .seed = 1}).has_value());
    EXPECT_FALSE(
        Mix::make({.kind = MixKind::kSample, .count = kSampleCountMax + 1, .seed = 1}).has_value());
    EXPECT_TRUE(Mix::make({.kind = MixKind::kSample, .count = 1, .seed = 1}).has_value());
}

TEST(Mix, ReachesTheLastIdentifierOfTheLargestSample) {
    const Mix mix = make_mix(MixKind::kSample, kSampleCountMax);
    MixReader reader(mix);
    Item item;
    for (const Enterprise& enterprise : mix.enterprises()) {
        reader.read(enterprise.first + enterprise.count - 1, item);
        EXPECT_EQ(registration_fault(item.identifier.view()), std::nullopt);
        EXPECT_EQ(item.prefix(), enterprise.prefix.view());
    }
}

}  // namespace
}  // namespace idnode::bench
