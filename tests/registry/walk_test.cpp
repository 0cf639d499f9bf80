#include "registry/walk.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/copy.h"
#include "registry/lmdb.h"
#include "registry/registry_parts.h"
#include "registry/verify.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

using testing::HasSubstr;

std::vector<std::string> names_in(Registry& registry, const KeyRange& range) {
    std::vector<std::string> names;
    RecordWalk walk(registry, range);
    while (true) {
        const auto more = walk.next();
        EXPECT_TRUE(more);
        if (!more || !*more) return names;
        names.emplace_back(walk.record().fields.identifier);
    }
}

TEST(RecordWalk, KeepsToItsRange) {
    TestRegistry registry({"88.1", "88.10", "88.1-x"});
    EXPECT_TRUE(names_in(*registry, {}).empty());
    for (const char* name : {"88.1/a", "88.1/B", "88.10/a", "88.1-x/a", "0.NA/88.1"}) {
        registry.put(name, "1");
    }
    EXPECT_EQ(names_in(*registry, {}),
              (std::vector<std::string>{"0.NA/88.1", "88.1-x/a", "88.1/a", "88.1/B", "88.10/a"}));
    EXPECT_EQ(names_in(*registry, range_of_prefix("88.1")),
              (std::vector<std::string>{"88.1/a", "88.1/B"}));
    EXPECT_EQ(names_in(*registry, range_of_prefix("88.1-X")), std::vector<std::string>{"88.1-x/a"});
    EXPECT_TRUE(names_in(*registry, range_of_prefix("88")).empty());
    EXPECT_EQ(names_in(*registry, {"88.1/B", ""}), (std::vector<std::string>{"88.1/B", "88.10/a"}));
    EXPECT_EQ(names_in(*registry, {"88.1/AA", "88.1/B"}), std::vector<std::string>{});
    EXPECT_TRUE(names_in(*registry, {"9", ""}).empty());
}

TEST(RecordWalk, GivesNothingTwiceWhileOthersWrite) {
    TestRegistry registry;
    for (int i = 0; i < 400; ++i) {
        registry.put("88.1/" + std::to_string(1'000 + i), std::string(100, 'x'));
    }
    RecordWalk walk(*registry, range_of_prefix("88.1"));
    std::string last;
    int given = 0;
    while (true) {
        const auto more = walk.next();
        ASSERT_TRUE(more);
        if (!*more) break;
        EXPECT_GT(walk.folded(), last);
        last = walk.folded();
        ++given;
        // What was given is deleted, so that blocks vanish behind the walk; others grow before it.
        registry.erase(last);
        if (given % 8 == 0) registry.put(last + "x", std::string(500, 'y'));
    }
    EXPECT_GE(given, 400);
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(PrefixWalk, GivesPrefixesWithTheirCounts) {
    TestRegistry registry({"88.2", "88.1"});
    registry.put("88.2/a", "1");
    registry.put("88.2/b", "1");
    registry.erase("88.2/a");
    PrefixWalk walk(*registry);
    std::vector<std::string> seen;
    while (*walk.next()) {
        seen.push_back(walk.prefix().name + " " + std::to_string(walk.counts().live) + " " +
                       std::to_string(walk.counts().cumulative));
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"0.NA 0 0", "88.1 0 0", "88.2 1 2"}));
    PrefixWalk from(*registry, "88.2");
    ASSERT_TRUE(*from.next());
    EXPECT_EQ(from.prefix().name, "88.2");
    EXPECT_FALSE(*from.next());
    EXPECT_FALSE(*find_prefix(*registry, "88.3"));
    EXPECT_FALSE(*find_prefix(*registry, ""));
    EXPECT_EQ((*find_prefix(*registry, "88.2"))->second.live, 1U);
}

// --- Verify --------------------------------------------------------------------------------------

using Edit = std::function<void(lmdb::WriteTxn&)>;

void edit(TestRegistry& registry, const Edit& change) {
    auto txn = lmdb::WriteTxn::begin(registry->parts().environment);
    ASSERT_TRUE(txn);
    change(*txn);
    ASSERT_TRUE(std::move(*txn).commit());
}

std::pair<std::string, std::vector<std::uint8_t>> entry_at(const lmdb::Txn& txn, lmdb::Table table,
                                                           std::string_view key) {
    auto cursor = lmdb::Cursor::open(txn, table);
    const auto found = cursor->seek_back(to_bytes(key));
    EXPECT_TRUE(found && *found);
    return {std::string(to_text((*found)->key)), {(*found)->value.begin(), (*found)->value.end()}};
}

void fill(TestRegistry& registry) {
    for (int i = 0; i < 60; ++i) {
        registry.put("88.1/" + std::to_string(100 + i), std::string(200, 'x'));
        registry.put("88.2/" + std::to_string(100 + i), std::string(200, 'y'));
    }
    ASSERT_EQ(registry.verify_text(), "clean");
}

TEST(Verify, NamesADamagedBlockWithPrefixAndRange) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    std::string key;
    edit(registry, [&](lmdb::WriteTxn& txn) {
        auto [at, block] = entry_at(txn, lmdb::Table::kIds, "88.2/130");
        block[2'000] ^= 1;
        key = at;
        EXPECT_TRUE(txn.put(lmdb::Table::kIds, to_bytes(at), block));
    });
    const auto report = verify(*registry);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->findings_total, 1U);
    EXPECT_THAT(report->findings[0].what, HasSubstr("checksum"));
    EXPECT_EQ(report->findings[0].prefix, "88.2");
    EXPECT_EQ(report->findings[0].range.from, key);
    EXPECT_GT(report->findings[0].range.to, key);
}

