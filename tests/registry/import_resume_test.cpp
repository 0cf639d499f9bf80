#include "registry/import_resume.h"

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/verify.h"
#include "tests/registry/import_fixture.h"
#include "tests/registry/packed.h"
#include "tests/registry/resume_samples.h"

namespace idnode::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kMiddle = 2'000;

class ResumeTest : public ImportTest {
protected:
    ResumeTest() { add_prefix(*registry_); }

    static void add_prefix(Registry& registry) {
        auto writer = Writer::begin(registry, Origin::kCommand);
        ASSERT_TRUE(writer->add_prefix("10.1").has_value());
        ASSERT_TRUE(std::move(*writer).commit().has_value());
    }

    ImportOptions options_for(SampleForm form, const std::string& content,
                              std::string_view name = "rows") {
        ImportOptions options = csv_options(content, name);
        if (form == SampleForm::kJsonLines) options.mapping.clear();
        options.add_prefixes = false;
        options.sorted = true;
        options.batch_count_max = 70;
        options.rejects_path = scratch_.path("bad.jsonl");
        return options;
    }

    // Rows up to kMiddle, then one out of order: the import is broken off there.
    ImportOptions break_off(SampleForm form = SampleForm::kCsv) {
        const std::string start = sample_rows(form, 0, kMiddle);
        ImportOptions options = options_for(form, start + sample_row(form, "10.1/000000", 0));
        EXPECT_THAT(failed_import(options).problem.text, HasSubstr("out of order"));
        return options;
    }
    void set_input(std::string_view content) { static_cast<void>(scratch_.write("rows", content)); }

    // The registry, counts and rejects are those of one import in one go.
    void expect_whole(SampleForm form, const ImportCounts& counts) {
        auto whole = make_registry("whole");
        add_prefix(*whole);
        ImportOptions options = options_for(form, sample_rows(form), "whole_rows");
        options.rejects_path = scratch_.path("whole_bad.jsonl");
        Told told;
        const ImportCounts wanted = import_records(*whole, options, told).counts;
        EXPECT_EQ(counts.rows, wanted.rows);
        EXPECT_EQ(counts.octets, wanted.octets);
        EXPECT_EQ(counts.added, wanted.added);
        EXPECT_EQ(counts.rejected, wanted.rejected);
        EXPECT_EQ(counts.doubtful, wanted.doubtful);
        EXPECT_EQ(counts.time_defaulted, wanted.time_defaulted);
        EXPECT_TRUE(export_of_all() == export_of(*whole));
        EXPECT_TRUE(scratch_.read("bad.jsonl") == scratch_.read("whole_bad.jsonl"));
        EXPECT_TRUE(verify(*registry_)->clean());
        EXPECT_FALSE(registry_->info()->import.has_value());
    }

    void go_on_at_the_exact_row(SampleForm form) {
        ImportOptions options = break_off(form);
        const auto unfinished = registry_->info()->import;
        ASSERT_TRUE(unfinished.has_value());
        EXPECT_FALSE(unfinished->running);
        EXPECT_THAT(unfinished->input, HasSubstr("rows"));
        EXPECT_GT(unfinished->rows, static_cast<std::uint64_t>(kMiddle));
        set_input(sample_rows(form));
        options.resume = true;
        options.now += 1'000;  // The moment of the first start counts.
        const ImportCounts counts = import(options);
        EXPECT_EQ(counts.unchanged, 0U);
        expect_whole(form, counts);
    }

    std::string refusal(const ImportOptions& options) {
        const std::string before = scratch_.read("bad.jsonl");
        std::string text = failed_import(options).problem.to_string();
        EXPECT_EQ(scratch_.read("bad.jsonl"), before);
        return text;
    }
};

TEST_F(ResumeTest, GoesOnAtTheExactRowOfCsv) { go_on_at_the_exact_row(SampleForm::kCsv); }

TEST_F(ResumeTest, GoesOnAtTheExactRowOfJsonLines) {
    go_on_at_the_exact_row(SampleForm::kJsonLines);
}

