#include "registry/bulk_load.h"

#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "registry/journal.h"
#include "registry/walk.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

class Outcomes : public BulkSink {
public:
    void on_outcome(std::uint64_t tag, ChangeOutcome outcome) override {
        EXPECT_EQ(tag, tags_++);
        outcomes.push_back(outcome);
    }
    void on_commit(const BulkCounts& so_far) override {
        EXPECT_EQ(so_far.records, outcomes.size());
        ++commits;
    }

    std::vector<ChangeOutcome> outcomes;
    int commits = 0;

private:
    std::uint64_t tags_ = 0;
};

std::string name_of(std::string_view prefix, int number) {
    return std::string(prefix) + "/SN" + std::to_string(1'000'000 + number);
}

// A value with literal text, the suffix and a column; one more that is all column.
Pattern sample_pattern() {
    Pattern pattern;
    pattern.values.push_back({1,
                              0,
                              14,
                              86'400,
                              "URL",
                              std::string(4, '\0'),
                              {{PieceKind::kLiteral, 0, "https://x/"},
                               {PieceKind::kSuffix, 0, {}},
                               {PieceKind::kColumn, 0, {}}}});
    pattern.column_count = 1;
    return pattern;
}

class Loader {
public:
    explicit Loader(Registry& registry, const BulkOptions& options = {})
        : load_(registry, options, sink), pattern_(load_.declare_pattern(sample_pattern())) {}

    Result<Done> add(const std::string& identifier, std::string_view text,
                     bool by_pattern = false) {
        const WholeRecord whole(identifier, text);
        BulkRecord bulk;
        bulk.record = whole.pack();
        bulk.tag = tag_++;
        if (by_pattern) {
            bulk.record.fields.own = {};
            bulk.record.fields.columns = {&text, 1};
            bulk.pattern = pattern_;
        }
        return load_.add(bulk);
    }
    Result<Done> flush() { return load_.flush(); }
    [[nodiscard]] const BulkCounts& counts() const { return load_.counts(); }

    Outcomes sink;

private:
    BulkLoad load_;
    BulkPattern pattern_;
    std::uint64_t tag_ = 0;
};