TEST(Verify, FindsBlocksUnderWrongKeys) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    edit(registry, [&](lmdb::WriteTxn& txn) {
        const auto [key, block] = entry_at(txn, lmdb::Table::kIds, "88.2/130");
        EXPECT_TRUE(txn.erase(lmdb::Table::kIds, to_bytes(key)));
        EXPECT_TRUE(txn.put(lmdb::Table::kIds, to_bytes(std::string_view("9")), block));
    });
    EXPECT_THAT(registry.verify_text(), HasSubstr("outside of its block's range"));
}

TEST(Verify, FindsWrongCountsAndLostBlocks) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    edit(registry, [&](lmdb::WriteTxn& txn) {
        const auto [key, block] = entry_at(txn, lmdb::Table::kIds, "88.1/130");
        EXPECT_TRUE(txn.erase(lmdb::Table::kIds, to_bytes(key)));
    });
    EXPECT_THAT(registry.verify_text(), HasSubstr("where 60 of"));
    EXPECT_THAT(registry.verify_text(), HasSubstr("[88.1]"));
    EXPECT_THAT(registry.verify_text(), HasSubstr("blocks of form"));
}

TEST(Verify, FindsABrokenJournal) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    const std::string key("\0\0\0\0\0\0\0\x05", 8);
    edit(registry, [&](lmdb::WriteTxn& txn) {
        auto [at, entry] = entry_at(txn, lmdb::Table::kJournal, key);
        ASSERT_EQ(at, key);
        entry[20] ^= 1;
        EXPECT_TRUE(txn.put(lmdb::Table::kJournal, to_bytes(at), entry));
    });
    EXPECT_THAT(registry.verify_text(), HasSubstr("journal entry 5"));
    EXPECT_THAT(registry.verify_text(), HasSubstr("chain of the journal breaks at entry 6"));
    edit(registry, [&](lmdb::WriteTxn& txn) {
        EXPECT_TRUE(txn.erase(lmdb::Table::kJournal, to_bytes(key)));
    });
    EXPECT_THAT(registry.verify_text(), HasSubstr("journal entries between 4 and 6 are gone"));
}

TEST(Verify, FindsDamagedPrefixesAndPatterns) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    edit(registry, [&](lmdb::WriteTxn& txn) {
        const std::string_view junk = "junk";
        EXPECT_TRUE(
            txn.put(lmdb::Table::kPrefix, to_bytes(std::string_view("88.1")), to_bytes(junk)));
        EXPECT_TRUE(txn.put(lmdb::Table::kPattern, to_bytes(std::string_view("\0\0\0\1\0\0", 6)),
                            to_bytes(junk)));
    });
    const std::string text = registry.verify_text();
    EXPECT_THAT(text, HasSubstr("prefix record kind is damaged [88.1]"));
    EXPECT_THAT(text, HasSubstr("pattern 0 of prefix number 1 is damaged"));
    EXPECT_THAT(text, HasSubstr("under a prefix that is not there [88.1]"));
}

// Zeroes every leaf page of the file that holds `text`; gives how many.
int zero_leaves(const std::string& file, std::string_view text) {
    constexpr std::size_t kPage = 4'096;
    constexpr std::size_t kFlagsAt = 10;
    constexpr char kLeaf = 2;
    std::fstream data(file, std::ios::in | std::ios::out | std::ios::binary);
    std::string page(kPage, '\0');
    int zeroed = 0;
    for (std::size_t at = 2 * kPage;; at += kPage) {
        data.seekg(static_cast<std::streamoff>(at));
        if (!data.read(page.data(), kPage)) return zeroed;
        if ((page[kFlagsAt] & kLeaf) == 0 || page.find(text) == std::string::npos) continue;
        data.seekp(static_cast<std::streamoff>(at));
        data.write(std::string(kPage, '\0').data(), kPage);
        ++zeroed;
    }
}

TEST(Verify, NamesADamagedTableAndEnds) {
    TestRegistry registry({"88.1", "88.2", "88.lonely"});
    fill(registry);
    registry.close();
    // The prefix stands in the table of prefixes and in the journal.
    EXPECT_GT(zero_leaves(registry.path() + "/data.mdb", "88.lonely"), 1);
    registry.open(Access::kRead);
    const std::string text = registry.verify_text();
    EXPECT_THAT(text, HasSubstr("the table of prefixes is damaged from its start on"));
    EXPECT_THAT(text, HasSubstr("the table of the journal is damaged"));
    EXPECT_THAT(text, testing::Not(HasSubstr("under a prefix that is not there")));
    EXPECT_EQ(verify(*registry)->identifiers, 120U);
}