TEST_F(ResumeTest, TakesTheSameContentInAnotherWay) {
    const std::string content = sample_rows(SampleForm::kCsv);
    ImportOptions options = break_off();
    options.resume = true;
    options.format = InputFormat::kCsv;
    // Cut behind the middle, so that it is broken off again, packed now.
    const std::string cut = gzip_of(content);
    options.inputs = {scratch_.write("cut", std::string_view(cut).substr(0, cut.size() - 9))};
    EXPECT_THAT(failed_import(options).problem.text, HasSubstr("cut short"));
    const auto rows = registry_->info()->import->rows;
    EXPECT_GT(rows, static_cast<std::uint64_t>(kMiddle));

    options.inputs = {scratch_.write(
        "rows.zst", zstd_of(content.substr(0, 99'999)) + zstd_of(content.substr(99'999)))};
    expect_whole(SampleForm::kCsv, import(options));
}

TEST_F(ResumeTest, GoesOnInTheInputThatWasReached) {
    ImportOptions options = options_for(SampleForm::kCsv, sample_rows(SampleForm::kCsv, 0, 1'000));
    const std::string more = "id,name\n" + sample_rows(SampleForm::kCsv, 1'000, 1'600);
    options.inputs.push_back(scratch_.write("more", more + "10.1/0,out of order\n"));
    options.inputs.push_back(
        scratch_.write("last", "id,name\n" + sample_rows(SampleForm::kCsv, 1'600)));
    EXPECT_EQ(failed_import(options).kind, ImportFailure::Kind::kInput);
    static_cast<void>(scratch_.write("more", more));
    options.resume = true;
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.octets, scratch_.read("rows").size() + scratch_.read("more").size() +
                                 scratch_.read("last").size());
    EXPECT_EQ(counts.unchanged, 0U);
    const ImportCounts again =
        import(options_for(SampleForm::kCsv, sample_rows(SampleForm::kCsv), "all"));
    EXPECT_EQ(again.unchanged, counts.added);
    EXPECT_EQ(again.rejected, counts.rejected);
}

TEST_F(ResumeTest, KeepsNoSignOfAnImportThatIsThrough) {
    import(options_for(SampleForm::kCsv, sample_rows(SampleForm::kCsv)));
    ImportOptions options = options_for(SampleForm::kCsv, sample_rows(SampleForm::kCsv));
    options.resume = true;
    EXPECT_THAT(refusal(options), HasSubstr("no import to go on with"));
}

TEST_F(ResumeTest, RefusesAChangedInput) {
    ImportOptions options = break_off();
    options.resume = true;
    const std::string content = sample_rows(SampleForm::kCsv);
    const auto changed_at = [&](std::size_t place) {
        std::string changed = content;
        changed[place] = changed[place] == 'y' ? 'z' : 'y';
        return changed;
    };
    const std::size_t point = sample_rows(SampleForm::kCsv, 0, kMiddle).size();
    // Of a plain file the 64 KiB before the point are looked at.
    for (const std::size_t back : {std::size_t{1}, std::size_t{kCheckedSize}}) {
        set_input(changed_at(point - back));
        EXPECT_THAT(refusal(options), HasSubstr("has changed")) << back;
    }
    set_input(content.substr(0, point - 1));
    EXPECT_THAT(refusal(options), HasSubstr("has changed"));
    set_input(changed_at(point - kCheckedSize - 1));
    expect_whole(SampleForm::kCsv, import(options));
}

TEST_F(ResumeTest, RefusesAPackedInputThatChangedAnywhere) {
    const std::string content = sample_rows(SampleForm::kCsv);
    ImportOptions options = options_for(SampleForm::kCsv, {});
    const std::string packed =
        zstd_of(content.substr(0, 450'000)) + zstd_of(content.substr(450'000));
    set_input(packed.substr(0, packed.size() - 1));
    EXPECT_THAT(failed_import(options).problem.text, HasSubstr("cut short"));
    options.resume = true;
    std::string changed = content;
    changed[20] = 'y';
    set_input(gzip_of(changed));
    EXPECT_THAT(refusal(options), HasSubstr("has changed"));
    set_input(changed);
    EXPECT_THAT(refusal(options), HasSubstr("has changed"));
    set_input(content);
    expect_whole(SampleForm::kCsv, import(options));
}

TEST_F(ResumeTest, GoesOnOnceThereIsRoom) {
    registry_.reset();
    const std::string path = scratch_.path("small");
    ASSERT_TRUE(Registry::init(path, {.map_size = kMapSizeMin}).has_value());
    registry_ = Registry::open(path, Access::kWrite).value();
    add_prefix(*registry_);
    std::string rows = "id,name\n";
    for (int i = 10'000; i < 12'000; ++i) {
        rows += fmt::format("10.1/{},{}{}\n", i, i, std::string(1'000, 'x'));
    }
    ImportOptions options = options_for(SampleForm::kCsv, rows);
    ImportResult full = import_records(*registry_, options, told_);
    ASSERT_TRUE(full.failure.has_value());
    EXPECT_EQ(full.failure->kind, ImportFailure::Kind::kRegistry);
    EXPECT_THAT(full.failure->problem.text, HasSubstr("map of the registry is full"));
    EXPECT_GT(full.counts.added, 0U);
    EXPECT_EQ(registry_->info()->identifiers, full.counts.added);
    registry_.reset();
    ASSERT_TRUE(Registry::set_map_size(path, 64 * kMapSizeMin).has_value());
    registry_ = Registry::open(path, Access::kWrite).value();
    options.resume = true;
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, 2'000U);
    EXPECT_EQ(counts.unchanged, 0U);
    EXPECT_EQ(registry_->info()->identifiers, 2'000U);
}

TEST_F(ResumeTest, RefusesOtherOptions) {
    ImportOptions options = break_off();
    options.resume = true;
    set_input(sample_rows(SampleForm::kCsv));
    ImportOptions other = options;
    other.mapping.back() = "NAME@3={name}";
    EXPECT_THAT(refusal(other), HasSubstr("had other options"));
    other = options;
    other.existing = ExistingPolicy::kReplace;
    EXPECT_THAT(refusal(other), HasSubstr("had other options"));
    other = options;
    other.inputs.push_back(other.inputs.front());
    EXPECT_THAT(refusal(other), HasSubstr("had other options"));
    other = options;
    other.rejects_path.clear();
    EXPECT_THAT(refusal(other), HasSubstr("--rejects"));
    other = options;
    other.sorted = false;
    EXPECT_THAT(refusal(other), HasSubstr("a sort starts again"));
    expect_whole(SampleForm::kCsv, import(options));
}

TEST_F(ResumeTest, RefusesARejectsFileThatIsTooShort) {
    ImportOptions options = break_off();
    options.resume = true;
    set_input(sample_rows(SampleForm::kCsv));
    const std::string bad = scratch_.read("bad.jsonl");
    static_cast<void>(scratch_.write("bad.jsonl", bad.substr(1)));
    EXPECT_THAT(refusal(options), HasSubstr("shorter than the rejects"));
    std::filesystem::remove(scratch_.path("bad.jsonl"));
    EXPECT_THAT(refusal(options), HasSubstr("name the file that was used before"));
    // What a killed import wrote behind its last commit goes.
    static_cast<void>(scratch_.write("bad.jsonl", bad + "{\"line\":"));
    expect_whole(SampleForm::kCsv, import(options));
}

TEST_F(ResumeTest, StartsAnewWithoutBeingAskedToGoOn) {
    ImportOptions options = break_off();
    set_input(sample_rows(SampleForm::kCsv));
    const std::uint64_t there = registry_->info()->identifiers;
    const ImportCounts counts = import(options);
    ASSERT_EQ(told_.notes.size(), 1U);
    EXPECT_THAT(told_.notes.front(), HasSubstr("starts at the front"));
    EXPECT_EQ(counts.unchanged, there);
    EXPECT_FALSE(registry_->info()->import.has_value());
}

TEST_F(ResumeTest, UnsortedInputLeavesABrokenOffImportAlone) {
    ImportOptions options = break_off();
    ImportOptions other = options_for(SampleForm::kCsv, "id,name\n10.1/b,x\n10.1/a,y\n", "other");
    other.sorted = false;
    other.rejects_path.clear();
    import(other);
    ASSERT_EQ(told_.notes.size(), 1U);
    EXPECT_THAT(told_.notes.front(), HasSubstr("--resume goes on with it"));
    set_input(sample_rows(SampleForm::kCsv));
    options.resume = true;
    EXPECT_EQ(import(options).unchanged, 0U);
    EXPECT_THAT(told_.notes, IsEmpty());
}

TEST_F(ResumeTest, OneImportAtATimeKeepsItsProgress) {
    ImportOptions options = break_off();
    set_input(sample_rows(SampleForm::kCsv));
    {
        EXPECT_FALSE(ImportLock::is_taken(registry_->path()));
        const auto lock = ImportLock::take(registry_->path());
        ASSERT_TRUE(lock.has_value());
        EXPECT_FALSE(ImportLock::take(registry_->path()).has_value());
        EXPECT_TRUE(registry_->info()->import->running);
        options.resume = true;
        EXPECT_THAT(refusal(options), HasSubstr("still running"));
        ImportOptions other = options_for(SampleForm::kCsv, "id,name\n10.1/a,y\n", "other");
        other.rejects_path.clear();
        import(other);
        EXPECT_THAT(told_.notes.front(), HasSubstr("another import is running"));
    }
    EXPECT_EQ(import(options).unchanged, 0U);
}

TEST(UnfinishedImport, ComesBackAsItWasStored) {
    UnfinishedImport unfinished;
    unfinished.identity = 1;
    unfinished.began_ms = 2;
    unfinished.now = 3;
    unfinished.point = {4, 5, 6, 7};
    unfinished.check = {8, 9, 10};
    unfinished.last_folded = std::string(480, 'A');
    unfinished.last_line = 11;
    unfinished.last_input = 12;
    unfinished.counts.rows = 13;
    unfinished.counts.commits = 14;
    unfinished.rejects_in_file = true;
    unfinished.rejects_size = 15;
    unfinished.input_name = std::string(300, 'y') + "rows.csv";
    const std::string stored = encode_unfinished_import(unfinished);
    const auto back = decode_unfinished_import(to_bytes(stored));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(encode_unfinished_import(*back), stored);
    EXPECT_EQ(back->point, unfinished.point);
    EXPECT_EQ(back->check, unfinished.check);
    EXPECT_EQ(back->last_folded, unfinished.last_folded);
    EXPECT_EQ(back->counts.commits, 14U);
    EXPECT_EQ(back->input_name.size(), kInputNameSizeMax);
    EXPECT_TRUE(back->input_name.ends_with("rows.csv"));
    for (std::size_t size = 0; size < stored.size(); ++size) {
        const std::vector<std::uint8_t> shorter(stored.begin(),
                                                stored.begin() + static_cast<long>(size));
        EXPECT_FALSE(decode_unfinished_import(shorter).has_value()) << size;
    }
}

TEST(UnfinishedImport, IsKnownByWhatDecidesAboutRowsAlone) {
    ImportOptions options;
    options.inputs = {"a.csv"};
    options.mapping = {"identifier={a}", "N@1={b}"};
    const std::uint64_t identity = import_identity(options);
    ImportOptions same = options;
    same.inputs = {"elsewhere/b.csv.gz"};
    same.fill_percent = 50;
    same.rejects_path = "bad";
    EXPECT_EQ(import_identity(same), identity);
    ImportOptions other = options;
    other.mapping = {"identifier={a}N@1={b}"};
    EXPECT_NE(import_identity(other), identity);
    other = options;
    other.nulls = {"NA"};
    EXPECT_NE(import_identity(other), identity);
    other = options;
    other.inputs = {"a.jsonl"};
    EXPECT_NE(import_identity(other), identity);
}

}  // namespace
}  // namespace idnode::registry
