#include "registry/import.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "registry/external_sort.h"
#include "registry/writer.h"
#include "tests/registry/import_fixture.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string value_of(int index, std::string_view type, std::string_view text,
                     std::string_view time) {
    return fmt::format(R"({{"index":{},"type":"{}","data":{{"format":"string","value":"{}"}},)"
                       R"("ttl":86400,"timestamp":"{}"}})",
                       index, type, text, time);
}

// A record of the fixture's mapping, as export writes it.
std::string line_of(std::string_view identifier, std::string_view name,
                    std::string_view time = "2023-11-14T22:13:20Z") {
    const std::string url = fmt::format("https://x.example/{}", identifier);
    std::string values = value_of(1, "URL", url, time);
    if (!name.empty()) values += "," + value_of(2, "NAME", name, time);
    return fmt::format("{{\"handle\":\"{}\",\"values\":[{}]}}\n", identifier, values);
}

TEST_F(ImportTest, LoadsSortedCsv) {
    ImportOptions options = csv_options("id,name\n10.1/a,one\n10.1/B,NA\n10.2/c,three\n");
    options.sorted = true;
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, 3U);
    EXPECT_EQ(counts.prefixes_added, 2U);
    EXPECT_EQ(counts.time_defaulted, 3U);
    EXPECT_EQ(counts.octets, 42U);
    EXPECT_EQ(export_of_all(),
              line_of("10.1/a", "one") + line_of("10.1/B", "") + line_of("10.2/c", "three"));
}

TEST_F(ImportTest, IsTheSameWithAndWithoutReadingAhead) {
    ImportOptions options =
        csv_options("id,name\n10.1/a,one\n10.1/a,again\n10.1/b\n10.1/c d,doubt\n10.1/E,NA\n");
    options.sorted = true;
    std::string lines;
    std::vector<std::string> rejects;
    for (const bool ahead : {false, true}) {
        registry_ = make_registry(ahead ? "ahead" : "plain");
        told_ = {};
        options.read_ahead = ahead;
        EXPECT_EQ(import(options).added, 3U);
        if (ahead) {
            EXPECT_EQ(export_of_all(), lines);
            EXPECT_EQ(told_.rejects, rejects);
        }
        rejects = told_.rejects;
        lines = export_of_all();
    }
    EXPECT_THAT(rejects, SizeIs(3));
}

TEST_F(ImportTest, SortsWhatIsNot) {
    const ImportCounts counts = import(csv_options("id,name\n10.2/c,x\n10.1/B,y\n10.1/a,z\n"));
    EXPECT_EQ(counts.added, 3U);
    EXPECT_EQ(export_of_all(),
              line_of("10.1/a", "z") + line_of("10.1/B", "y") + line_of("10.2/c", "x"));
}

TEST_F(ImportTest, ChangesNothingTheSecondTime) {
    ImportOptions options =
        csv_options("id,name\n10.1/c,x\n10.1/ b,y\n10.1/a,z\n10.1/A,again\n10.1/d e,doubt\n");
    const ImportCounts first = import(options);
    EXPECT_EQ(first.added, 3U);
    EXPECT_EQ(first.rejected, 2U);
    EXPECT_EQ(first.doubtful, 1U);
    const std::vector<std::string> rejects = told_.rejects;
    const std::string before = export_of_all();
    for (const ExistingPolicy existing :
         {ExistingPolicy::kReject, ExistingPolicy::kKeep, ExistingPolicy::kReplace}) {
        options.existing = existing;
        options.now += 1'000;
        const ImportCounts again = import(options);
        EXPECT_EQ(again.unchanged, 3U);
        EXPECT_EQ(again.rejected, 2U);
        EXPECT_EQ(told_.rejects, rejects);
        EXPECT_EQ(export_of_all(), before);
    }
}

