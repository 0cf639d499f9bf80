#include "registry/snapshot.h"

#include <thread>

#include <gtest/gtest.h>

#include "registry/lmdb.h"
#include "registry/prefix_table.h"
#include "registry/registry_parts.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

TEST(Snapshot, AnswersABatchUnderOneState) {
    TestRegistry registry({"88.1", "88.2"});
    registry.put("88.1/a", "1");
    registry.put("88.2/b", "2");
    registry.put("0.NA/88.1", "site");
    registry.set_state("88.2", PrefixState::kSuspended, "unpaid");
    const std::vector<std::string> names = {"88.1/A", "88.1/b", "88.2/b", "88.3/x", "88.1"};
    std::vector<FoldedIdentifier> folded(names.begin(), names.end());
    std::vector<Lookup> lookups(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) lookups[i].identifier = &folded[i];
    RegistryReader reader(*registry);
    auto snapshot = reader.snapshot();
    ASSERT_TRUE(snapshot);
    registry.put("88.1/b", "later");
    snapshot->find_batch(lookups);
    EXPECT_EQ(lookups[0].outcome, Outcome::kFound);
    EXPECT_EQ(to_plain_text(lookups[0].record), "URL@1=1");
    EXPECT_EQ(lookups[0].record.fields.identifier, "88.1/a");
    EXPECT_EQ(lookups[0].prefix.name, "88.1");
    EXPECT_EQ(lookups[1].outcome, Outcome::kAbsent);
    EXPECT_EQ(lookups[2].outcome, Outcome::kSuspended);
    EXPECT_EQ(lookups[2].prefix.reason, "unpaid");
    EXPECT_GT(lookups[2].prefix.since, 1'700'000'000U);
    EXPECT_EQ(lookups[3].outcome, Outcome::kNoPrefix);
    EXPECT_EQ(to_plain_text(lookups[4].record), "URL@1=site");
}

TEST(Snapshot, SeesEveryChangeCommittedBefore) {
    TestRegistry registry;
    RegistryReader reader(*registry);
    for (int i = 0; i < 50; ++i) {
        const std::string name = "88.1/" + std::to_string(i);
        EXPECT_EQ(look_up(reader, name), "absent");
        registry.put(name, "v" + std::to_string(i));
        EXPECT_EQ(look_up(reader, name), "URL@1=v" + std::to_string(i));
    }
}

TEST(Snapshot, ShowsThePrefixAsItIsNow) {
    TestRegistry registry({"88.1", "88.2"});
    registry.put("88.1/a", "1");
    registry.put("0.NA/88.1", "site");
    RegistryReader one(*registry);
    RegistryReader two(*registry);
    const auto both = [&](std::string_view name) {
        std::string answer = look_up(one, name);
        EXPECT_EQ(look_up(two, name), answer);
        return answer;
    };
    EXPECT_EQ(both("88.1/a"), "URL@1=1");
    registry.set_state("88.1", PrefixState::kSuspended, "why");
    EXPECT_EQ(both("88.1/a"), "suspended: why");
    EXPECT_EQ(both("88.1/none"), "suspended: why");
    EXPECT_EQ(both("88.1"), "URL@1=site");
    registry.set_state("88.1", PrefixState::kBeingDeleted, "gone soon");
    EXPECT_EQ(both("88.1/a"), "suspended: gone soon");
    registry.set_state("88.1", PrefixState::kActive);
    EXPECT_EQ(both("88.1/a"), "URL@1=1");
    {
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer->set_homed("88.1", false));
        ASSERT_TRUE(writer->add_prefix("88.7"));
        ASSERT_TRUE(std::move(*writer).commit());
    }
    EXPECT_EQ(both("88.1/a"), "no prefix");
    EXPECT_EQ(both("88.7/a"), "absent");
    auto snapshot = one.snapshot();
    EXPECT_EQ(snapshot->prefix("88.7")->name, "88.7");
    EXPECT_FALSE(snapshot->prefix("88.8"));
}

