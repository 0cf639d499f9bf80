#include "registry/writer.h"

#include <algorithm>
#include <deque>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/lmdb.h"
#include "registry/registry_parts.h"
#include "registry/walk.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

using testing::HasSubstr;

TEST(Writer, PutsAndFinds) {
    TestRegistry registry;
    EXPECT_EQ(registry.put("88.1/SN1", "https://a"), ChangeOutcome::kAdded);
    EXPECT_EQ(registry.get("88.1/sn1"), "URL@1=https://a");
    EXPECT_EQ(registry.get("88.1/SN"), "absent");
    EXPECT_EQ(registry.get("88.1/SN10"), "absent");
    EXPECT_EQ(registry.get("88.1/SN2"), "absent");
    EXPECT_EQ(registry.get("88.1/A"), "absent");
}

TEST(Writer, NothingIsThereWithoutCommit) {
    TestRegistry registry;
    {
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer);
        const WholeRecord record("88.1/x", "1");
        Change change;
        change.record = record.pack();
        ASSERT_TRUE(writer->apply({&change, 1}));
        EXPECT_EQ(change.outcome, ChangeOutcome::kAdded);
    }
    EXPECT_EQ(registry.get("88.1/x"), "absent");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Writer, ExistingRecordsAreKeptRefusedOrReplaced) {
    TestRegistry registry;
    registry.put("88.1/x", "old");
    EXPECT_EQ(registry.put("88.1/x", "old", ExistingPolicy::kReject), ChangeOutcome::kUnchanged);
    EXPECT_EQ(registry.put("88.1/x", "new", ExistingPolicy::kReject), ChangeOutcome::kRejected);
    EXPECT_EQ(registry.put("88.1/x", "new", ExistingPolicy::kKeep), ChangeOutcome::kKept);
    EXPECT_EQ(registry.get("88.1/x"), "URL@1=old");
    EXPECT_EQ(registry.put("88.1/x", "new", ExistingPolicy::kReplace), ChangeOutcome::kReplaced);
    EXPECT_EQ(registry.get("88.1/x"), "URL@1=new");
    EXPECT_EQ(registry.put("88.1/X", "new", ExistingPolicy::kReplace), ChangeOutcome::kReplaced);
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Writer, DefaultedTimeAloneIsNoChange) {
    TestRegistry registry;
    registry.put("88.1/x", "same");
    for (const bool defaulted : {true, false}) {
        const WholeRecord record("88.1/x", "same", 2'000);
        Change change;
        change.record = record.pack();
        change.time_defaulted = defaulted;
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->apply({&change, 1}, {.existing = ExistingPolicy::kReplace}));
        EXPECT_EQ(change.outcome, defaulted ? ChangeOutcome::kUnchanged : ChangeOutcome::kReplaced);
    }
}

TEST(Writer, DeletesAndTheRegistryMayBecomeEmpty) {
    TestRegistry registry;
    EXPECT_EQ(registry.erase("88.1/x"), ChangeOutcome::kAbsent);
    registry.put("88.1/x", "1");
    registry.put("88.1/a", "1");
    EXPECT_EQ(registry.erase("88.1/X"), ChangeOutcome::kDeleted);
    EXPECT_EQ(registry.get("88.1/x"), "absent");
    EXPECT_EQ(registry.erase("88.1/a"), ChangeOutcome::kDeleted);
    EXPECT_EQ(registry->info()->identifiers, 0U);
    EXPECT_EQ(registry.verify_text(), "clean");
    registry.put("88.1/m", "2");
    EXPECT_EQ(registry.get("88.1/m"), "URL@1=2");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Writer, RefusesUnknownAndRemovedPrefixes) {
    TestRegistry registry({"88.1", "88.2"});
    EXPECT_EQ(registry.put("88.3/x", "1"), ChangeOutcome::kNoPrefix);
    auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->remove_prefix("88.2", "closed"));
    ASSERT_TRUE(std::move(*writer).commit());
    EXPECT_EQ(registry.put("88.2/x", "1"), ChangeOutcome::kPrefixRemoved);
    EXPECT_EQ(registry.get("88.2/x"), "no prefix");
}

