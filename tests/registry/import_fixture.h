// A registry of a test's own, and imports into it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "registry/export.h"
#include "registry/import.h"
#include "registry/registry.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {

// Keeps what an import or an export tells.
class Told final : public ImportSink, public ExportSink {
public:
    void on_reject_line(std::string_view line) override { rejects.emplace_back(line); }
    void on_progress(const ImportProgress& told) override { progress.push_back(told); }
    void on_note(std::string_view note) override { notes.emplace_back(note); }
    Checked<Done> on_lines(std::string_view text, const ExportCounts&) override {
        lines += text;
        return Done{};
    }
    void on_damage(const KeyRange& place, const Error&) override { damage.push_back(place); }

    std::vector<std::string> rejects;
    std::vector<std::string> notes;
    std::vector<ImportProgress> progress;
    std::string lines;
    std::vector<KeyRange> damage;
};

class ImportTest : public ::testing::Test {
protected:
    ImportTest() { registry_ = make_registry("registry"); }

    std::unique_ptr<Registry> make_registry(std::string_view name) {
        const std::string path = scratch_.path(name);
        EXPECT_TRUE(Registry::init(path, {.map_size = std::uint64_t{1} << 30}).has_value());
        OpenOptions options;
        options.syncing = Syncing::kNever;
        auto registry = Registry::open(path, Access::kWrite, options);
        EXPECT_TRUE(registry.has_value()) << registry.error().to_string();
        return std::move(registry).value();
    }

    // Options for a CSV with the columns id, name and at.
    ImportOptions csv_options(std::string_view content, std::string_view name = "rows.csv") {
        ImportOptions options;
        options.inputs = {scratch_.write(name, content)};
        options.mapping = {"identifier={id}", "URL@1=https://x.example/{id}", "NAME@2={name}"};
        options.nulls = {"NA"};
        options.add_prefixes = true;
        options.temporary_directory = scratch_.path();
        options.now = 1'700'000'000;
        return options;
    }
    ImportOptions json_options(std::string_view content) {
        ImportOptions options = csv_options(content, "rows.jsonl");
        options.mapping.clear();
        return options;
    }

    ImportCounts import(const ImportOptions& options) {
        told_ = {};
        const ImportResult result = import_records(*registry_, options, told_);
        EXPECT_FALSE(result.failure.has_value()) << result.failure->problem.to_string();
        const ImportCounts& counts = result.counts;
        EXPECT_EQ(counts.rows, counts.added + counts.replaced + counts.unchanged + counts.kept +
                                   counts.duplicates + counts.rejected);
        return counts;
    }
    ImportFailure failed_import(const ImportOptions& options) {
        told_ = {};
        const ImportResult result = import_records(*registry_, options, told_);
        EXPECT_TRUE(result.failure.has_value());
        return result.failure.value_or(ImportFailure{});
    }

    static std::string export_of(Registry& registry, std::string_view prefix = {}) {
        Told told;
        const auto counts = export_records(registry, prefix, told);
        EXPECT_TRUE(counts.has_value()) << counts.error().to_string();
        EXPECT_TRUE(told.damage.empty());
        return told.lines;
    }
    std::string export_of_all() { return export_of(*registry_); }

    ScratchDirectory scratch_;
    std::unique_ptr<Registry> registry_;
    Told told_;
};

}  // namespace idnode::registry