// Adds so many prefixes, suspends some, and looks at each 97th of all.
void change_many_prefixes(TestRegistry& registry, RegistryReader& reader, int batch_size) {
    for (int batch = 0; batch < 4; ++batch) {
        auto writer = Writer::begin(*registry, Origin::kCommand);
        for (int i = 0; i < batch_size; ++i) {
            ASSERT_TRUE(writer->add_prefix("77.n" + std::to_string(batch * batch_size + i)));
        }
        ASSERT_TRUE(std::move(*writer).commit());
        registry.set_state("77.n" + std::to_string(batch), PrefixState::kSuspended, "s");
        for (int i = 0; i < (batch + 1) * batch_size; i += 97) {
            const std::string name = "77.N" + std::to_string(i) + "/x";
            EXPECT_EQ(look_up(reader, name), i <= batch ? "suspended: s" : "absent") << name;
        }
    }
    const std::string next = "77.n" + std::to_string(4 * batch_size) + "/x";
    EXPECT_EQ(look_up(reader, next), "no prefix");
}

TEST(Snapshot, FollowsManyPrefixChanges) {
    TestRegistry registry({"88.1"});
    RegistryReader reader(*registry);
    EXPECT_EQ(look_up(reader, "77.1/a"), "no prefix");
    change_many_prefixes(registry, reader, 1'500);
    PrefixTables& tables = registry->parts().prefixes;
    EXPECT_EQ(tables.newest()->changed->size(), 6'000U);
    tables.merge_changed();
    EXPECT_EQ(tables.newest()->changed->size(), 0U);
    EXPECT_EQ(tables.newest()->table->size(), 6'002U);
    registry.set_state("77.n5", PrefixState::kSuspended, "later");
    EXPECT_EQ(look_up(reader, "77.N5/x"), "suspended: later");
    EXPECT_EQ(tables.newest()->changed->size(), 1U);
    tables.merge_changed();  // Too few to be worth it.
    EXPECT_EQ(tables.newest()->changed->size(), 1U);
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Snapshot, FollowsPrefixChangesWhileTheyAreMerged) {
    TestRegistry registry({"88.1"});
    RegistryReader reader(*registry);
    EXPECT_EQ(look_up(reader, "77.1/a"), "no prefix");
    const std::jthread merging([&registry](const std::stop_token& stop) {
        while (!stop.stop_requested()) registry->parts().prefixes.merge_changed();
    });
    change_many_prefixes(registry, reader, 3'000);
}

TEST(Snapshot, MergesPrefixChangesWithoutAKeeperToo) {
    TestRegistry registry({"88.1"});
    RegistryReader reader(*registry);
    EXPECT_EQ(look_up(reader, "77.1/a"), "no prefix");
    change_many_prefixes(registry, reader, PrefixTables::kWaitingCountMax / 4 + 1);
    EXPECT_EQ(registry->parts().prefixes.newest()->changed->size(), 0U);
}

// Writes octets over the block that holds the identifier.
void damage_block(TestRegistry& registry, std::string_view folded, std::size_t at,
                  std::uint8_t with) {
    auto txn = lmdb::WriteTxn::begin(registry->parts().environment);
    ASSERT_TRUE(txn);
    std::string key;
    std::vector<std::uint8_t> block;
    {
        auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kIds);
        const auto found = cursor->seek_back(to_bytes(folded));
        ASSERT_TRUE(found && *found);
        key = to_text((*found)->key);
        block.assign((*found)->value.begin(), (*found)->value.end());
    }
    block[at] ^= with;
    ASSERT_TRUE(txn->put(lmdb::Table::kIds, to_bytes(key), block));
    ASSERT_TRUE(std::move(*txn).commit());
}

TEST(Snapshot, DamagedBlocksAreToldAndHarmNobodyElse) {
    TestRegistry registry({"88.1", "88.2"});
    registry.put("88.1/a", std::string(4'000, 'x'));  // Fills its block.
    registry.put("88.2/b", std::string(4'000, 'y'));
    damage_block(registry, "88.1/A", 3'000, 0xFF);
    EXPECT_EQ(registry.get("88.1/a"), "damaged: checksum of a block");
    EXPECT_EQ(registry.get("88.2/b"), "URL@1=" + std::string(4'000, 'y'));
    damage_block(registry, "88.1/A", 0, 0xFF);
    EXPECT_TRUE(registry.get("88.1/a").starts_with("damaged: "));
}

TEST(Snapshot, ChecksumIsComparedAsOftenAsAsked) {
    TestRegistry registry;
    registry.put("88.1/a", std::string(4'000, 'x'));
    damage_block(registry, "88.1/A", 3'000, 0x01);
    registry.close();
    registry.open(Access::kRead, {Syncing::kAlways, 0});
    RegistryReader never(*registry);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(look_up(never, "88.1/a").starts_with("URL@1=xx"));
    registry.close();
    registry.open(Access::kRead, {Syncing::kAlways, 4});
    RegistryReader fourth(*registry);
    int damaged = 0;
    for (int i = 0; i < 40; ++i)
        damaged += look_up(fourth, "88.1/a").starts_with("damaged") ? 1 : 0;
    EXPECT_EQ(damaged, 10);
}

TEST(Snapshot, DoesNotHoldPagesBetweenBatches) {
    TestRegistry registry;
    RegistryReader reader(*registry);
    for (int i = 0; i < 300; ++i) {
        registry.put("88.1/a", std::to_string(i), ExistingPolicy::kReplace);
        look_up(reader, "88.1/a");
    }
    EXPECT_LT(registry->info()->file_size, 4'000'000U);
}

TEST(PrefixTable, FindsEachOfManyAndNoOther) {
    constexpr std::uint32_t kCount = 20'000;
    PrefixTable table(kCount);
    for (std::uint32_t i = 0; i < kCount; ++i) {
        Prefix prefix;
        prefix.number = i;
        prefix.name = "88.p" + std::to_string(i);
        prefix.state = i % 3 == 0 ? PrefixState::kSuspended : PrefixState::kActive;
        prefix.homed = i % 5 != 0;
        prefix.since = i + 7;
        prefix.reason = i % 3 == 0 ? "reason " + std::to_string(i) : "";
        table.add(prefix);
    }
    EXPECT_EQ(table.size(), kCount);
    for (std::uint32_t i = 0; i < kCount; ++i) {
        const auto view = table.find("88.P" + std::to_string(i));
        ASSERT_TRUE(view);
        EXPECT_EQ(view->number, i);
        EXPECT_EQ(view->name, "88.p" + std::to_string(i));
        EXPECT_EQ(view->state, i % 3 == 0 ? PrefixState::kSuspended : PrefixState::kActive);
        EXPECT_EQ(view->homed, i % 5 != 0);
        EXPECT_EQ(view->since, i + 7);
        EXPECT_EQ(view->reason, i % 3 == 0 ? "reason " + std::to_string(i) : "");
        EXPECT_FALSE(table.find("88.Q" + std::to_string(i)));
    }
    EXPECT_FALSE(table.find(""));
    EXPECT_FALSE(PrefixTable(0).find("88.1"));
}

TEST(Prefix, ReasonsAreOneLineOfBoundedSize) {
    for (const std::string& good :
         {std::string(), std::string("licence expired"), std::string("\u6B20\u8D39"),
          std::string(kPrefixReasonSizeMax, 'x')}) {
        EXPECT_FALSE(prefix_reason_fault(good).has_value()) << good;
    }
    const auto fault = prefix_reason_fault(std::string(kPrefixReasonSizeMax + 1, 'x'));
    ASSERT_TRUE(fault.has_value());
    EXPECT_NE(fault->to_string().find("1024"), std::string::npos) << fault->to_string();
    for (const std::string_view bad :
         {"a\nb", "a\rb", "a\tb", "a\x7F", "a\u0085", "a\u2028", "\u2029", "\xFF", "\xE6\xAC"}) {
        EXPECT_TRUE(prefix_reason_fault(bad).has_value()) << testing::PrintToString(bad);
    }
}

TEST(Prefix, RecordComesBackAndShorterOnesAreRefused) {
    Prefix prefix;
    prefix.number = 0x01020304;
    prefix.name = "88.Ab";
    prefix.state = PrefixState::kBeingDeleted;
    prefix.homed = false;
    prefix.since = 5;
    prefix.epoch = 6;
    prefix.reason = "because";
    prefix.tlvs = std::string("\x01\x00", 2);
    const std::string stored = encode_prefix(prefix);
    const auto decoded = decode_prefix(to_bytes(stored));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode_prefix(*decoded), stored);
    EXPECT_EQ(decoded->name, "88.Ab");
    EXPECT_EQ(decoded->state, PrefixState::kBeingDeleted);
    EXPECT_FALSE(decoded->homed);
    EXPECT_EQ(decoded->reason, "because");
    EXPECT_EQ(decoded->epoch, 6U);
    // Without its TLVs a record is whole too.
    for (std::size_t size = 0; size + 2 < stored.size(); ++size) {
        EXPECT_FALSE(decode_prefix(to_bytes(stored.substr(0, size)))) << size;
    }
    EXPECT_FALSE(decode_prefix(to_bytes(stored + '\x85')));
    std::string other_kind = stored;
    other_kind[0] = 'X';
    EXPECT_EQ(decode_prefix(to_bytes(other_kind)).error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace idnode::registry