TEST(Writer, RefusesRecordsAndIdentifiersThatAreTooLong) {
    TestRegistry registry;
    // Wire form: 22 octets, the type, the data, an empty list of references.
    const std::size_t longest = kRecordSizeMax - 22 - 3 - 4;
    EXPECT_EQ(registry.put("88.1/a", std::string(longest, 'x')), ChangeOutcome::kAdded);
    EXPECT_EQ(registry.get("88.1/a"), "URL@1=" + std::string(longest, 'x'));
    EXPECT_EQ(registry.put("88.1/b", std::string(longest + 1, 'x')), ChangeOutcome::kTooLong);
    const std::string name = "88.1/" + std::string(kIdentifierSizeMax - 5, 'n');
    EXPECT_EQ(registry.put(name, "1"), ChangeOutcome::kAdded);
    EXPECT_EQ(registry.put(name + "n", "1"), ChangeOutcome::kTooLong);
    EXPECT_EQ(registry.get(name), "URL@1=1");
    EXPECT_EQ(registry.get(name + "n"), "absent");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Writer, RefusesChangesOutOfOrder) {
    TestRegistry registry;
    const WholeRecord b("88.1/b", "1");
    const WholeRecord a("88.1/a", "1");
    for (const WholeRecord* second : {&a, &b}) {
        std::vector<Change> changes(2);
        changes[0].record = b.pack();
        changes[1].record = second->pack();
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer);
        EXPECT_EQ(writer->apply(changes).error().kind, ErrorKind::kMalformed);
    }
}

TEST(Writer, PrefixesHaveTheirOwnLife) {
    TestRegistry registry({"88.ab"});
    auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    EXPECT_THAT(writer->add_prefix("88.AB").error().to_string(), HasSubstr("is there already"));
    for (const char* bad : {"", ".", "88.", "88..1", "88 1", "88/1", "\xC3\xA9"}) {
        EXPECT_THAT(writer->add_prefix(bad).error().to_string(), HasSubstr("not well formed"))
            << bad;
    }
    EXPECT_THAT(writer->set_prefix_state("88.x", PrefixState::kSuspended, "").error().to_string(),
                HasSubstr("not in the registry"));
    const auto suspended = writer->set_prefix_state("88.AB", PrefixState::kSuspended, "unpaid");
    ASSERT_TRUE(suspended);
    EXPECT_EQ(suspended->name, "88.ab");
    EXPECT_EQ(suspended->reason, "unpaid");
    EXPECT_FALSE(writer->set_homed("88.ab", false)->homed);
    EXPECT_TRUE(writer->set_homed("88.ab", true)->homed);
    EXPECT_THAT(writer->remove_prefix("0.na", "").error().to_string(),
                HasSubstr("cannot be removed"));
    ASSERT_TRUE(writer->remove_prefix("88.ab", "closed"));
    EXPECT_THAT(writer->add_prefix("88.ab").error().to_string(), HasSubstr("never issued twice"));
    EXPECT_THAT(writer->remove_prefix("88.ab", "").error().to_string(), HasSubstr("was removed"));
}

TEST(Writer, RefusesReasonsThatItWouldHaveToCut) {
    TestRegistry registry;
    auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    const std::string largest(kPrefixReasonSizeMax, 'x');
    const auto refused = writer->set_prefix_state("88.1", PrefixState::kSuspended, largest + 'x');
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().to_string(), HasSubstr("1024"));
    EXPECT_FALSE(writer->remove_prefix("88.1", "two\nlines"));
    EXPECT_FALSE(writer->trouble().has_value());
    const auto kept = writer->set_prefix_state("88.1", PrefixState::kSuspended, largest);
    ASSERT_TRUE(kept) << kept.error().to_string();
    EXPECT_EQ(kept->reason, largest);
}

