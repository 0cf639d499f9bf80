#include "registry/growth.h"

#include <gtest/gtest.h>

#include "registry/journal.h"
#include "registry/key.h"
#include "registry/registry_parts.h"
#include "registry/tlv.h"
#include "tests/registry/heap_copy.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr std::uint64_t kLater = 4'000'000'000'000;  // Milliseconds since 1970: behind all now.

TEST(Growth, PagesComeBackFromAList) {
    std::string tlvs;
    EXPECT_FALSE(find_file_pages(to_bytes(tlvs)));
    append_tlv(tlvs, 5, to_bytes(std::string_view("other")));
    EXPECT_FALSE(find_file_pages(to_bytes(tlvs)));
    append_file_pages(tlvs, 0x0102'0304'0506'0708);
    EXPECT_TRUE(check_tlvs(to_bytes(tlvs)));
    EXPECT_EQ(find_file_pages(to_bytes(tlvs)), 0x0102'0304'0506'0708U);
    for (std::size_t size = 0; size < tlvs.size(); ++size) {
        const HeapCopy cut(to_bytes(tlvs).first(size));
        EXPECT_FALSE(find_file_pages(cut.bytes())) << size;
    }
    std::string other_size;
    append_tlv(other_size, kFilePagesTag, to_bytes(std::string_view("seven..")));
    EXPECT_FALSE(find_file_pages(to_bytes(other_size)));
}

TEST(Growth, FullWhenTheRoomIsUsedUp) {
    EXPECT_EQ(seconds_until_full({true, 1'000'000, 100'000}, 5'000'000), 500U);
    EXPECT_EQ(seconds_until_full({true, 1'000'000, 100'000}, 0), 0U);
    EXPECT_FALSE(seconds_until_full({true, 0, 100'000}, 5'000'000));
    EXPECT_FALSE(seconds_until_full({false, 0, 0}, 5'000'000));
    // Too short a time for a rate.
    EXPECT_FALSE(seconds_until_full({true, 1'000'000, kGrowthTimeMinMs - 1}, 5'000'000));
    EXPECT_TRUE(seconds_until_full({true, 1'000'000, kGrowthTimeMinMs}, 5'000'000));
}

class GrowthOfJournal : public testing::Test {
protected:
    // Writes one entry behind the last of this test.
    void add_entry(std::uint64_t date, std::optional<std::uint64_t> pages) {
        std::string tlvs;
        if (pages) append_file_pages(tlvs, *pages);
        JournalEntry entry;
        entry.date_ms = date;
        entry.tlvs = tlvs;
        std::string stored;
        encode_journal_entry(entry, stored);
        auto txn = lmdb::WriteTxn::begin(registry_->parts().environment);
        ASSERT_TRUE(txn);
        ASSERT_TRUE(txn->put(lmdb::Table::kJournal, journal_key(++head_), to_bytes(stored)));
        ASSERT_TRUE(std::move(*txn).commit());
    }

    Growth growth_at(std::uint64_t now, std::uint64_t pages_now) {
        auto txn = lmdb::ReadTxn::begin(registry_->parts().environment);
        EXPECT_TRUE(txn);
        const auto growth = read_growth(*txn, {head_, pages_now, 4'096, now});
        EXPECT_TRUE(growth);
        return growth.value_or(Growth{});
    }

    TestRegistry registry_;
    std::uint64_t head_ = registry_->info()->journal_head;
};

TEST_F(GrowthOfJournal, CountsFromTheFirstChangeInTheWindow) {
    add_entry(kLater, 10);
    add_entry(kLater + 1'000'000, 50);
    add_entry(kLater + 2'000'000, 90);
    const Growth all = growth_at(kLater + kGrowthWindowMs, 110);
    EXPECT_TRUE(all.known);
    EXPECT_EQ(all.size, 100U * 4'096);
    EXPECT_EQ(all.time_ms, kGrowthWindowMs);
    const Growth two = growth_at(kLater + kGrowthWindowMs + 1, 110);
    EXPECT_EQ(two.size, 60U * 4'096);
    EXPECT_EQ(two.time_ms, kGrowthWindowMs + 1 - 1'000'000);
    const Growth none = growth_at(kLater + 2'000'001 + kGrowthWindowMs, 110);
    EXPECT_TRUE(none.known);
    EXPECT_EQ(none.size, 0U);
}

TEST_F(GrowthOfJournal, PagesUsedAgainAreNoGrowth) {
    add_entry(kLater, 110);
    const Growth growth = growth_at(kLater + 60'000, 110);
    EXPECT_TRUE(growth.known);
    EXPECT_EQ(growth.size, 0U);
}

TEST_F(GrowthOfJournal, IsNotKnownWhereTheJournalDoesNotSayIt) {
    add_entry(kLater, std::nullopt);
    EXPECT_FALSE(growth_at(kLater + 60'000, 110).known);
}

TEST_F(GrowthOfJournal, ADamagedEntryIsAnError) {
    add_entry(kLater, 1);
    auto write = lmdb::WriteTxn::begin(registry_->parts().environment);
    ASSERT_TRUE(write);
    const std::string_view junk = "junk";
    ASSERT_TRUE(write->put(lmdb::Table::kJournal, journal_key(head_), to_bytes(junk)));
    ASSERT_TRUE(std::move(*write).commit());
    auto txn = lmdb::ReadTxn::begin(registry_->parts().environment);
    ASSERT_TRUE(txn);
    EXPECT_FALSE(read_growth(*txn, {head_, 110, 4'096, kLater}));
}

TEST(Growth, EveryTransactionSaysHowLargeTheFileWas) {
    TestRegistry registry;
    const std::uint64_t first = registry->info()->journal_head + 1;
    for (int i = 0; i < 40; ++i) registry.put("88.1/" + std::to_string(i), std::string(9'000, 'x'));
    JournalWalk walk(*registry, first);
    std::uint64_t before = 0;
    for (auto more = walk.next(); more && *more; more = walk.next()) {
        const auto pages = find_file_pages(to_bytes(walk.entry().tlvs));
        ASSERT_TRUE(pages) << walk.sequence();
        EXPECT_GE(*pages, before);
        before = *pages;
    }
    EXPECT_GT(before, 100U);
    const RegistryInfo info = *registry->info();
    EXPECT_TRUE(info.growth.known);
    EXPECT_GT(info.growth.size, 40U * 9'000);
    EXPECT_LE(info.growth.size, info.file_size);
}

}  // namespace
}  // namespace idnode::registry