TEST_F(ImportTest, DecidesBetweenRowsOfOneIdentifier) {
    const std::string_view content = "id,name\n10.1/b,0\n10.1/a,1\n10.1/A,2\n10.1/a,3\n10.1/c,4\n";
    const std::string_view in_order = "id,name\n10.1/a,1\n10.1/A,2\n10.1/a,3\n10.1/b,0\n10.1/c,4\n";
    for (const bool sorted : {false, true}) {
        ImportOptions options = csv_options(sorted ? in_order : content);
        options.sorted = sorted;
        options.existing = ExistingPolicy::kReplace;
        const std::string rest = line_of("10.1/b", "0") + line_of("10.1/c", "4");

        options.duplicates = DuplicatePolicy::kReject;
        EXPECT_EQ(import(options).rejected, 2U);
        const std::string line = sorted ? "3" : "4";
        const std::string first = sorted ? "2" : "3";
        EXPECT_THAT(told_.rejects,
                    ElementsAre(R"({"line":)" + line + R"(,"identifier":"10.1/A",)" +
                                    R"("reason":"identifier given before, in line )" + first +
                                    R"(","row":"10.1/A,2"})",
                                HasSubstr(R"("row":"10.1/a,3")")));
        EXPECT_EQ(export_of_all(), line_of("10.1/a", "1") + rest);

        options.duplicates = DuplicatePolicy::kLast;
        EXPECT_EQ(import(options).duplicates, 2U);
        EXPECT_THAT(told_.rejects, IsEmpty());
        EXPECT_EQ(export_of_all(), line_of("10.1/a", "3") + rest);

        options.duplicates = DuplicatePolicy::kFirst;
        EXPECT_EQ(import(options).duplicates, 2U);
        EXPECT_THAT(told_.rejects, IsEmpty());
        EXPECT_EQ(export_of_all(), line_of("10.1/a", "1") + rest);
    }
}

TEST_F(ImportTest, CountsABadRowNotAsTheFirst) {
    const ImportCounts counts = import(csv_options("id,name\n10.1/a,x,y\n10.1/a,good\n"));
    EXPECT_EQ(counts.added, 1U);
    EXPECT_EQ(counts.rejected, 1U);
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "good"));
}

TEST_F(ImportTest, DecidesBetweenARowAndTheRegistry) {
    import(csv_options("id,name\n10.1/a,old\n10.1/b,same\n"));
    ImportOptions options = csv_options("id,name\n10.1/a,new\n10.1/b,same\n10.1/c,more\n");
    const std::string rest = line_of("10.1/b", "same") + line_of("10.1/c", "more");

    ImportCounts counts = import(options);
    EXPECT_EQ(counts.rejected, 1U);
    EXPECT_EQ(counts.unchanged, 1U);
    EXPECT_EQ(counts.added, 1U);
    EXPECT_THAT(told_.rejects,
                ElementsAre(R"({"line":2,"identifier":"10.1/a","reason":)"
                            R"("another record is there already","row":"10.1/a,new"})"));
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "old") + rest);

    options.existing = ExistingPolicy::kKeep;
    counts = import(options);
    EXPECT_EQ(counts.kept, 1U);
    EXPECT_EQ(counts.unchanged, 2U);
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "old") + rest);

    options.existing = ExistingPolicy::kReplace;
    counts = import(options);
    EXPECT_EQ(counts.replaced, 1U);
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "new") + rest);
}

TEST_F(ImportTest, RejectsPrefixesThatAreNotThere) {
    ImportOptions options = csv_options("id,name\n10.1/a,x\n10.2/a,y\n10.3/a,z\n");
    options.add_prefixes = false;
    {
        auto writer = Writer::begin(*registry_, Origin::kCommand);
        ASSERT_TRUE(writer.has_value());
        ASSERT_TRUE(writer->add_prefix("10.2").has_value());
        ASSERT_TRUE(writer->add_prefix("10.3").has_value());
        ASSERT_TRUE(writer->remove_prefix("10.3", "test").has_value());
        ASSERT_TRUE(std::move(*writer).commit().has_value());
    }
    EXPECT_EQ(import(options).added, 1U);
    EXPECT_THAT(told_.rejects,
                ElementsAre(HasSubstr("prefix is unknown"), HasSubstr("prefix was removed")));
    options.add_prefixes = true;
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, 1U);
    EXPECT_EQ(counts.prefixes_added, 1U);
    EXPECT_THAT(told_.rejects, ElementsAre(HasSubstr("prefix was removed")));
}