TEST(Writer, TellsTroubleFromARefusal) {
    TestRegistry registry;
    {
        auto txn = lmdb::WriteTxn::begin(registry->parts().environment);
        ASSERT_TRUE(txn);
        const std::string_view junk = "junk";
        ASSERT_TRUE(
            txn->put(lmdb::Table::kPrefix, to_bytes(std::string_view("88.1")), to_bytes(junk)));
        ASSERT_TRUE(std::move(*txn).commit());
    }
    auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    EXPECT_FALSE(writer->set_homed("88.2", false));
    EXPECT_FALSE(writer->trouble().has_value());
    EXPECT_FALSE(writer->set_homed("88.1", false));
    ASSERT_TRUE(writer->trouble().has_value());
    EXPECT_EQ(writer->trouble()->kind, ErrorKind::kUnsupported);
}

TEST(Writer, RemovesAPrefixOnlyWhenItIsEmpty) {
    TestRegistry registry;
    registry.put("88.1/x", "1");
    {
        auto writer = Writer::begin(*registry, Origin::kCommand);
        EXPECT_THAT(writer->remove_prefix("88.1", "").error().to_string(),
                    HasSubstr("still has 1 identifiers"));
    }
    registry.erase("88.1/x");
    auto writer = Writer::begin(*registry, Origin::kCommand);
    EXPECT_TRUE(writer->remove_prefix("88.1", ""));
}