TEST(BulkLoad, AppendsAndEachIsFound) {
    TestRegistry registry({"88.1", "88.2"});
    Loader loader(*registry, {.batch_count_max = 3'000});
    const int count = 10'000;
    for (const char* prefix : {"88.1", "88.2"}) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(
                loader.add(name_of(prefix, 2 * i), "-" + std::to_string(i % 7), i % 9 != 0));
        }
    }
    ASSERT_TRUE(loader.flush());
    EXPECT_EQ(loader.counts().added, 2U * count);
    EXPECT_EQ(loader.counts().records, 2U * count);
    EXPECT_GE(loader.sink.commits, 2 * count / 3'000);
    EXPECT_EQ(registry.verify_text(), "clean");
    RegistryReader reader(*registry);
    for (int i = 0; i < count; i += 3) {
        const std::string name = name_of("88.2", 2 * i);
        const std::string text = "-" + std::to_string(i % 7);
        EXPECT_EQ(look_up(reader, name),
                  i % 9 != 0 ? "URL@1=https://x/" + name.substr(5) + text : "URL@1=" + text);
        EXPECT_EQ(look_up(reader, name_of("88.2", 2 * i + 1)), "absent");
    }
}

TEST(BulkLoad, FillsBlocksAsAsked) {
    for (const int fill : {50, 85, 100}) {
        TestRegistry registry;
        Loader loader(*registry, {.fill_percent = fill, .batch_count_max = 2'000});
        for (int i = 0; i < 20'000; ++i) {
            ASSERT_TRUE(loader.add(name_of("88.1", i * 13), std::to_string(i * 7'919 % 100'000)));
        }
        ASSERT_TRUE(loader.flush());
        std::uint64_t blocks = 0;
        std::uint64_t used = 0;
        const auto info = registry->info();
        for (const FormInfo& form : info->forms) {
            blocks += form.blocks;
            used += form.used_size;
        }
        const double filled = 100.0 * static_cast<double>(used) /
                              (static_cast<double>(blocks) * static_cast<double>(kBlockSize));
        EXPECT_NEAR(filled, fill, 4.0);
    }
}

TEST(BulkLoad, TheSameAgainChangesNothing) {
    TestRegistry registry;
    std::uint64_t head = 0;
    for (int pass = 0; pass < 2; ++pass) {
        Loader loader(*registry, {.batch_count_max = 1'500});
        for (int i = 0; i < 5'000; ++i) {
            ASSERT_TRUE(loader.add(name_of("88.1", i), "t", i % 2 == 0));
        }
        ASSERT_TRUE(loader.flush());
        EXPECT_EQ(pass == 0 ? loader.counts().added : loader.counts().unchanged, 5'000U);
        if (pass == 0) head = registry->info()->journal_head;
    }
    EXPECT_EQ(registry->info()->journal_head, head);
}

TEST(BulkLoad, MergesBetweenWhatIsThere) {
    TestRegistry registry;
    for (int pass = 0; pass < 3; ++pass) {
        Loader loader(*registry, {.batch_count_max = 700});
        for (int i = pass; i < 9'000; i += 3) {
            ASSERT_TRUE(loader.add(name_of("88.1", i), std::to_string(i)));
        }
        ASSERT_TRUE(loader.flush());
        EXPECT_EQ(loader.counts().added, 3'000U);
        ASSERT_EQ(registry.verify_text(), "clean");
    }
    RecordWalk walk(*registry, range_of_prefix("88.1"));
    for (int i = 0; i < 9'000; ++i) {
        ASSERT_TRUE(*walk.next());
        ASSERT_EQ(walk.folded(), name_of("88.1", i));
        ASSERT_EQ(to_plain_text(walk.record()), "URL@1=" + std::to_string(i));
    }
    EXPECT_FALSE(*walk.next());
}

TEST(BulkLoad, MergesALongRunBehindRecordsOfTheMiddle) {
    TestRegistry registry({"88.1", "88.2"});
    registry.put("88.1/SN1000005", "middle");
    registry.put("88.2/A", "behind");
    Loader loader(*registry, {.batch_count_max = 100'000});
    for (int i = 0; i < 40'000; ++i) {
        ASSERT_TRUE(loader.add(name_of("88.1", i), "t", true));
    }
    ASSERT_TRUE(loader.flush());
    EXPECT_EQ(loader.counts().added, 39'999U);
    EXPECT_EQ(loader.counts().rejected, 1U);
    EXPECT_EQ(loader.sink.outcomes[5], ChangeOutcome::kRejected);
    EXPECT_EQ(registry.get(name_of("88.1", 5)), "URL@1=middle");
    EXPECT_EQ(registry.get("88.2/a"), "URL@1=behind");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(BulkLoad, ObeysThePolicyForExistingRecords) {
    for (const auto existing :
         {ExistingPolicy::kReject, ExistingPolicy::kKeep, ExistingPolicy::kReplace}) {
        TestRegistry registry;
        registry.put("88.1/b", "old");
        Loader loader(*registry, {.existing = existing});
        for (const char* name : {"88.1/a", "88.1/b", "88.1/c"})
            ASSERT_TRUE(loader.add(name, "new"));
        ASSERT_TRUE(loader.flush());
        const bool replaced = existing == ExistingPolicy::kReplace;
        EXPECT_EQ(loader.sink.outcomes[1], replaced ? ChangeOutcome::kReplaced
                                           : existing == ExistingPolicy::kKeep
                                               ? ChangeOutcome::kKept
                                               : ChangeOutcome::kRejected);
        EXPECT_EQ(registry.get("88.1/b"), replaced ? "URL@1=new" : "URL@1=old");
        EXPECT_EQ(registry.get("88.1/c"), "URL@1=new");
    }
}

TEST(BulkLoad, AddsPrefixesOnlyWhenAsked) {
    TestRegistry registry(kNoPrefixes);
    Loader strict(*registry);
    ASSERT_TRUE(strict.add("77.Ab/x", "1", true));
    ASSERT_TRUE(strict.flush());
    EXPECT_EQ(strict.sink.outcomes[0], ChangeOutcome::kNoPrefix);
    EXPECT_EQ(strict.counts().rejected, 1U);
    Loader free(*registry, {.add_prefixes = true});
    ASSERT_TRUE(free.add("77.Ab/x", "1", true));
    ASSERT_TRUE(free.add("77.ab/y", "1", true));
    ASSERT_TRUE(free.flush());
    EXPECT_EQ(free.counts().added, 2U);
    EXPECT_EQ(free.counts().prefixes_added, 1U);
    EXPECT_EQ(find_prefix(*registry, "77.AB")->value().first.name, "77.Ab");
    EXPECT_EQ(registry.get("77.ab/y"), "URL@1=https://x/y1");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(BulkLoad, RefusesRecordsOutOfOrderAndTooLong) {
    TestRegistry registry;
    Loader loader(*registry);
    ASSERT_TRUE(loader.add("88.1/b", "1"));
    EXPECT_EQ(loader.add("88.1/b", "1").error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(loader.add("88.1/a", "1").error().kind, ErrorKind::kMalformed);
    ASSERT_TRUE(loader.flush());
    EXPECT_EQ(loader.add("88.1/b", "1").error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(registry.get("88.1/b"), "URL@1=1");

    TestRegistry other;
    Loader longs(*other);
    ASSERT_TRUE(longs.add("88.1/a", std::string(kRecordSizeMax, 'x')));
    ASSERT_TRUE(longs.add("88.1/b", std::string(60'000, 'x'), true));
    ASSERT_TRUE(longs.add("88.1/c", "1"));
    ASSERT_TRUE(longs.flush());
    EXPECT_EQ(longs.sink.outcomes,
              (std::vector{ChangeOutcome::kTooLong, ChangeOutcome::kAdded, ChangeOutcome::kAdded}));
    EXPECT_EQ(other.get("88.1/b"), "URL@1=https://x/b" + std::string(60'000, 'x'));
    EXPECT_EQ(other.verify_text(), "clean");
}

TEST(BulkLoad, IsOneSpanOfTheJournalForEachPrefixAndTransaction) {
    TestRegistry registry({"88.1", "88.2"});
    const std::uint64_t before = registry->info()->journal_head;
    Loader loader(*registry);
    for (int i = 0; i < 900; ++i) ASSERT_TRUE(loader.add(name_of("88.1", i), "1"));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(loader.add(name_of("88.2", i), "1"));
    ASSERT_TRUE(loader.flush());
    JournalWalk walk(*registry, before + 1);
    ASSERT_TRUE(*walk.next());
    EXPECT_EQ(walk.entry().action, JournalAction::kSpan);
    EXPECT_EQ(walk.entry().origin, Origin::kImport);
    EXPECT_EQ(walk.entry().first, name_of("88.1", 0));
    EXPECT_EQ(walk.entry().last, name_of("88.1", 899));
    EXPECT_EQ(walk.entry().count, 900U);
    ASSERT_TRUE(*walk.next());
    EXPECT_EQ(walk.entry().first, name_of("88.2", 0));
    EXPECT_EQ(walk.entry().count, 100U);
    EXPECT_FALSE(*walk.next());
}

TEST(BulkLoad, PatternsBeyondThePossibleAreStoredWhole) {
    TestRegistry registry;
    Outcomes sink;
    BulkLoad load(*registry, {}, sink);
    Pattern huge = sample_pattern();
    huge.values[0].data[0].literal = std::string(kPatternSizeMax, 'h');
    const BulkPattern pattern = load.declare_pattern(huge);
    const WholeRecord record("88.1/x", "");
    const std::string_view column = "c";
    BulkRecord bulk;
    bulk.record = record.pack();
    bulk.record.fields.own = {};
    bulk.record.fields.columns = {&column, 1};
    bulk.pattern = pattern;
    ASSERT_TRUE(load.add(bulk));
    ASSERT_TRUE(load.flush());
    EXPECT_EQ(sink.outcomes, std::vector{ChangeOutcome::kAdded});
    EXPECT_EQ(registry.get("88.1/x"), "URL@1=" + huge.values[0].data[0].literal + "xc");
    EXPECT_EQ(registry->info()->patterns, 0U);
}

}  // namespace
}  // namespace idnode::registry