TEST(PrefixWalk, EndsWhereItsTableIsDamaged) {
    TestRegistry registry({"88.1"});
    registry.close();
    EXPECT_GT(zero_leaves(registry.path() + "/data.mdb", "88.1"), 0);
    registry.open(Access::kRead);
    PrefixWalk walk(*registry);
    EXPECT_FALSE(walk.next());
    EXPECT_TRUE(walk.ended());
    EXPECT_EQ(walk.key(), "");
    const auto after = walk.next();
    ASSERT_TRUE(after);
    EXPECT_FALSE(*after);
}

std::string text_of(const VerifyReport& report) {
    std::string text = std::to_string(report.identifiers) + " identifiers, " +
                       std::to_string(report.blocks) + " blocks\n";
    for (const Finding& finding : report.findings) {
        text += finding.what + " [" + finding.prefix + "] " + finding.range.from + " to " +
                finding.range.to + "\n";
    }
    return text;
}

TEST(Verify, FindsTheSameInPartsOfOnePrefixEach) {
    // "88.1.5/" lies before "88.1/", and the first block holds several of them.
    TestRegistry registry({"88.1", "88.1.5", "88.2", "88.3"});
    fill(registry);
    for (int i = 0; i < 30; ++i) {
        registry.put("88.1.5/" + std::to_string(100 + i), "x");
        registry.put("88.3/" + std::to_string(100 + i), "x");
    }
    VerifyOptions in_parts;
    in_parts.part_size = 1;
    EXPECT_EQ(text_of(*verify(*registry, in_parts)), text_of(*verify(*registry)));
    EXPECT_TRUE(verify(*registry, in_parts)->clean());
    edit(registry, [&](lmdb::WriteTxn& txn) {
        for (const std::string_view inside : {"88.1.5/110", "88.1/130", "88.3/110"}) {
            auto [key, block] = entry_at(txn, lmdb::Table::kIds, inside);
            block[100] ^= 1;
            EXPECT_TRUE(txn.put(lmdb::Table::kIds, to_bytes(key), block));
        }
    });
    const auto whole = verify(*registry);
    EXPECT_GE(whole->findings_total, 2U);
    EXPECT_EQ(text_of(*verify(*registry, in_parts)), text_of(*whole));
}

TEST(Verify, TellsOfItsProgress) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    VerifyProgress last;
    VerifyOptions options;
    options.on_progress = [&](const VerifyProgress& progress) { last = progress; };
    const auto report = verify(*registry, options);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->identifiers, 120U);
    EXPECT_EQ(report->prefixes, 3U);
    EXPECT_EQ(last.identifiers, 120U);
    EXPECT_EQ(last.blocks, report->blocks);
    EXPECT_EQ(last.blocks_total, report->blocks);
}

TEST(Verify, SaysWhichCountsItCouldNotDecide) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    bool written = false;
    VerifyOptions options;
    options.on_progress = [&](const VerifyProgress&) {
        if (!written) registry.put("88.2/late", "1");
        written = true;
    };
    const auto report = verify(*registry, options);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->clean());
    EXPECT_EQ(report->prefixes_undecided, 1U);
}

// --- Copy ----------------------------------------------------------------------------------------

TEST(Copy, IsARegistryOfItsOwn) {
    TestRegistry registry({"88.1", "88.2"});
    fill(registry);
    const std::string target = registry.directory().path("copy");
    std::uint64_t told = 0;
    const auto copied =
        copy_registry(*registry, target, [&](std::uint64_t done, std::uint64_t) { told = done; });
    ASSERT_TRUE(copied) << copied.error().to_string();
    EXPECT_EQ(copied->size, told);
    registry.put("88.1/later", "1");
    const auto opened = Registry::open(target, Access::kRead);
    ASSERT_TRUE(opened) << opened.error().to_string();
    RegistryReader reader(**opened);
    EXPECT_EQ(look_up(reader, "88.1/100"), "URL@1=" + std::string(200, 'x'));
    EXPECT_EQ(look_up(reader, "88.1/later"), "absent");
    EXPECT_TRUE(verify(**opened)->clean());
    EXPECT_FALSE(std::filesystem::exists(target + "/data.mdb.part"));
}

TEST(Copy, RefusesADirectoryThatHoldsSomething) {
    TestRegistry registry;
    const std::string file = registry.directory().write("something", "x");
    const auto copied = copy_registry(*registry, registry.directory().path());
    ASSERT_FALSE(copied);
    EXPECT_THAT(copied.error().to_string(), HasSubstr("not empty"));
    EXPECT_THAT(
        copy_registry(*registry, registry.directory().path("something")).error().to_string(),
        HasSubstr("not a directory"));
}

}  // namespace
}  // namespace idnode::registry
