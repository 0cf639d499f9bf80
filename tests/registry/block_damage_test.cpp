// Blocks as a bad disk gives them: whatever the octets, reading stays inside and says what is
// wrong.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "registry/block.h"
#include "tests/registry/block_samples.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kUsedAt = 8;

std::uint64_t sum_of(std::string_view text) {
    std::uint64_t sum = 0;
    for (const char octet : text) sum += static_cast<std::uint8_t>(octet);
    return sum;
}

// Touches every octet that the fields point to.
std::uint64_t touch(const Record& record) {
    std::uint64_t sum = sum_of(record.fields.identifier) + sum_of(to_text(record.fields.own));
    for (const std::string_view column : record.fields.columns) sum += sum_of(column);
    return sum + record.fields.time + record.fields.pattern.id;
}

bool is_damage(const Error& error) {
    return error.kind == ErrorKind::kCorrupt || error.kind == ErrorKind::kUnsupported;
}

// Walks, finds and loads everything; gives whether all of it was sound.
bool read_all(const BlockView& view, std::span<const PackRecord> wanted) {
    bool sound = true;
    std::uint64_t sum = 0;
    Record record;
    BlockCursor cursor(view);
    std::size_t walked = 0;
    for (;; ++walked) {
        const auto more = cursor.next(record);
        EXPECT_TRUE(more.has_value() || is_damage(more.error()));
        sound = sound && more.has_value();
        if (!more || !*more) break;
        sum += touch(record) + sum_of(cursor.folded());
    }
    EXPECT_LE(walked, view.record_count());
    for (const PackRecord& given : wanted) {
        const auto position = view.find(given.folded);
        EXPECT_TRUE(position.has_value() || is_damage(position.error()));
        sound = sound && position.has_value();
        if (!position || !position->has_value()) continue;
        EXPECT_LT(**position, view.record_count());
        const auto loaded = view.load(**position, given.folded, record);
        EXPECT_TRUE(loaded.has_value() || is_damage(loaded.error()));
        sound = sound && loaded.has_value();
        if (loaded) sum += touch(record);
    }
    return sound && sum > 0;
}

// One block of each kind of sample, of cells and of buckets, small enough to flip every bit of it.
template <class Test>
void for_small_blocks(Test test) {
    std::vector<SampleMap> maps = {text_map(40, 9)};
    for (const SampleKind kind : kSampleKinds) maps.push_back(sample_map(kind, 40, 9));
    for (const SampleMap& map : maps) {
        const SampleViews views(map);
        std::vector<std::uint8_t> block;
        const auto count = pack_block(views.records(), 600, block);
        ASSERT_TRUE(count.has_value());
        test(block, views.records().first(*count));
    }
    for (const KeyForm form : {KeyForm::kCells, KeyForm::kBuckets}) {
        SampleMap map;
        for (std::uint64_t i = 0; i < 60; ++i) {
            const std::uint64_t number =
                form == KeyForm::kCells ? i % 10 * 5'000 + i / 10 * 2 : i * 1'000'003 + i % 7 * 999;
            add_sample(map, {fmt::format("88.1/{:09}", number), 5, {1, 0}, {}, ""});
        }
        const SampleViews views(map);
        std::vector<std::uint8_t> block;
        const auto count = pack_block(views.records(), kBlockSize, block);
        ASSERT_EQ(BlockView::open(block)->key_form(), form);
        test(block, views.records().first(*count));
    }
}

TEST(DamagedBlock, EveryFlippedBitIsNoticedByTheChecksumAndSurvivedByReading) {
    std::size_t refused = 0;
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto records) {
        const std::size_t used = BlockView::open(block)->used_size();
        for (std::size_t bit = 0; bit < used * 8; ++bit) {
            HeapCopy copy(block);
            copy.writable()[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            const auto view = BlockView::open(copy.bytes());
            if (!view) {
                EXPECT_TRUE(is_damage(view.error()));
                ++refused;
                continue;
            }
            EXPECT_FALSE(view->checksum_ok()) << bit;
            read_all(*view, records);
        }
    });
    EXPECT_GT(refused, 500U);
}

TEST(DamagedBlock, RandomOctetsAreSurvived) {
    std::mt19937_64 random(4);
    std::size_t opened = 0;
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto records) {
        const std::size_t used = BlockView::open(block)->used_size();
        for (int round = 0; round < 1'500; ++round) {
            HeapCopy copy(block);
            for (std::uint64_t i = 1 + random() % 8; i-- > 0;) {
                copy.writable()[random() % used] = static_cast<std::uint8_t>(random());
            }
            const auto view = BlockView::open(copy.bytes());
            if (!view) continue;
            ++opened;
            read_all(*view, records);
        }
    });
    EXPECT_GT(opened, 4'000U);
}

TEST(DamagedBlock, OtherSizesThanWholePagesAreRefused) {
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto) {
        for (std::size_t size = 0; size < block.size(); size += size < 64 ? 1 : 97) {
            const HeapCopy copy(ByteSpan(block).first(size));
            const auto view = BlockView::open(copy.bytes());
            ASSERT_FALSE(view.has_value());
            EXPECT_EQ(view.error().kind, ErrorKind::kCorrupt);
        }
        std::vector<std::uint8_t> longer = block;
        longer.push_back(0);
        EXPECT_FALSE(BlockView::open(longer).has_value());
        longer.resize(block.size() + kPageSize);
        EXPECT_TRUE(BlockView::open(longer).has_value());
    });
}

// With the used size cut, the last section ends earlier and those behind it are refused.
TEST(DamagedBlock, EveryShorterUsedSizeIsNoticed) {
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto records) {
        const std::size_t used = BlockView::open(block)->used_size();
        for (std::size_t size = 0; size < used; ++size) {
            HeapCopy copy(block);
            copy.writable()[kUsedAt] = static_cast<std::uint8_t>(size);
            copy.writable()[kUsedAt + 1] = static_cast<std::uint8_t>(size >> 8);
            const auto view = BlockView::open(copy.bytes());
            if (!view) continue;
            EXPECT_FALSE(view->checksum_ok());
            read_all(*view, records);
        }
    });
}

TEST(DamagedBlock, UnknownFormsAreUnsupported) {
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto) {
        for (const std::size_t octet : {0U, 1U, 2U, 3U, 18U, 19U}) {
            HeapCopy copy(block);
            copy.writable()[octet] = 0x70;
            const auto view = BlockView::open(copy.bytes());
            ASSERT_FALSE(view.has_value());
            EXPECT_EQ(view.error().kind, ErrorKind::kUnsupported) << octet;
        }
    });
}

TEST(DamagedBlock, WhatIsWholeReadsWhole) {
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto records) {
        const HeapCopy copy(block);
        const auto view = BlockView::open(copy.bytes());
        ASSERT_TRUE(view.has_value());
        EXPECT_TRUE(view->checksum_ok());
        EXPECT_TRUE(read_all(*view, records));
    });
}

// Positions and identifiers that find() never gave.
TEST(DamagedBlock, StrangePositionsAreRefused) {
    for_small_blocks([&](const std::vector<std::uint8_t>& block, auto records) {
        const auto view = BlockView::open(block);
        Record record;
        EXPECT_FALSE(view->load(view->record_count(), records[0].folded, record).has_value());
        const std::string too_long(kIdentifierSizeMax + 1, 'A');
        EXPECT_FALSE(view->load(0, too_long, record).has_value());
        const auto absent = view->find(too_long);
        EXPECT_TRUE(absent.has_value() && !absent->has_value());
    });
}

}  // namespace
}  // namespace idnode::registry
