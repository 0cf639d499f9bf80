#include "registry/journal.h"

#include <gtest/gtest.h>

#include "tests/registry/heap_copy.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

JournalEntry sample() {
    JournalEntry entry;
    entry.action = JournalAction::kSpan;
    entry.origin = Origin::kImport;
    entry.date_ms = 1'700'000'000'123;
    entry.transaction = 42;
    entry.count = 1'000;
    entry.previous.fill(0x5A);
    entry.actor = "88.1/admin";
    entry.first = "88.1/a";
    entry.last = "88.1/z";
    entry.tlvs = std::string_view("\x01\x02hi", 4);
    return entry;
}

std::string encoded(const JournalEntry& entry) {
    std::string stored;
    encode_journal_entry(entry, stored);
    return stored;
}

TEST(JournalEntry, ComesBack) {
    const HeapCopy stored(encoded(sample()));
    const auto entry = decode_journal_entry(stored.bytes());
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->action, JournalAction::kSpan);
    EXPECT_EQ(entry->origin, Origin::kImport);
    EXPECT_EQ(entry->date_ms, 1'700'000'000'123U);
    EXPECT_EQ(entry->transaction, 42U);
    EXPECT_EQ(entry->count, 1'000U);
    EXPECT_EQ(entry->previous, sample().previous);
    EXPECT_EQ(entry->actor, "88.1/admin");
    EXPECT_EQ(entry->first, "88.1/a");
    EXPECT_EQ(entry->last, "88.1/z");
    EXPECT_EQ(entry->tlvs, sample().tlvs);
    EXPECT_EQ(encoded(*entry), to_text(stored.bytes()));
}

TEST(JournalEntry, RefusesEveryShorterInputAndEveryFlippedBit) {
    const std::string stored = encoded(sample());
    for (std::size_t size = 0; size < stored.size(); ++size) {
        EXPECT_FALSE(decode_journal_entry(HeapCopy(stored.substr(0, size)).bytes()));
    }
    for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
        HeapCopy damaged(stored);
        damaged.writable()[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(decode_journal_entry(damaged.bytes())) << bit;
    }
}

TEST(JournalEntry, RefusesAnUnknownCriticalTlv) {
    JournalEntry entry = sample();
    entry.tlvs = std::string_view("\x81\x00", 2);
    const auto decoded = decode_journal_entry(to_bytes(encoded(entry)));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().kind, ErrorKind::kUnsupported);
}

TEST(JournalHash, CoversKeyAndOctets) {
    const std::string stored = encoded(sample());
    const Sha256 hash = journal_hash(1, to_bytes(stored));
    EXPECT_NE(journal_hash(2, to_bytes(stored)), hash);
    EXPECT_NE(journal_hash(1, to_bytes(stored + "x")), hash);
    EXPECT_EQ(journal_hash(1, to_bytes(stored)), hash);
}

std::vector<std::string> actions_of(Registry& registry, std::uint64_t from) {
    std::vector<std::string> actions;
    JournalWalk walk(registry, from);
    while (true) {
        const auto more = walk.next();
        EXPECT_TRUE(more);
        if (!more || !*more) return actions;
        const JournalEntry& entry = walk.entry();
        std::string text = std::to_string(static_cast<int>(entry.action));
        text += " ";
        text += entry.first;
        if (!entry.last.empty()) text += "-" + std::string(entry.last);
        if (entry.count != 1) text += " " + std::to_string(entry.count);
        actions.push_back(text);
    }
}

TEST(Journal, NamesEveryChangeOnce) {
    TestRegistry registry(kNoPrefixes);
    {
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->add_prefix("88.1"));
        ASSERT_TRUE(std::move(*writer).commit());
    }
    registry.put("88.1/Case", "1");
    registry.put("88.1/Case", "1");                           // Equal: no entry.
    registry.put("88.1/case", "2", ExistingPolicy::kReject);  // Refused: no entry.
    registry.put("88.1/case", "2", ExistingPolicy::kReplace);
    registry.erase("88.1/none");
    registry.erase("88.1/CASE");
    registry.set_state("88.1", PrefixState::kSuspended, "unpaid");
    EXPECT_EQ(actions_of(*registry, 1),
              (std::vector<std::string>{"16 0.NA", "16 88.1", "1 88.1/Case", "3 88.1/case",
                                        "2 88.1/CASE", "16 88.1"}));
    EXPECT_EQ(registry.verify_text(), "clean");
}

}  // namespace
}  // namespace idnode::registry
