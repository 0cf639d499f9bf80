// The index of blocks beside changes: every block that it gives is the cursor's (index_check ends
// the process else), and every answer is that of a plain map.
#include "registry/block_indexes.h"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "registry/registry_parts.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr OpenOptions kChecked{Syncing::kNever, 1, true};
constexpr std::array<const char*, 4> kPrefixes = {"88.1", "88.1.2", "88.2", "0.NA"};

class BlockIndexes : public testing::Test {
protected:
    BlockIndexes() : registry_({"88.1", "88.1.2", "88.2"}) {
        registry_.close();
        registry_.open(Access::kWrite, kChecked);
    }

    // Waits until an index that knows the state of now is there. A reader asks meanwhile: it is
    // readers that follow the journal, and so show that an index is worn.
    void wait_for_index() {
        const std::uint64_t head = registry_->info()->journal_head;
        RegistryReader reader(*registry_);
        for (;;) {
            ASSERT_TRUE(reader.snapshot());
            const auto index = registry_->parts().indexes.newest();
            if (index && !index->given_up() && index->followed() >= head) return;
            std::this_thread::yield();
        }
    }

    // Puts (a text) or deletes (none) many at once; the map follows.
    void apply(const std::map<std::string, std::optional<std::string>>& wanted) {
        std::deque<WholeRecord> records;
        std::vector<Change> changes;
        for (const auto& [name, text] : wanted) {
            Change change;
            change.kind = text ? ChangeKind::kPut : ChangeKind::kDelete;
            change.record = records.emplace_back(name, text.value_or("")).pack();
            changes.push_back(change);
            text ? static_cast<void>(records_[name] = *text)
                 : static_cast<void>(records_.erase(name));
        }
        auto writer = Writer::begin(*registry_, Origin::kCommand);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->apply(changes, {.existing = ExistingPolicy::kReplace}));
        ASSERT_TRUE(std::move(*writer).commit());
    }

    void check(RegistryReader& reader, const std::vector<std::string>& names) {
        const std::vector<FoldedIdentifier> folded(names.begin(), names.end());
        std::vector<Lookup> lookups(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) lookups[i].identifier = &folded[i];
        auto snapshot = reader.snapshot();
        ASSERT_TRUE(snapshot);
        snapshot->find_batch(lookups);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto known = records_.find(names[i]);
            if (known == records_.end()) {
                ASSERT_EQ(lookups[i].outcome, Outcome::kAbsent) << names[i];
            } else {
                ASSERT_EQ(lookups[i].outcome, Outcome::kFound) << names[i];
                const PlainValue value{.index = 1, .type = "URL", .data = known->second};
                ASSERT_EQ(to_plain_text(lookups[i].record), plain_text({&value, 1}));
            }
        }
    }

    TestRegistry registry_;
    std::map<std::string, std::string> records_;
};

std::string random_name(std::mt19937_64& random, std::uint64_t spread) {
    const std::string prefix = kPrefixes[random() % kPrefixes.size()];
    const std::uint64_t number = random() % spread;
    return random() % 8 == 0 ? prefix + "/X-" + std::to_string(number)
                             : prefix + "/SN" + std::to_string(1'000'000'000 + number);
}

TEST_F(BlockIndexes, AnswersFromTheIndexOnceItIsBuilt) {
    std::map<std::string, std::optional<std::string>> wanted;
    for (int i = 0; i < 3'000; ++i) {
        wanted["88.1/SN" + std::to_string(100'000 + i)] = std::string(40, 'x');
    }
    apply(wanted);
    RegistryReader reader(*registry_);
    check(reader, {"88.1/SN100007", "88.1/SN100007X", "88.2/a"});
    EXPECT_EQ(reader.blocks_found().by_index, 0U);
    const BlockIndexKeeper keeper(*registry_);
    wait_for_index();
    check(reader, {"88.1/SN100007", "88.1/SN100007X", "88.2/a", "88.1/SN102999", "88.1/A"});
    EXPECT_EQ(reader.blocks_found().by_index, 5U);
}

TEST_F(BlockIndexes, AChangeIsSeenInTheNextSnapshot) {
    apply({{"88.1/a", "before"}, {"88.2/b", "before"}});
    const BlockIndexKeeper keeper(*registry_);
    wait_for_index();
    RegistryReader reader(*registry_);
    check(reader, {"88.1/a"});
    for (int i = 0; i < 200; ++i) {
        apply({{"88.1/a", std::to_string(i)}});
        check(reader, {"88.1/a", "88.2/b"});
        if (i % 3 == 0) apply({{"88.2/b", std::nullopt}});
        check(reader, {"88.1/a", "88.2/b"});
    }
}

TEST_F(BlockIndexes, APrefixAddedLaterIsAnswered) {
    apply({{"88.1/a", "x"}});
    const BlockIndexKeeper keeper(*registry_);
    wait_for_index();
    auto writer = Writer::begin(*registry_, Origin::kCommand);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add_prefix("88.3"));
    ASSERT_TRUE(std::move(*writer).commit());
    RegistryReader reader(*registry_);
    check(reader, {"88.3/new", "88.1/a"});
    apply({{"88.3/new", "y"}});
    check(reader, {"88.3/new", "88.1/a"});
    wait_for_index();
    const std::uint64_t before = reader.blocks_found().by_index;
    check(reader, {"88.3/new", "88.1/a"});
    EXPECT_EQ(reader.blocks_found().by_index, before + 2);
}

TEST_F(BlockIndexes, EqualsTheCursorUnderRandomChanges) {
    const BlockIndexKeeper keeper(*registry_);
    RegistryReader reader(*registry_);
    std::mt19937_64 random(3);
    for (int round = 0; round < 400; ++round) {
        // Now few, now many; sometimes most are deletes, so that blocks go.
        const std::uint64_t count = random() % 10 == 0 ? random() % 2'000 : random() % 5 + 1;
        const std::uint64_t spread = round % 50 < 25 ? 3'000 : 1'000'000;
        const bool mostly_deletes = round % 20 >= 15;
        std::map<std::string, std::optional<std::string>> wanted;
        for (std::uint64_t i = 0; i < count; ++i) {
            std::string name = random_name(random, spread);
            if (mostly_deletes && !records_.empty()) {
                const auto near = records_.lower_bound(name);
                if (near != records_.end()) name = near->first;
            }
            const bool deletes = mostly_deletes ? random() % 8 != 0 : random() % 8 == 0;
            wanted[name] =
                deletes ? std::nullopt
                        : std::optional(std::string(random() % 60, 'v') + std::to_string(round));
        }
        apply(wanted);
        std::vector<std::string> asked;
        for (const auto& [name, text] : wanted) {
            if (asked.size() < 40) asked.push_back(name);
        }
        for (int i = 0; i < 60; ++i) asked.push_back(random_name(random, spread));
        check(reader, asked);
        if (HasFatalFailure()) return;
        if (round % 40 == 39) wait_for_index();
    }
    EXPECT_GT(reader.blocks_found().by_index, 1'000U);
    EXPECT_EQ(registry_.verify_text(), "clean");
}

}  // namespace
}  // namespace idnode::registry
