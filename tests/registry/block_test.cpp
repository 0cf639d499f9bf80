#include "registry/block.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "protocol/core/identifier.h"
#include "tests/registry/block_samples.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kUsedMax = kBlockSize * 85 / 100;

std::vector<std::string> near_misses(const std::string& folded, std::mt19937_64& random) {
    std::vector<std::string> misses = {folded + "0", folded.substr(0, folded.size() - 1), ""};
    for (int i = 0; i < 6; ++i) {
        std::string other = folded;
        char& octet = other[random() % other.size()];
        octet = fold_ascii(static_cast<char>(octet + (random() % 2 == 0 ? 1 : -1)));
        misses.push_back(other);
        misses.push_back(other.insert(random() % other.size(), 1, '7'));
    }
    return misses;
}

TEST(Block, GivesBackRandomRecordsOfEveryKind) {
    for (const SampleKind kind : kSampleKinds) {
        for (const std::size_t count : {1U, 2U, 3U, 15U, 16U, 17U, 33U, 495U, 496U, 497U, 3000U}) {
            const SampleMap map = sample_map(kind, count, count);
            check_map(map, kUsedMax);
        }
    }
}

TEST(Block, GivesBackRecordsAtEveryFill) {
    for (const std::size_t used_max : {0U, 60U, 100U, 333U, 1000U, 2038U, 4079U, 4080U}) {
        check_map(sample_map(SampleKind::kMixed, 600, used_max), used_max);
        check_map(sample_map(SampleKind::kDense, 600, used_max), used_max);
    }
}

TEST(Block, TakesNumbersAsNumbersAndTheRestFrontCoded) {
    for (const SampleKind kind : {SampleKind::kDense, SampleKind::kProductDateSerial,
                                  SampleKind::kSparse, SampleKind::kHex}) {
        auto forms = check_map(sample_map(kind, 4000, 5), kUsedMax);
        EXPECT_EQ(forms[KeyForm::kFrontCoded], 0U);
    }
    auto forms = check_map(sample_map(SampleKind::kFree, 4000, 5), kUsedMax);
    EXPECT_GE(forms[KeyForm::kFrontCoded], 40U);
    EXPECT_EQ(forms.size(), 1U);
}

TEST(Block, DoesNotFindWhatIsNotThere) {
    std::mt19937_64 random(3);
    std::size_t absent = 0;
    for (const SampleKind kind : kSampleKinds) {
        const SampleMap map = sample_map(kind, 900, 77);
        const SampleViews views(map);
        for (const auto& block : pack_all(views.records(), kUsedMax)) {
            const HeapCopy copy(block);
            const BlockView view = open_block(copy);
            for (const auto& [folded, record] : map) {
                for (const std::string& miss : near_misses(folded, random)) {
                    if (map.contains(miss)) continue;
                    const auto found = view.find(miss);
                    ASSERT_TRUE(found.has_value());
                    ASSERT_FALSE(found->has_value()) << miss;
                    ++absent;
                }
            }
        }
    }
    EXPECT_GT(absent, 10'000U);
}

SampleRecord plain(std::string identifier, std::uint32_t time = 1) {
    SampleRecord record;
    record.identifier = std::move(identifier);
    record.time = time;
    record.pattern = {1, 0};
    return record;
}

TEST(Block, KeepsEveryKindOfRegisteredCase) {
    const std::vector<std::vector<std::string>> cases = {
        {"10.1/abc", "10.1/abd", "10.1/b"},
        {"10.1/ABC", "10.1/ABD", "10.1/B"},
        {"88.x/Sn0001", "88.x/Sn0002", "88.x/Sn0003"},
        {"10.1/abc", "10.1/ABD", "10.1/aBe", "10.1/123", "10.1/Z"},
        {"10.1/f\xC3\xBCr", "10.1/F\xC3\x9CR", "10.1/\xE5\xB7\xA5\xE4\xB8\x9A"},
        {"a/0f", "A/1F", "a/2f", "a/3A"}};
    for (const auto& identifiers : cases) {
        SampleMap map;
        for (const std::string& identifier : identifiers) add_sample(map, plain(identifier));
        check_map(map, kBlockSize);
    }
    SampleMap many;
    for (int i = 0; i < 500; ++i) {
        add_sample(many, plain(fmt::format("10.1016/S{:04}{}", i, i % 9 == 0 ? "x" : "X")));
    }
    check_map(many, kBlockSize);
}

TEST(Block, KeepsLongIdentifiers) {
    SampleMap map;
    for (const std::size_t size : {254U, 255U, 256U, 257U, 300U, 479U, 480U}) {
        const std::string start = "10.1/" + std::string(size - 7, 'a');
        for (const char* end : {"b0", "b1", "C7"}) add_sample(map, plain(start + end));
    }
    check_map(map, kBlockSize);
    SampleMap numbers;
    for (int i = 0; i < 50; ++i) {
        add_sample(numbers, plain("10.1/" + std::string(468, 'A') + fmt::format("{:07}", i * i)));
    }
    const auto forms = check_map(numbers, kBlockSize);
    EXPECT_EQ(forms.begin()->first, KeyForm::kBuckets);
}

TEST(Block, TakesOctetsThatAShapeGivesAMeaningTo) {
    SampleMap map;
    for (int i = 0; i < 40; ++i) {
        add_sample(map,
                   plain(fmt::format("1/\x01\x02\x03{}{:03}", i % 2 == 0 ? '\x01' : '\x02', i)));
    }
    check_map(map, kBlockSize);
}

TEST(Block, NumbersReachTo64Bits) {
    SampleMap map;
    for (const char* text : {"0000000000000000", "7FFFFFFFFFFFFFFF", "8000000000000000",
                             "FFFFFFFFFFFFFFFE", "FFFFFFFFFFFFFFFF"}) {
        add_sample(map, plain(std::string("8/") + text));
    }
    EXPECT_EQ(check_map(map, kBlockSize).begin()->first, KeyForm::kCells);
    for (const char* text : {"0GGGGGGGGGGGGGGG", "ZZZZZZZZZZZZZZZZ"}) {
        add_sample(map, plain(std::string("8/") + text));
    }
    EXPECT_EQ(check_map(map, kBlockSize).begin()->first, KeyForm::kFrontCoded);
}

TEST(Block, ALongRecordTakesALargerBlockOfItsOwn) {
    for (const std::size_t size : {3'000U, 4'000U, 4'050U, 8'000U, 40'000U, 65'000U}) {
        SampleMap map;
        for (int i = 0; i < 9; ++i) add_sample(map, plain(fmt::format("1/{}", i)));
        map.at("1/4").own = own_octets(1, std::string(size, 'x'));
        SampleRecord long_column = plain("1/6");
        long_column.pattern = {9, 9};
        long_column.columns = {"a", std::string(size, 'y'), "b"};
        add_sample(map, long_column);
        check_map(map, kUsedMax);

        const SampleViews views(map);
        const auto blocks = pack_all(views.records().subspan(4), kUsedMax);
        EXPECT_EQ((blocks[0].size() - kBlockSize) % kPageSize, 0U);
        EXPECT_EQ(blocks[0].size() == kBlockSize, size < 4'050) << size;
    }
}

TEST(Block, RefusesARecordAboveTheLimit) {
    for (const std::size_t size : {kRecordSizeMax - 6, kRecordSizeMax - 5}) {
        SampleMap map;
        add_sample(map, plain("1/1"));
        map.at("1/1").columns = {std::string(6, 'c')};
        map.at("1/1").own = std::string(size, 'x');
        const SampleViews views(map);
        std::vector<std::uint8_t> block;
        const auto taken = pack_block(views.records(), kBlockSize, block);
        EXPECT_EQ(taken.has_value(), size + 6 == kRecordSizeMax);
        if (!taken) {
            EXPECT_EQ(taken.error().kind, ErrorKind::kOverloaded);
        }
    }
}

TEST(Block, EndsWhereItsTableOfPatternsIsFull) {
    SampleMap map;
    for (std::uint32_t i = 0; i < 600; ++i) {
        SampleRecord record = plain(fmt::format("1/{:04}", i));
        record.pattern = {i / 7, static_cast<std::uint16_t>(i % 7)};
        add_sample(map, record);
    }
    check_map(map, kBlockSize);
    const SampleViews views(map);
    std::vector<std::uint8_t> block;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, block).value(), kBlockPatternCountMax);
    // Slots that the table's end does not hold fall out; the pattern that most have comes last.
    for (std::uint32_t i = 300; i < 600; ++i) map.at(fmt::format("1/{:04}", i)).pattern = {500, 3};
    check_map(map, kBlockSize);
}

