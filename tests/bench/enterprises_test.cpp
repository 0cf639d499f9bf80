#include "bench/enterprises.h"

#include <array>
#include <numeric>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"

namespace idnode::bench {
namespace {

TEST(ZipfSizes, AddUpAndFall) {
    for (const std::uint64_t count : {1U, 49U, 50U, 51U, 1'000'000U, 123'456'789U}) {
        for (const std::uint64_t enterprises : {1U, 7U, 50U}) {
            if (enterprises > count) continue;
            const auto sizes = zipf_sizes(count, enterprises);
            ASSERT_EQ(sizes.size(), enterprises);
            EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}), count);
            for (std::size_t i = 1; i < sizes.size(); ++i) EXPECT_LE(sizes[i], sizes[i - 1] + 1);
            EXPECT_GE(sizes.back(), 1U);
        }
    }
}

TEST(ZipfSizes, HaveTheRatiosOfTheirRanks) {
    const auto sizes = zipf_sizes(1'000'000'000, 1'000);
    EXPECT_NEAR(static_cast<double>(sizes[0]) / static_cast<double>(sizes[9]), 10.0, 0.01);
    EXPECT_NEAR(static_cast<double>(sizes[0]) / static_cast<double>(sizes[999]), 1000.0, 1.0);
}

std::array<double, kFormCount> shares(const MixOptions& options) {
    std::array<double, kFormCount> shares{};
    for (const Enterprise& enterprise : make_enterprises(options)) {
        shares[static_cast<std::size_t>(enterprise.form)] +=
            static_cast<double>(enterprise.count) / static_cast<double>(options.count);
    }
    return shares;
}

void expect_shares(MixKind kind, const std::array<double, kFormCount>& expected) {
    for (const std::uint64_t count : {1'000'000U, 10'000'000U, 200'000'000U}) {
        const auto found = shares({.kind = kind, .count = count, .seed = 1});
        for (std::size_t i = 0; i < kFormCount; ++i)
            EXPECT_NEAR(found[i], expected[i], 0.01) << count;
    }
}

TEST(Enterprises, DealOutTheFormsOfEachMix) {
    expect_shares(MixKind::kMixed, {0.50, 0.25, 0.15, 0.10});
    expect_shares(MixKind::kBest, {1, 0, 0, 0});
    expect_shares(MixKind::kBad, {0, 0, 0, 1});
    expect_shares(MixKind::kNational, {0.60, 0.25, 0.10, 0.05});
}

TEST(Enterprises, HaveMeansByTheSizeOfTheSet) {
    const auto count_of = [](std::uint64_t count) {
        return make_enterprises({.kind = MixKind::kNational, .count = count, .seed = 1}).size();
    };
    EXPECT_EQ(count_of(1), 1U);
    EXPECT_EQ(count_of(39'999), 1U);
    EXPECT_EQ(count_of(1'000'000), 50U);
    EXPECT_EQ(count_of(1'000'000'000), 50'000U);
    EXPECT_EQ(count_of(10'000'000'000), 10'000U);
}

void expect_good_prefixes(const MixOptions& options) {
    std::string last;
    std::uint64_t first = 0;
    for (const Enterprise& enterprise : make_enterprises(options)) {
        const std::string start = std::string(enterprise.prefix.view()) + '/';
        ASSERT_LT(last, start);
        ASSERT_EQ(registration_fault(start + "1"), std::nullopt) << start;
        ASSERT_EQ(enterprise.first, first);
        first += enterprise.count;
        last = start;
    }
    EXPECT_EQ(first, options.count);
}

TEST(Enterprises, HavePrefixesInOrderEachOnce) {
    for (const MixKind kind :
         {MixKind::kMixed, MixKind::kBest, MixKind::kBad, MixKind::kNational}) {
        expect_good_prefixes({.kind = kind, .count = 20'000'000, .seed = 1});
        expect_good_prefixes({.kind = kind, .count = 2'000'000'000, .seed = 1});
        expect_good_prefixes({.kind = kind, .count = 17, .seed = 1});
    }
    expect_good_prefixes({.kind = MixKind::kMixed, .count = 1'000'000'000, .seed = 1});
    expect_good_prefixes({.kind = MixKind::kSample, .count = 1'000'000, .seed = 1});
}

TEST(Enterprises, OfTheSampleAreFiftyAndOfEveryForm) {
    const auto sample = make_enterprises({.kind = MixKind::kSample, .count = 1'000'000, .seed = 1});
    EXPECT_EQ(sample.size(), 50U);
    std::set<Form> forms;
    for (const Enterprise& enterprise : sample) forms.insert(enterprise.form);
    EXPECT_EQ(forms.size(), kFormCount);
}

}  // namespace
}  // namespace idnode::bench