TEST_F(ImportTest, EndsAtARowOutOfOrderAndKeepsWhatCameBefore) {
    ImportOptions options = csv_options("id,name\n10.1/a,1\n10.1/c,2\n10.1/b,3\n10.1/d,4\n");
    options.sorted = true;
    const ImportFailure failure = failed_import(options);
    EXPECT_EQ(failure.kind, ImportFailure::Kind::kInput);
    EXPECT_EQ(failure.problem.line, 4U);
    EXPECT_THAT(failure.problem.to_string(), HasSubstr("10.1/b"));
    EXPECT_THAT(failure.problem.text, HasSubstr("line 3"));
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "1") + line_of("10.1/c", "2"));
}

TEST_F(ImportTest, TellsOfDoubtfulRowsOnceTheyAreTaken) {
    import(csv_options("id,name\n10.1/a b,1\n"));
    EXPECT_THAT(told_.rejects,
                ElementsAre(R"({"line":2,"identifier":"10.1/a b","reason":)"
                            R"("space or soft hyphen in the identifier","accepted":true,)"
                            R"("row":"10.1/a b,1"})"));
    import(csv_options("id,name\n10.1/a b,2\n"));
    ASSERT_THAT(told_.rejects, SizeIs(1));
    EXPECT_THAT(told_.rejects.front(), HasSubstr("another record"));
}

TEST_F(ImportTest, TakesTheTimesGiven) {
    ImportOptions options = csv_options("id,at\n10.1/a,1000000000\n10.1/b,\n");
    options.mapping = {"identifier={id}", "URL@1=https://x.example/{id}", "timestamp={at}"};
    EXPECT_EQ(import(options).time_defaulted, 1U);
    EXPECT_EQ(export_of_all(), line_of("10.1/a", "", "2001-09-09T01:46:40Z") +
                                   line_of("10.1/b", "", "2023-11-14T22:13:20Z"));
}

TEST_F(ImportTest, ReadsSeveralInputsAsOne) {
    ImportOptions options = csv_options("name,id\nx,10.1/b\ny,10.1/ \n", "one.csv");
    options.inputs.push_back(scratch_.write("two.jsonl", line_of("10.1/a", "z") + "{\n"));
    options.inputs.push_back(scratch_.write("three.csv", "id,name\n10.1/c,w\n10.1/B,v\n"));
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, 3U);
    EXPECT_EQ(counts.rejected, 3U);
    EXPECT_THAT(told_.rejects,
                ElementsAre(HasSubstr("one.csv\",\"line\":3"), HasSubstr("two.jsonl\",\"line\":2"),
                            HasSubstr("three.csv\",\"line\":3")));
    EXPECT_EQ(export_of_all(),
              line_of("10.1/a", "z") + line_of("10.1/b", "x") + line_of("10.1/c", "w"));
}

TEST_F(ImportTest, WritesTheRejectsFile) {
    ImportOptions options = csv_options("id,name\n10.1/,x\n10.1/a,y\n");
    options.rejects_path = scratch_.path("bad.jsonl");
    EXPECT_EQ(import(options).rejected, 1U);
    EXPECT_EQ(scratch_.read("bad.jsonl"),
              "{\"line\":2,\"identifier\":\"10.1/\",\"reason\":\"empty suffix\","
              "\"row\":\"10.1/,x\"}\n");
    EXPECT_THAT(told_.rejects, IsEmpty());
}

TEST_F(ImportTest, EmptiesNoFileThatIsNotForRejects) {
    const ImportOptions good = csv_options("id,name\n10.1/a,x\n");
    std::filesystem::create_hard_link(registry_->path() + "/lock.mdb", scratch_.path("link"));
    const auto size_of = [](const std::string& path) { return std::filesystem::file_size(path); };
    for (const std::string& path :
         {good.inputs[0], registry_->path() + "/data.mdb", scratch_.path("link")}) {
        const auto size = size_of(path);
        ImportOptions options = good;
        options.rejects_path = path;
        const ImportFailure failure = failed_import(options);
        EXPECT_EQ(failure.kind, ImportFailure::Kind::kInput);
        EXPECT_THAT(failure.problem.to_string(), HasSubstr("name another file")) << path;
        EXPECT_EQ(size_of(path), size) << path;
    }
    EXPECT_EQ(export_of_all(), "");
}