TEST(Writer, EqualPatternsHaveOneNumber) {
    TestRegistry registry({"88.1", "88.2"});
    Pattern pattern;
    pattern.values.push_back({1, 0, 14, 86'400, "URL", std::string(4, '\0'), {}});
    Pattern other = pattern;
    other.values[0].type = "EMAIL";
    auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    const PatternRef first = *writer->add_pattern("88.1", pattern);
    EXPECT_EQ(*writer->add_pattern("88.1", pattern), first);
    EXPECT_EQ(writer->add_pattern("88.1", other)->id, first.id + 1);
    EXPECT_EQ(writer->add_pattern("88.2", pattern)->id, first.id);
    EXPECT_NE(writer->add_pattern("88.2", pattern)->prefix_number, first.prefix_number);
    ASSERT_TRUE(std::move(*writer).commit());
    auto later = Writer::begin(*registry, Origin::kCommand);
    EXPECT_EQ(*later->add_pattern("88.1", pattern), first);
    other.values[0].type = std::string(kPatternSizeMax, 'T');
    EXPECT_EQ(later->add_pattern("88.1", other).error().kind, ErrorKind::kOverloaded);
}

TEST(Writer, BlocksSplitWhenFullAndStayInOrder) {
    TestRegistry registry;
    for (int i = 0; i < 600; ++i) {
        // 7 is prime to 600: each number once, in no order.
        const std::string name = "88.1/" + std::to_string(1'000 + i * 7 % 600);
        ASSERT_EQ(registry.put(name, name + "-a text that fills blocks quickly"),
                  ChangeOutcome::kAdded);
    }
    std::uint64_t blocks = 0;
    const RegistryInfo info = *registry->info();
    for (const FormInfo& form : info.forms) blocks += form.blocks;
    EXPECT_GT(blocks, 4U);
    EXPECT_EQ(registry.verify_text(), "clean");
    for (int i = 0; i < 600; ++i) {
        const std::string name = "88.1/" + std::to_string(1'000 + i);
        EXPECT_EQ(registry.get(name), "URL@1=" + name + "-a text that fills blocks quickly");
    }
}

// --- Against a map -------------------------------------------------------------------------------

struct Wanted {
    std::string identifier;
    std::string text;
};
using Model = std::map<std::string, Wanted>;  // By folded identifier.

struct Step {
    ChangeKind kind;
    std::string identifier;
    std::string text;
    ExistingPolicy existing;
};

ChangeOutcome apply_to(Model& model, const Step& step) {
    std::string folded = step.identifier;
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    const auto found = model.find(folded);
    if (step.kind == ChangeKind::kDelete) {
        return model.erase(folded) == 1 ? ChangeOutcome::kDeleted : ChangeOutcome::kAbsent;
    }
    if (found == model.end()) {
        model[folded] = {step.identifier, step.text};
        return ChangeOutcome::kAdded;
    }
    if (found->second.identifier == step.identifier && found->second.text == step.text) {
        return ChangeOutcome::kUnchanged;
    }
    if (step.existing == ExistingPolicy::kKeep) return ChangeOutcome::kKept;
    if (step.existing == ExistingPolicy::kReject) return ChangeOutcome::kRejected;
    found->second = {step.identifier, step.text};
    return ChangeOutcome::kReplaced;
}

class Differential {
public:
    explicit Differential(std::uint64_t seed) : random_(seed) {}

    void run(std::size_t rounds) {
        for (std::size_t round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
            change_batch();
            if (round % 16 == 15) reopen();
        }
        compare_walk();
        EXPECT_EQ(registry_.verify_text(), "clean");
    }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    std::string identifier() {
        const char* prefix = below(4) == 0 ? "88.1.9/" : below(2) == 0 ? "88.1/" : "88.2/";
        std::string name = prefix;
        switch (below(3)) {
            case 0:
                return name + "SN" + std::to_string(100'000 + below(3'000));
            case 1:
                return name + (below(2) == 0 ? "x" : "X") + std::string(below(40), 'y');
            default:
                return name + "a" + std::to_string(below(500)) + "/" + std::to_string(below(5));
        }
    }

    void change_batch() {
        // Now single changes, now some, now a run that fills many blocks.
        const std::size_t sizes[] = {1, 1, 1, 1, 20, 300};
        std::map<std::string, Step> steps;
        const auto existing = static_cast<ExistingPolicy>(below(3));
        for (std::size_t i = sizes[below(6)]; i > 0; --i) {
            Step step{below(3) == 0 ? ChangeKind::kDelete : ChangeKind::kPut, identifier(),
                      std::string(below(40) == 0 ? below(9'000) : below(60), 'v'), existing};
            std::string folded = step.identifier;
            std::ranges::transform(folded, folded.begin(), fold_ascii);
            steps[folded] = step;
        }
        std::deque<WholeRecord> records;
        std::vector<Change> changes;
        for (const auto& [folded, step] : steps) {
            Change change;
            change.kind = step.kind;
            change.record = records.emplace_back(step.identifier, step.text).pack();
            changes.push_back(change);
        }
        auto writer = Writer::begin(*registry_, Origin::kCommand);
        ASSERT_TRUE(writer);
        const auto applied = writer->apply(changes, {.existing = existing});
        ASSERT_TRUE(applied) << applied.error().where;
        ASSERT_TRUE(std::move(*writer).commit());
        std::size_t at = 0;
        for (const auto& [folded, step] : steps) {
            EXPECT_EQ(changes[at++].outcome, apply_to(model_, step)) << folded;
        }
        compare_some(steps);
    }

    void compare_some(const std::map<std::string, Step>& steps) {
        RegistryReader reader(*registry_);
        for (const auto& [folded, step] : steps) {
            const auto wanted = model_.find(folded);
            EXPECT_EQ(look_up(reader, folded),
                      wanted == model_.end() ? "absent" : "URL@1=" + wanted->second.text);
        }
    }

    void compare_walk() {
        RecordWalk walk(*registry_, {});
        for (const auto& [folded, wanted] : model_) {
            const auto more = walk.next();
            ASSERT_TRUE(more && *more) << folded;
            ASSERT_EQ(walk.folded(), folded);
            EXPECT_EQ(walk.record().fields.identifier, wanted.identifier);
            EXPECT_EQ(to_plain_text(walk.record()), "URL@1=" + wanted.text);
        }
        const auto more = walk.next();
        EXPECT_TRUE(more && !*more);
    }

    void reopen() {
        registry_.close();
        registry_.open();
    }

    std::mt19937_64 random_;
    TestRegistry registry_{{"88.1", "88.2", "88.1.9"}};
    Model model_;
};

TEST(Writer, AgreesWithAMap) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(seed);
        Differential(seed).run(160);
    }
}

}  // namespace
}  // namespace idnode::registry
