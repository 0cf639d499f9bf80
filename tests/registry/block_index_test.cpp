#include "registry/block_index.h"

#include <algorithm>
#include <bit>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/registry/index_of_keys.h"

namespace idnode::registry {
namespace {

TEST(BlockIndex, FindsTheLastBlockWhoseKeyIsNotAbove) {
    const IndexOfKeys made({"A1", "A5", "B"});
    EXPECT_EQ(made.find("A0"), 0);  // The block in front of the run.
    EXPECT_EQ(made.find("A1"), 1);
    EXPECT_EQ(made.find("A11"), 1);
    EXPECT_EQ(made.find("A49999"), 1);
    EXPECT_EQ(made.find("A5"), 2);
    EXPECT_EQ(made.find("AZZ"), 2);
    EXPECT_EQ(made.find("B"), 3);
    EXPECT_EQ(made.find("ZZZ"), 3);
    EXPECT_EQ(made.find(""), 0);
}

TEST(BlockIndex, APrefixWithoutBlocksOfItsOwnLiesInTheOneBefore) {
    const IndexOfKeys made({});
    EXPECT_EQ(made.find("anything"), 0);
}

TEST(BlockIndex, PrefixesThatItDoesNotKnowAreNotCovered) {
    const IndexOfKeys made({"A"});
    EXPECT_EQ(made.index().run(IndexOfKeys::kPrefix + 1), nullptr);
    EXPECT_EQ(made.index().run(0), nullptr);
    EXPECT_FALSE(made.index().mark(99, "a", "a", BlockIndex::Change::kPut));
}

TEST(BlockIndex, LongBlocksAndKeysCutShortAreTheCursors) {
    const std::string stem(40, '7');
    const IndexOfKeys made({stem + "1", stem + "2", "8", "9"}, {2});
    EXPECT_EQ(made.find("8"), IndexOfKeys::kCursor);
    EXPECT_EQ(made.find("80"), IndexOfKeys::kCursor);
    EXPECT_EQ(made.find("9"), 4);
    // The number tells neither key from the other.
    EXPECT_EQ(made.find(stem + "2"), IndexOfKeys::kCursor);
    EXPECT_EQ(made.find("70"), 0);
}

TEST(BlockIndex, EqualsAPlainSearchOverRandomKeys) {
    std::mt19937_64 random(5);
    constexpr std::string_view kMoreThanLetters = "-_Z09";  // Seven places fit a number.
    for (const std::string_view alphabet :
         {std::string_view("0123456789"), std::string_view("01F"), kMoreThanLetters}) {
        for (const std::size_t count : {1U, 2U, 3U, 15U, 100U, 3'000U}) {
            const auto text = [&] {
                std::string made = "SN";
                while (made.size() < 12) made.push_back(alphabet[random() % alphabet.size()]);
                return made.substr(0, 3 + random() % 10);
            };
            std::set<std::string> keys;
            for (std::size_t i = 0; i < count; ++i) keys.insert(text());
            const std::vector<std::string> sorted(keys.begin(), keys.end());
            const IndexOfKeys made(sorted);
            for (int i = 0; i < 2'000; ++i) {
                const std::string asked = text();
                const auto above = std::ranges::upper_bound(sorted, asked);
                const std::ptrdiff_t found = made.find(asked);
                if (found == IndexOfKeys::kCursor && alphabet == kMoreThanLetters) continue;
                ASSERT_EQ(found, above - sorted.begin()) << asked;
            }
        }
    }
}

// Runs that begin and end around the places that have samples, in front of each other's blocks,
// with gaps between and without blocks; their bounds overlap.
TEST(BlockIndex, EqualsAPlainSearchInEachOfManyRuns) {
    std::mt19937_64 random(6);
    std::vector<BlockIndex::Run> runs(1);
    std::vector<BlockIndex::Found> blocks(1);
    for (const std::uint32_t count :
         {0U, 14U, 1U, 16U, 0U, 223U, 256U, 257U, 4'095U, 4'096U, 4'097U, 70'000U, 1U, 300U}) {
        for (std::size_t gap = random() % 3; gap > 0; --gap) blocks.push_back({random()});
        runs.push_back({static_cast<std::uint32_t>(blocks.size()), count, 0});
        std::vector<std::uint64_t> bounds(count);
        for (std::uint64_t& bound : bounds) bound = 10 + random() % (4 * count);  // Some equal.
        std::ranges::sort(bounds);
        for (const std::uint64_t bound : bounds) blocks.push_back({bound});
    }
    const auto address = [](std::size_t block) {
        return std::bit_cast<const std::uint8_t*>(0x1000'0010 + block * kPageSize);
    };
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].address = address(i);
    BlockIndex index(1, runs, {IndexShape()}, blocks);
    for (std::uint32_t prefix = 1; prefix < runs.size(); ++prefix) {
        const auto run = std::span(blocks).subspan(runs[prefix].first, runs[prefix].count);
        for (int i = 0; i < 2'000; ++i) {
            const std::uint64_t number = random() % (4 * run.size() + 30);
            const auto above = std::ranges::upper_bound(run, number, {}, &BlockIndex::Found::bound);
            const std::size_t block =
                runs[prefix].first + static_cast<std::size_t>(above - run.begin()) - 1;
            const auto span = index.narrow(*index.run(prefix), number);
            ASSERT_EQ(index.find(index.narrow_more(span, number), number), address(block))
                << "run " << prefix << " number " << number;
        }
    }
}

TEST(BlockIndex, APutMarksItsBlockAlone) {
    IndexOfKeys made({"10", "20", "30"});
    ASSERT_TRUE(made.mark("25", BlockIndex::Change::kPut));
    ASSERT_TRUE(made.mark("26", BlockIndex::Change::kPut));
    EXPECT_EQ(made.marks(), "0010");
    EXPECT_EQ(made.index().marked_count(), 1U);
    EXPECT_EQ(made.find("25"), IndexOfKeys::kCursor);
    EXPECT_EQ(made.find("19"), 1);
}

TEST(BlockIndex, APutInFrontOfTheRunMarksTheBlockBefore) {
    IndexOfKeys made({"10", "20"});
    ASSERT_TRUE(made.mark("05", BlockIndex::Change::kPut));
    EXPECT_EQ(made.marks(), "100");
}

TEST(BlockIndex, TheRangeOfABlockThatMayBeGoneFallsToTheOneBefore) {
    IndexOfKeys made({"10", "20", "30"});
    ASSERT_TRUE(made.mark("25", BlockIndex::Change::kDelete));
    EXPECT_EQ(made.marks(), "0010");
    // Were the block erased, this would go to the one before it.
    ASSERT_TRUE(made.mark("26", BlockIndex::Change::kPut));
    EXPECT_EQ(made.marks(), "0110");
    // That one has been put into and is there.
    ASSERT_TRUE(made.mark("26", BlockIndex::Change::kPut));
    EXPECT_EQ(made.marks(), "0110");
    ASSERT_TRUE(made.mark("15", BlockIndex::Change::kDelete));
    ASSERT_TRUE(made.mark("26", BlockIndex::Change::kPut));
    EXPECT_EQ(made.marks(), "1110");
}

TEST(BlockIndex, ASpanMarksAllThatItTouches) {
    IndexOfKeys made({"10", "20", "30", "40"});
    ASSERT_TRUE(made.index().mark(IndexOfKeys::kPrefix, "21", "35", BlockIndex::Change::kDelete));
    EXPECT_EQ(made.marks(), "00110");
    EXPECT_EQ(made.index().marked_count(), 2U);
}

TEST(BlockIndex, TakesLessThanThirteenOctetsABlockAndSixteenAPrefix) {
    std::vector<std::string> keys;
    for (int i = 10'000; i < 20'000; ++i) keys.push_back(std::to_string(i));
    const IndexOfKeys made(keys);
    const std::size_t blocks = keys.size() + 1;
    const std::size_t prefixes = IndexOfKeys::kPrefix + 1;
    EXPECT_LE(made.index().size(), blocks * 13 + prefixes * 16 + 128 /* one shape */);
}

TEST(BlockIndex, PointsOnlyToWhatLiesBehindTheHeadOfAPage) {
    const auto* const page = reinterpret_cast<const std::uint8_t*>(0x1000'0000);
    EXPECT_TRUE(BlockIndex::can_point_to({page + 16, kBlockSize}));
    EXPECT_TRUE(BlockIndex::can_point_to({page + 16, kBlockSize + kPageSize}));
    EXPECT_FALSE(BlockIndex::can_point_to({page + 16, kBlockSize - 1}));
    EXPECT_FALSE(BlockIndex::can_point_to({page + 32, kBlockSize}));
}

TEST(BlockIndex, WhatLiesFurtherThanItCanPointIsTheCursors) {
    const auto* const page = reinterpret_cast<const std::uint8_t*>(0x1000'0010);
    std::vector<BlockIndex::Found> blocks(4);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].bound = 10 * i;
    blocks[0].address = page + 5 * kPageSize;  // Not the lowest.
    blocks[1].address = page;
    blocks[2].address = page + (BlockIndex::kReach - 1) * kPageSize;
    blocks[3].address = page + BlockIndex::kReach * kPageSize;
    const BlockIndex index(1, {{1, 3, 0}}, {}, blocks);
    const auto find = [&](std::uint64_t number) {
        return index.find(index.narrow_more(index.narrow(*index.run(0), number), number), number);
    };
    EXPECT_EQ(find(9), blocks[0].address);
    EXPECT_EQ(find(10), blocks[1].address);
    EXPECT_EQ(find(29), blocks[2].address);
    EXPECT_EQ(find(30), nullptr);
}

}  // namespace
}  // namespace idnode::registry