TEST_F(ImportTest, KeepsTheRejectsOfBeforeWhenItCannotBegin) {
    ImportOptions good = csv_options("id,name\n10.1/a,x\n");
    good.rejects_path = scratch_.write("bad.jsonl", "of before\n");
    for (const auto& mapping : {"identifer={id}", "X@3={nam}", "X@0={name}"}) {
        ImportOptions options = good;
        options.mapping.emplace_back(mapping);
        failed_import(options);
        EXPECT_EQ(scratch_.read("bad.jsonl"), "of before\n") << mapping;
    }
    ImportOptions options = good;
    options.inputs = {"absent.csv"};
    failed_import(options);
    options = good;
    options.memory = kSortMemoryMax + 1;
    EXPECT_THAT(failed_import(options).problem.to_string(), HasSubstr("256 GiB"));
    EXPECT_EQ(scratch_.read("bad.jsonl"), "of before\n");
    EXPECT_EQ(import(good).added, 1U);
    EXPECT_EQ(scratch_.read("bad.jsonl"), "");
}

TEST_F(ImportTest, NamesTheFileOfTheRowGivenBefore) {
    ImportOptions options = csv_options("id,name\n10.1/a,x\n");
    EXPECT_EQ(import(options).added, 1U);
    options.inputs.push_back(scratch_.write("more.csv", "id,name\n\n10.1/A,x\n"));
    options.existing = ExistingPolicy::kKeep;
    EXPECT_EQ(import(options).rejected, 1U);
    EXPECT_THAT(told_.rejects,
                ElementsAre(HasSubstr("given before, in line 2 of " + options.inputs[0])));
    std::swap(options.inputs[0], options.inputs[1]);
    options.inputs[1] = scratch_.write("late.csv", "id,name\n10.0/a,x\n");
    options.sorted = true;
    EXPECT_THAT(failed_import(options).problem.to_string(),
                HasSubstr("line 3 of " + options.inputs[0]));
}

TEST_F(ImportTest, SaysWhatIsWrongWithItsOptions) {
    const ImportOptions good = csv_options("id,name\n10.1/a,x\n");
    const auto refusal = [&](auto change) {
        ImportOptions options = good;
        change(options);
        const ImportFailure failure = failed_import(options);
        EXPECT_EQ(failure.kind, ImportFailure::Kind::kInput);
        return failure.problem.to_string();
    };
    EXPECT_THAT(refusal([](auto& o) { o.inputs.clear(); }), HasSubstr("no input"));
    EXPECT_THAT(refusal([](auto& o) { o.mapping.clear(); }), HasSubstr("--map identifier="));
    EXPECT_THAT(refusal([](auto& o) { o.mapping = {"URL@1={id}"}; }), HasSubstr("identifier"));
    EXPECT_THAT(refusal([](auto& o) { o.format = InputFormat::kJsonLines; }),
                HasSubstr("--map is for CSV"));
    EXPECT_THAT(refusal([](auto& o) { o.inputs = {"-", "-"}; }), HasSubstr("twice"));
    EXPECT_THAT(refusal([](auto& o) { o.inputs.push_back("absent.csv"); }),
                HasSubstr("absent.csv"));
    EXPECT_THAT(refusal([](auto& o) { o.mapping.push_back("X@3={nam}"); }),
                HasSubstr("did you mean \"name\"?"));
    EXPECT_EQ(export_of_all(), "");
}