TEST(Block, HoldsRecordsStoredWholeAndRecordsWithoutValues) {
    SampleMap map;
    for (int i = 0; i < 300; ++i) {
        SampleRecord record = plain(fmt::format("1/{:04}", i));
        record.pattern = {};
        if (i % 4 != 0) record.own = own_octets(1, "whole");
        add_sample(map, record);
    }
    check_map(map, kBlockSize);
}

TEST(Block, HoldsSeveralPrefixes) {
    SampleMap map;
    for (std::uint32_t prefix = 0; prefix < 40; ++prefix) {
        for (int i = 0; i < 6; ++i) {
            SampleRecord record = plain(fmt::format("88.118.{}/{}", prefix, i * 11));
            record.pattern = {prefix, 0};
            add_sample(map, record);
        }
    }
    const auto forms = check_map(map, kBlockSize);
    EXPECT_EQ(forms.begin()->first, KeyForm::kFrontCoded);
    EXPECT_EQ(forms.begin()->second, 1U);
}

TEST(Block, PacksTheSameOctetsWhateverItPackedBefore) {
    const SampleMap first = sample_map(SampleKind::kFree, 900, 1);
    const SampleMap second = sample_map(SampleKind::kDense, 900, 2);
    const SampleViews first_views(first);
    const SampleViews second_views(second);
    BlockPacker used;
    std::vector<std::uint8_t> block;
    std::vector<std::uint8_t> again;
    ASSERT_TRUE(used.pack(first_views.records(), kUsedMax, block).has_value());
    const auto count = used.pack(second_views.records(), kUsedMax, block);
    const auto fresh = pack_block(second_views.records().first(*count), kUsedMax, again);
    EXPECT_EQ(*fresh, *count);
    SampleMap taken(second.begin(), std::next(second.begin(), static_cast<long>(*count)));
    const HeapCopy copy(block);
    expect_holds(open_block(copy), second_views.records().first(*count), second);
}

TEST(Separator, IsTheShortestKeyBetween) {
    EXPECT_EQ(separator("A/1", "A/2"), "A/2");
    EXPECT_EQ(separator("A/1", "A/1"), "A/1");
    EXPECT_EQ(separator("A/1", "A/10"), "A/10");
    EXPECT_EQ(separator("A/19999", "A/2000"), "A/2");
    EXPECT_EQ(separator("", "B"), "B");
    EXPECT_EQ(separator("ABC", "B"), "B");
}

}  // namespace
}  // namespace idnode::registry
