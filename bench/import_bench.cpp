// What rows cost on their way in: reading and mapping alone, and a whole sorted import, of mix 0.
// Items are rows; the figures asked are those of CPU time, at a million rows.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/rows.h"
#include "protocol/core/check.h"
#include "registry/csv_reader.h"
#include "registry/import.h"
#include "registry/json_lines_reader.h"
#include "registry/registry.h"

namespace idnode::bench {
namespace {

using registry::ImportRow;

constexpr std::uint32_t kNow = 1'700'000'000;

// One set as CSV and as JSON lines in a directory that goes away with it.
class Input {
public:
    explicit Input(std::uint64_t count)
        : mix_(Mix::make({.count = count}).value()),
          directory_(std::filesystem::temp_directory_path() / "idnode-bench-XXXXXX") {
        std::string path = directory_;
        IDN_CHECK(::mkdtemp(path.data()) != nullptr);
        directory_ = path;
        write("rows.csv", RowFormat::kCsv);
        write("rows.jsonl", RowFormat::kJsonLines);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] std::string path(std::string_view name) const {
        return (directory_ / name).string();
    }
    [[nodiscard]] registry::LineSource open(std::string_view name) const {
        return registry::LineSource(registry::InputFile::open(path(name)).value());
    }
    [[nodiscard]] std::vector<std::string> mapping() const {
        std::vector<std::string> options;
        for (const std::string& word : map_arguments(layout_of(mix_.options().kind))) {
            options.push_back(word.substr(word.find('=') + 1));
        }
        return options;
    }

private:
    void write(std::string_view name, RowFormat format) {
        std::ofstream out(path(name), std::ios::binary);
        if (format == RowFormat::kCsv) out << csv_header(layout_of(mix_.options().kind));
        write_rows(mix_, format, 0, mix_.count(), [&out](std::string_view rows) {
            out.write(rows.data(), static_cast<std::streamsize>(rows.size()));
            return out.good();
        });
    }

    Mix mix_;
    std::filesystem::path directory_;
};

void read_all(registry::RowReader& reader) {
    ImportRow row;
    while (reader.next(row).value()) IDN_CHECK(row.fault.empty());
}

void read_csv(benchmark::State& state) {
    const Input input(static_cast<std::uint64_t>(state.range(0)));
    while (state.KeepRunning()) {
        registry::RowMapper mapper(registry::parse_mapping(input.mapping(), {}).value());
        const auto reader =
            registry::CsvReader::open(input.open("rows.csv"), mapper, 0, kNow).value();
        read_all(*reader);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void read_json_lines(benchmark::State& state) {
    const Input input(static_cast<std::uint64_t>(state.range(0)));
    while (state.KeepRunning()) {
        registry::JsonLinesReader reader(input.open("rows.jsonl"), 0, kNow);
        read_all(reader);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

class Quiet final : public registry::ImportSink {
public:
    void on_progress(const registry::ImportProgress&) override {}
    void on_reject_line(std::string_view) override {}
};

void import_into_new_registry(const std::string& path, const registry::ImportOptions& options) {
    IDN_CHECK(registry::Registry::init(path, {}).has_value());
    const auto registry = registry::Registry::open(path, registry::Access::kWrite).value();
    Quiet quiet;
    const auto result = registry::import_records(*registry, options, quiet);
    IDN_CHECK(!result.failure && result.counts.added == result.counts.rows);
}

void run_import(benchmark::State& state, std::string_view name, bool sorted) {
    const Input input(static_cast<std::uint64_t>(state.range(0)));
    registry::ImportOptions options;
    options.inputs = {input.path(name)};
    if (name.ends_with(".csv")) options.mapping = input.mapping();
    options.sorted = sorted;
    options.add_prefixes = true;
    options.now = kNow;
    const std::string path = input.path("registry");
    while (state.KeepRunning()) {
        import_into_new_registry(path, options);
        state.PauseTiming();
        std::filesystem::remove_all(path);
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void import_sorted_csv(benchmark::State& state) { run_import(state, "rows.csv", true); }
void import_sorted_json_lines(benchmark::State& state) { run_import(state, "rows.jsonl", true); }
void import_unsorted_csv(benchmark::State& state) { run_import(state, "rows.csv", false); }

BENCHMARK(read_csv)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(read_json_lines)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(import_sorted_csv)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(import_sorted_json_lines)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(import_unsorted_csv)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace idnode::bench

BENCHMARK_MAIN();
