#include "registry/external_sort.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/line_source.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

using ::testing::HasSubstr;

struct Item {
    std::string key;
    std::string text;
    std::uint64_t line = 0;
    std::uint32_t input = 0;

    bool operator==(const Item&) const = default;
};

Item copy_of(const SortItem& item) {
    return {std::string(item.key), std::string(item.text), item.line, item.input};
}

std::vector<Item> sorted(ExternalSort& sorter, const std::vector<Item>& items) {
    for (const Item& item : items) {
        EXPECT_TRUE(sorter.add({item.key, item.text, item.line, item.input}).has_value());
    }
    EXPECT_TRUE(sorter.sort().has_value());
    std::vector<Item> out;
    SortItem item;
    while (true) {
        const auto more = sorter.next(item);
        EXPECT_TRUE(more.has_value());
        if (!more || !*more) return out;
        unsigned sum = 0;
        for (std::size_t i = 0; i < kRowPadding; ++i) {
            sum += static_cast<unsigned char>(*(item.text.data() + item.text.size() + i));
        }
        EXPECT_LE(sum, 255U * kRowPadding);
        out.push_back(copy_of(item));
    }
}

std::vector<Item> random_items(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Item> items;
    for (std::size_t i = 0; i < count; ++i) {
        Item item;
        item.key = "88." + std::to_string(random() % 5) + "/";
        if (random() % 4 == 0) item.key += "A LONG START THAT IS SHARED/";
        item.key += std::to_string(random() % (count / 2 + 1));
        item.text = std::string(random() % 60, static_cast<char>('a' + i % 26));
        item.line = i + 1;
        item.input = static_cast<std::uint32_t>(i % 3);
        items.push_back(std::move(item));
    }
    return items;
}

void expect_sorts(std::size_t count, std::size_t memory) {
    const ScratchDirectory scratch;
    std::vector<Item> items = random_items(count, 5);
    ExternalSort sorter(scratch.path(), memory);
    const std::vector<Item> result = sorted(sorter, items);
    EXPECT_EQ(sorter.item_count(), count);
    std::ranges::stable_sort(items, {}, &Item::key);
    EXPECT_TRUE(result == items) << count << " items in " << memory << " octets";
}

TEST(ExternalSort, GivesNothingOfNothing) { expect_sorts(0, 4'096); }

TEST(ExternalSort, SortsInMemory) {
    expect_sorts(1, 4'096);
    expect_sorts(2, 4'096);
    expect_sorts(20'000, std::size_t{8} << 20);
}

TEST(ExternalSort, SortsOnDiskInOnePass) {
    const ScratchDirectory scratch;
    std::vector<Item> items = random_items(40'000, 6);
    ExternalSort sorter(scratch.path(), std::size_t{2} << 20);
    const std::vector<Item> result = sorted(sorter, items);
    EXPECT_GT(sorter.octets_on_disk(), std::size_t{2} << 20);
    std::ranges::stable_sort(items, {}, &Item::key);
    EXPECT_TRUE(result == items);
}

TEST(ExternalSort, SortsOnDiskInManyPasses) {
    for (const std::size_t count : {40U, 100U, 1'000U, 20'000U}) expect_sorts(count, 4'096);
}

TEST(ExternalSort, SortsWhereTheMemoryIsJustFull) {
    for (std::size_t count = 1; count < 120; ++count) expect_sorts(count, 4'096);
}

TEST(ExternalSort, LeavesNoFileBehind) {
    const ScratchDirectory scratch;
    ExternalSort sorter(scratch.path(), 4'096);
    for (const Item& item : random_items(1'000, 7)) {
        ASSERT_TRUE(sorter.add({item.key, item.text, item.line, item.input}).has_value());
    }
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(ExternalSort, KeepsKeysThatAreTheStartOfOthersApart) {
    const ScratchDirectory scratch;
    const std::string zero(1, '\0');
    std::vector<Item> items;
    std::uint64_t line = 0;
    for (const std::string& key : {"A" + zero, std::string("A"), "A" + zero + zero,
                                   std::string("AB"), std::string("A"), std::string("")}) {
        items.push_back({key, "", ++line, 0});
    }
    ExternalSort sorter(scratch.path(), 4'096);
    const std::vector<Item> result = sorted(sorter, items);
    std::ranges::stable_sort(items, {}, &Item::key);
    EXPECT_TRUE(result == items);
}

TEST(ExternalSort, TakesItemsLargerThanABufferOfTheMerge) {
    const ScratchDirectory scratch;
    std::vector<Item> items;
    for (std::uint64_t i = 0; i < 60; ++i) {
        items.push_back(
            {std::to_string(i * 7'919 % 60), std::string(i % 2 == 0 ? 1'500 : 3, 'x'), i, 0});
    }
    ExternalSort sorter(scratch.path(), 4'096);
    const std::vector<Item> result = sorted(sorter, items);
    std::ranges::stable_sort(items, {}, &Item::key);
    EXPECT_TRUE(result == items);
}

TEST(ExternalSort, NamesADirectoryThatTakesNoFile) {
    const ScratchDirectory scratch;
    ExternalSort sorter(scratch.path("absent"), 4'096);
    Checked<Done> added = Done{};
    for (int i = 0; i < 200 && added; ++i) added = sorter.add({"key", "text", 1, 0});
    ASSERT_FALSE(added.has_value());
    EXPECT_THAT(added.error().to_string(), HasSubstr("absent"));
    EXPECT_THAT(added.error().remedy, HasSubstr("another directory"));
}

TEST(ExternalSort, ComparesTheRoomThatItNeedsWithWhatIsFree) {
    const ScratchDirectory scratch;
    const std::vector<Item> items = random_items(1'000, 9);
    ExternalSort fits(scratch.path(), 4'096);
    fits.set_share_added([] { return 0.5; });
    EXPECT_EQ(sorted(fits, items).size(), items.size());

    ExternalSort too_large(scratch.path(), 4'096);
    too_large.set_share_added([] { return 1e-15; });
    Checked<Done> added;
    for (const Item& item : items) {
        if (added) added = too_large.add({item.key, item.text, item.line, item.input});
    }
    ASSERT_FALSE(added.has_value());
    EXPECT_THAT(added.error().to_string(), HasSubstr(scratch.path() + ": sorting needs about "));
    EXPECT_THAT(added.error().text, HasSubstr(" MiB are free"));
    EXPECT_THAT(added.error().remedy, HasSubstr("--temporary"));
    EXPECT_EQ(too_large.octets_on_disk(), 0U);
}

}  // namespace
}  // namespace idnode::registry