TEST_F(ImportTest, NamesADirectoryOrFileThatCannotBeWritten) {
    ImportOptions options = csv_options("id,name\n10.1/,x\n");
    options.rejects_path = scratch_.path("absent/bad.jsonl");
    ImportFailure failure = failed_import(options);
    EXPECT_EQ(failure.kind, ImportFailure::Kind::kRegistry);
    EXPECT_THAT(failure.problem.to_string(), HasSubstr("absent/bad.jsonl"));
    options.rejects_path = "/dev/full";
    failure = failed_import(options);
    EXPECT_EQ(failure.kind, ImportFailure::Kind::kRegistry);
    EXPECT_THAT(failure.problem.to_string(), HasSubstr("/dev/full"));
}

TEST_F(ImportTest, KnowsFormatsByName) {
    ImportOptions options = csv_options("id,name\n10.1/a,x\n", "rows.txt");
    EXPECT_EQ(import(options).added, 1U);
    options = json_options(line_of("10.1/b", "x"));
    options.inputs = {scratch_.write("rows.txt", line_of("10.1/b", "x"))};
    EXPECT_EQ(import(options).added, 1U);
    options.inputs = {scratch_.write("rows.ndjson", line_of("10.1/c", "x"))};
    EXPECT_EQ(import(options).added, 1U);
}

std::string many_rows(int count) {
    std::string content = "id,name\n";
    for (int i = 0; i < count; ++i) {
        const int shuffled = static_cast<int>(static_cast<std::int64_t>(i) * 48'271 % count);
        content += "88." + std::to_string(shuffled % 7) + "/SERIAL-" + std::to_string(shuffled) +
                   ",the name of number " + std::to_string(shuffled) + "\n";
    }
    return content;
}

TEST_F(ImportTest, SortsMoreThanItsMemory) {
    constexpr int kCount = 120'011;  // A prime, so that each number comes once.
    ImportOptions options = csv_options(many_rows(kCount));
    options.memory = kSortMemoryMin;
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, static_cast<std::uint64_t>(kCount));
    EXPECT_GT(counts.octets_sorted_on_disk, kSortMemoryMin);
    const std::string lines = export_of_all();
    EXPECT_EQ(std::ranges::count(lines, '\n'), kCount);
    EXPECT_THAT(lines.substr(0, 1'000), HasSubstr("the name of number 0"));

    ASSERT_THAT(told_.progress, ::testing::Not(IsEmpty()));
    EXPECT_EQ(told_.progress.front().phase, ImportPhase::kReading);
    EXPECT_EQ(told_.progress.back().phase, ImportPhase::kLoading);
    EXPECT_EQ(told_.progress.back().total, static_cast<std::uint64_t>(kCount));
    for (const ImportProgress& told : told_.progress) EXPECT_LE(told.done, told.total);
}

TEST_F(ImportTest, TellsProgressOfSortedInputInOctets) {
    ImportOptions options = csv_options("id,name\n10.1/a,x\n");
    options.sorted = true;
    import(options);
    ASSERT_THAT(told_.progress, ::testing::Not(IsEmpty()));
    EXPECT_EQ(told_.progress.front().total, 17U);
    EXPECT_EQ(told_.progress.back().counts.added, 1U);
}

TEST_F(ImportTest, RefusesToSortWhatTheTemporaryDirectoryCannotHold) {
    std::string rows = "id,name\n";
    for (int i = 0; rows.size() < 2 * kSortMemoryMin; ++i) {
        rows += fmt::format("10.1/{},{}\n", i, std::string(900, 'x'));
    }
    ImportOptions options = csv_options(rows);
    options.memory = 0;
    // Nothing but a hole behind the rows: the size alone counts.
    std::error_code failed;
    std::filesystem::resize_file(options.inputs.front(), std::uintmax_t{8} << 40, failed);
    if (failed) GTEST_SKIP() << "no file of 8 TiB can be made here";
    const ImportFailure failure = failed_import(options);
    EXPECT_EQ(failure.kind, ImportFailure::Kind::kRegistry);
    EXPECT_THAT(failure.problem.to_string(), HasSubstr("sorting needs about "));
    EXPECT_THAT(failure.problem.text, HasSubstr("MiB are free"));
    EXPECT_EQ(export_of_all(), "");
}

}  // namespace
}  // namespace idnode::registry
