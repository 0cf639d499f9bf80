// The numeric forms of keys: which is taken for what, that every number comes back from it and no
// other is found, and that a section cut short is refused.
#include "registry/block_keys.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/registry/block_samples.h"

namespace idnode::registry {
namespace {

using Numbers = std::vector<std::uint64_t>;

SampleMap hex_map(const Numbers& numbers) {
    SampleMap map;
    for (const std::uint64_t number : numbers) {
        add_sample(map, {fmt::format("88.200.2/{:016X}", number), 9, {1, 0}, {}, ""});
    }
    return map;
}

Numbers sorted(Numbers numbers) {
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

// `count` numbers from `first` on, of which one in ten is left out.
Numbers dense(std::uint64_t first, std::size_t count) {
    std::mt19937_64 random(count);
    Numbers numbers;
    for (std::uint64_t number = first; numbers.size() < count; ++number) {
        if (random() % 10 != 0) numbers.push_back(number);
    }
    return numbers;
}

Numbers sparse(std::uint64_t below, std::size_t count) {
    std::mt19937_64 random(count);
    std::set<std::uint64_t> numbers;
    while (numbers.size() < count) numbers.insert(random() % below);
    return {numbers.begin(), numbers.end()};
}

std::vector<std::uint8_t> pack(const SampleMap& map) {
    const SampleViews views(map);
    std::vector<std::uint8_t> block;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, block).value(), map.size());
    return block;
}

// Packs the numbers into one block, expects each back, none of `absent`, and gives the form.
KeyForm check(const Numbers& numbers, const Numbers& absent) {
    const SampleMap map = hex_map(numbers);
    const SampleViews views(map);
    const HeapCopy copy(pack(map));
    const BlockView view = open_block(copy);
    expect_holds(view, views.records(), map);
    for (const std::uint64_t number : absent) {
        if (std::ranges::binary_search(numbers, number)) continue;
        const auto found = view.find(fmt::format("88.200.2/{:016X}", number));
        EXPECT_TRUE(found.has_value() && !found->has_value()) << number;
    }
    return view.key_form();
}

// The neighbours of every number.
Numbers beside(const Numbers& numbers) {
    Numbers others = {0, UINT64_MAX, UINT64_MAX / 2};
    for (const std::uint64_t number : numbers) {
        for (const std::uint64_t step : {1U, 33U, 4096U}) {
            others.push_back(number + step);
            others.push_back(number - step);
        }
    }
    return others;
}

double key_bits(const std::vector<std::uint8_t>& block) {
    const auto octets = parse_block(block);
    return 8.0 * static_cast<double>(octets->section(Section::kKeys).size()) /
           static_cast<double>(octets->head.count);
}

TEST(BlockKeys, NumbersThatFollowEachOtherLieInCells) {
    for (const std::size_t count :
         {1U, 2U, 31U, 32U, 33U, 63U, 64U, 65U, 440U, 495U, 496U, 497U, 991U, 992U, 993U}) {
        const Numbers numbers = dense(1'000'000, count);
        const KeyForm form = check(numbers, beside(numbers));
        if (count > 100) {
            EXPECT_EQ(form, KeyForm::kCells) << count;
        }
        Numbers gapless(count);
        for (std::size_t i = 0; i < count; ++i) gapless[i] = 7 + i;
        check(gapless, {0, 6, 7 + count, 8 + count, 1'000});
    }
}

TEST(BlockKeys, CellsBeginAnewBehindAGap) {
    for (const std::uint64_t gap : {31U, 32U, 33U, 34U, 495U, 496U, 497U, 100'000U}) {
        Numbers numbers;
        for (std::uint64_t cluster = 0; cluster < 5; ++cluster) {
            for (std::uint64_t i = 0; i < 97; ++i) numbers.push_back(cluster * (96 + gap) + i);
        }
        EXPECT_EQ(check(sorted(numbers), beside(numbers)), KeyForm::kCells) << gap;
    }
}

TEST(BlockKeys, CellsReachFrom0To64Bits) {
    Numbers numbers = dense(0, 400);
    numbers.push_back(0);
    for (const std::uint64_t number : dense(1'000, 300)) numbers.push_back(~number);
    numbers.push_back(UINT64_MAX);
    numbers = sorted(numbers);
    EXPECT_EQ(check(numbers, beside(numbers)), KeyForm::kCells);
}

TEST(BlockKeys, NumbersThatLieApartAreInBuckets) {
    for (const std::size_t count :
         {1U, 2U, 3U, 15U, 63U, 64U, 65U, 127U, 128U, 129U, 495U, 496U, 497U}) {
        for (const std::uint64_t below : {UINT64_MAX, std::uint64_t{1'000'000'000'000},
                                          std::uint64_t{1'000'000}, std::uint64_t{70'000}}) {
            const Numbers numbers = sparse(below, count);
            const KeyForm form = check(numbers, beside(numbers));
            if (count > 60) {
                EXPECT_EQ(form, KeyForm::kBuckets) << count << ' ' << below;
            }
        }
    }
}

TEST(BlockKeys, BucketsReachFrom0To64Bits) {
    Numbers numbers = sparse(UINT64_MAX, 400);
    numbers.insert(numbers.end(), {0, 1, UINT64_MAX - 1, UINT64_MAX});
    numbers = sorted(numbers);
    EXPECT_EQ(check(numbers, beside(numbers)), KeyForm::kBuckets);
}

// All but one share a bucket, or two lie at the ends with many empty ones between.
TEST(BlockKeys, BucketsMayBeFullOrEmpty) {
    Numbers numbers;
    for (std::uint64_t i = 0; i < 450; ++i) numbers.push_back(5 + i * 41);
    numbers.push_back(std::uint64_t{1} << 60);
    EXPECT_EQ(check(numbers, beside(numbers)), KeyForm::kBuckets);
    for (std::uint64_t i = 0; i < 60; ++i) numbers.push_back((std::uint64_t{1} << 63) + i * 77);
    EXPECT_EQ(check(numbers, beside(numbers)), KeyForm::kBuckets);
}

TEST(BlockKeys, CostWhatTheyAreMeantTo) {
    EXPECT_LT(key_bits(pack(hex_map(dense(0, 10'000)))), 1.2);
    Numbers serials;  // 500 slots for each product and date.
    for (std::uint64_t date = 0; date < 20; ++date) {
        for (const std::uint64_t slot : dense(0, 450)) serials.push_back(date * 10'000 + slot);
    }
    EXPECT_LT(key_bits(pack(hex_map(serials))), 1.35);
    // 1,000 of 2^40: log2 is 30.03.
    EXPECT_LT(key_bits(pack(hex_map(sparse(std::uint64_t{1} << 40, 600)))), 30.8 + 2.5);
    EXPECT_LT(key_bits(pack(hex_map(sparse(1'000'000, 1'500)))), 9.4 + 2.5);
}

TEST(BlockKeys, ABlockHoldsUpTo16384) {
    for (const std::size_t count : {16'384U, 16'385U}) {
        SampleMap map;
        for (std::size_t i = 0; i < count; ++i) {
            SampleRecord record{fmt::format("8.1/SN{:08}", i), 0, {1, 0}, {}, ""};
            record.time = static_cast<std::uint32_t>(1'000 + i / 1'500);
            record.columns = {fmt::format("batch {}", i / 10'000)};
            if (i % 997 == 0) record.own = own_octets(3, "more");
            if (i % 1'999 == 5) record.time = 77;
            add_sample(map, std::move(record));
        }
        const auto forms = check_map(map, kBlockSize);
        EXPECT_EQ(forms.at(KeyForm::kCells), 1U);
        EXPECT_EQ(forms.size(), count > kBlockRecordCountMax ? 2U : 1U);
    }
}

// What follows in another radix would draw the numbers in front of it apart.
TEST(BlockKeys, WhatFollowsDoesNotWidenTheBlockBefore) {
    SampleMap map;
    for (int i = 0; i < 6'000; ++i) {
        add_sample(map, {fmt::format("8.1/{:08}", i), 1, {1, 0}, {}, ""});
    }
    for (int i = 0; i < 6'000; ++i) {
        add_sample(map, {fmt::format("8.1/A{:06}Z", i), 1, {2, 0}, {}, ""});
    }
    const SampleViews views(map);
    const auto blocks = pack_all(views.records(), kBlockSize);
    EXPECT_GE(BlockView::open(blocks[0])->record_count(), 6'000U);
    check_map(map, kBlockSize);
}

TEST(BlockKeys, EveryShorterSectionIsRefused) {
    constexpr std::size_t kUsedAt = 8;
    constexpr std::size_t kExceptionsAt = 26 + 2 * static_cast<std::size_t>(Section::kExceptions);
    const std::map<KeyForm, Numbers> samples = {{KeyForm::kNumeric, {3, 500, 70'000}},
                                                {KeyForm::kCells, dense(0, 900)},
                                                {KeyForm::kBuckets, sparse(UINT64_MAX, 150)}};
    for (const auto& [form, numbers] : samples) {
        const SampleMap map = hex_map(numbers);
        const auto block = pack(map);
        const auto octets = parse_block(block);
        ASSERT_EQ(octets->head.key_form, form);
        const std::size_t start = octets->head.offsets[static_cast<std::size_t>(Section::kKeys)];
        for (std::size_t end = start; end < octets->head.used; ++end) {
            HeapCopy copy(block);
            for (const std::size_t at : {kUsedAt, kExceptionsAt, kExceptionsAt + 2}) {
                copy.writable()[at] = static_cast<std::uint8_t>(end);
                copy.writable()[at + 1] = static_cast<std::uint8_t>(end >> 8);
            }
            const BlockView view = open_block(copy);
            const auto found = view.find(map.begin()->first);
            ASSERT_FALSE(found.has_value()) << end;
            EXPECT_EQ(found.error().kind, ErrorKind::kCorrupt);
            BlockCursor cursor(view);
            Record record;
            EXPECT_FALSE(cursor.next(record).has_value()) << end;
        }
    }
}

}  // namespace
}  // namespace idnode::registry
