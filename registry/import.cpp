#include "registry/import.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "registry/csv_reader.h"
#include "registry/external_sort.h"
#include "registry/import_loader.h"
#include "registry/import_report.h"
#include "registry/import_resume.h"
#include "registry/input_file.h"
#include "registry/json_lines_reader.h"
#include "registry/line_source.h"
#include "registry/mapping.h"
#include "registry/read_ahead.h"
#include "registry/registry.h"
#include "registry/row_mapper.h"

namespace idnode::registry {

namespace {

tl::unexpected<ImportFailure> bad_input(Problem problem) {
    return tl::unexpected(
        ImportFailure{ImportFailure::Kind::kInput, ErrorKind::kMalformed, std::move(problem)});
}

tl::unexpected<ImportFailure> bad_disk(Problem problem) {
    return tl::unexpected(
        ImportFailure{ImportFailure::Kind::kRegistry, ErrorKind::kUnavailable, std::move(problem)});
}

tl::unexpected<ImportFailure> wrong_options(std::string text, std::string remedy) {
    Problem problem;
    problem.text = std::move(text);
    problem.remedy = std::move(remedy);
    return bad_input(std::move(problem));
}

InputFormat format_by_name(std::string_view path, bool mapped) {
    for (const std::string_view packed : {".gz", ".zst"}) {
        if (path.ends_with(packed)) path.remove_suffix(packed.size());
    }
    if (path.ends_with(".csv")) return InputFormat::kCsv;
    for (const std::string_view ending : {".jsonl", ".ndjson", ".json"}) {
        if (path.ends_with(ending)) return InputFormat::kJsonLines;
    }
    return mapped ? InputFormat::kCsv : InputFormat::kJsonLines;
}

class ImportRun {
public:
    ImportRun(Registry& registry, ImportOptions options, ImportReport& report)
        : registry_(registry),
          options_(std::move(options)),
          report_(report),
          resume_(registry, options_) {}

    ImportStep run(ImportSink& sink) {
        ImportStep step = check_options();
        if (step) step = open_mapping();
        if (step) step = open_inputs();
        if (step) step = resume_.find(sink);
        if (step) step = go_on();
        if (step) step = open_reader(first_input());
        if (step) step = go_to_place();
        if (step) step = open_rejects();
        if (!step) return step;
        return options_.sorted ? load_sorted() : sort_and_load();
    }

private:
    [[nodiscard]] ImportStep check_options() const;
    ImportStep open_mapping();
    ImportStep open_inputs();
    ImportStep go_on();
    ImportStep go_to_place();
    [[nodiscard]] std::uint32_t first_input() const;
    ImportStep open_rejects();
    [[nodiscard]] bool rejects_into(const std::string& file) const;
    ImportStep open_reader(std::uint32_t input);
    void add_reader(std::unique_ptr<SourceReader> reader);

    template <class OnGoodRow, class OnBadRow>
    ImportStep read_input(std::uint32_t input, OnGoodRow on_good_row, OnBadRow on_bad_row);
    ImportStep load_sorted();
    ImportStep take_sorted(ImportLoader& loader, const ImportRow& row);
    ImportStep sort_and_load();
    ImportStep load_from(ExternalSort& sorter);
    void note_row(RowReader& reader);
    [[nodiscard]] ImportStep rejects_written() const;
    [[nodiscard]] ImportFailure with_taken(ImportFailure failure) const;

    Registry& registry_;
    ImportOptions options_;
    ImportReport& report_;
    ImportResume resume_;
    std::optional<RowMapper> mapper_;
    std::vector<InputFile> files_;
    std::vector<std::unique_ptr<RowReader>> readers_;
    std::uint64_t octets_total_ = 0;     // Of all inputs; 0: not known.
    std::uint64_t octets_finished_ = 0;  // Of the inputs that are through.
    FoldedIdentifier folded_;
};

ImportStep ImportRun::check_options() const {
    if (options_.memory > kSortMemoryMax) {
        return wrong_options("memory for sorting is at most 256 GiB", "give --memory less");
    }
    return Done{};
}

ImportStep ImportRun::open_mapping() {
    const bool any_csv = std::ranges::any_of(options_.inputs, [this](const std::string& path) {
        return input_format(options_, path) == InputFormat::kCsv;
    });
    if (options_.inputs.empty()) {
        return wrong_options("no input", "name files, or - for standard input");
    }
    if (any_csv && options_.mapping.empty()) {
        return wrong_options("a CSV says nothing of identifiers and types by itself",
                             "add --map identifier={column} and --map 'TYPE@INDEX={column}'");
    }
    if (!any_csv && !options_.mapping.empty()) {
        return wrong_options("--map is for CSV, and the input is JSON lines",
                             "leave --map out, or say --format csv");
    }
    if (!any_csv) return Done{};
    auto mapping =
        parse_mapping(options_.mapping, {options_.ttl, options_.permissions, options_.nulls});
    if (!mapping) return bad_input(std::move(mapping.error()));
    mapper_.emplace(std::move(*mapping));
    return Done{};
}

ImportStep ImportRun::open_inputs() {
    if (std::ranges::count(options_.inputs, "-") > 1) {
        return wrong_options("standard input is named twice", "name - once");
    }
    bool all_known = true;
    for (const std::string& path : options_.inputs) {
        auto file = InputFile::open(path);
        if (!file) return bad_input(std::move(file.error()));
        const auto size = file->size();
        all_known = all_known && size.has_value();
        octets_total_ += size.value_or(0);
        files_.push_back(std::move(*file));
    }
    if (!all_known) octets_total_ = 0;
    return Done{};
}

// Opening the rejects file empties it: it must be neither an input nor the registry, and the
// options and the first header have been found right before.
ImportStep ImportRun::open_rejects() {
    for (const std::string& input : options_.inputs) {
        if (rejects_into(input == "-" ? "/dev/stdin" : input)) {
            return wrong_options("the rejects file is an input", "name another file");
        }
    }
    for (const std::string_view name : {"/data.mdb", "/lock.mdb"}) {
        if (rejects_into(registry_.path() + std::string(name))) {
            return wrong_options("the rejects file belongs to the registry", "name another file");
        }
    }
    // What was kept of an import before goes first: it counts on the file that is emptied here.
    if (ImportStep begun = resume_.begin(options_.now); !begun) return begun;
    std::optional<RejectsBefore> before;
    if (resume_.found()) {
        const ImportCounts& counts = resume_.found()->counts;
        before = {resume_.found()->rejects_size, counts.rejected + counts.doubtful};
    }
    auto opened = report_.open_rejects(options_.rejects_path, options_.inputs, before);
    if (!opened) return bad_disk(std::move(opened.error()));
    return Done{};
}

// By device and inode, whatever the names are.
bool ImportRun::rejects_into(const std::string& file) const {
    std::error_code failed;
    return std::filesystem::equivalent(file, options_.rejects_path, failed);
}

// Takes up the counts and the moment of the import that is gone on with.
ImportStep ImportRun::go_on() {
    if (!resume_.found()) return Done{};
    report_.counts = resume_.found()->counts;
    options_.now = resume_.found()->now;
    octets_finished_ = resume_.found()->counts.octets;
    readers_.resize(first_input());
    return Done{};
}

std::uint32_t ImportRun::first_input() const {
    return resume_.found() ? resume_.found()->point.input : 0;
}

ImportStep ImportRun::go_to_place() {
    if (!resume_.found()) return Done{};
    const UnfinishedImport& found = *resume_.found();
    const auto gone = readers_.back()->go_to({found.point.position, found.point.line, found.check});
    if (!gone) return bad_input(gone.error());
    return Done{};
}

ImportStep ImportRun::open_reader(std::uint32_t input) {
    LineSource source(std::move(files_[input]));
    if (resume_.keeps()) source.keep_checks();
    if (input_format(options_, options_.inputs[input]) == InputFormat::kJsonLines) {
        add_reader(std::make_unique<JsonLinesReader>(std::move(source), input, options_.now));
        return Done{};
    }
    auto reader = CsvReader::open(std::move(source), *mapper_, input, options_.now);
    if (!reader) return bad_input(std::move(reader.error()));
    add_reader(std::move(*reader));
    return Done{};
}

void ImportRun::add_reader(std::unique_ptr<SourceReader> reader) {
    // The loader reads rows that it held back again while the reader would go on.
    const bool held_back = options_.sorted && options_.duplicates == DuplicatePolicy::kLast;
    if (!options_.read_ahead || held_back) {
        readers_.push_back(std::move(reader));
    } else {
        readers_.push_back(std::make_unique<ReadAhead>(std::move(reader), resume_.keeps()));
    }
}

// Reads one input from front to end; rows with a fault are rejected on the way.
template <class OnGoodRow, class OnBadRow>
ImportStep ImportRun::read_input(std::uint32_t input, OnGoodRow on_good_row, OnBadRow on_bad_row) {
    if (input == readers_.size()) {
        ImportStep opened = open_reader(input);
        if (!opened) return opened;
    }
    RowReader& reader = *readers_.back();
    ImportRow row;
    while (true) {
        const auto more = reader.next(row);
        if (!more) return bad_input(more.error());
        if (!*more) break;
        note_row(reader);
        if (row.fault.empty()) {
            folded_.assign(row.identifier);
            ImportStep taken = on_good_row(row);
            if (!taken) return taken;
        } else {
            if (ImportStep told = on_bad_row(row); !told) return told;
            if (ImportStep written = rejects_written(); !written) return written;
        }
    }
    octets_finished_ += reader.octets_consumed();
    report_.counts.octets = octets_finished_;
    reader.close();
    return Done{};
}

void ImportRun::note_row(RowReader& reader) {
    if (++report_.counts.rows % kImportProgressRows != 0) return;
    report_.counts.octets = octets_finished_ + reader.octets_consumed();
    report_.set_done(report_.counts.octets);
    report_.tell_progress();
}

ImportStep ImportRun::rejects_written() const {
    if (report_.failure()) return bad_disk(*report_.failure());
    return Done{};
}

ImportStep ImportRun::load_sorted() {
    report_.begin_phase(ImportPhase::kLoading, octets_total_,
                        octets_finished_ + readers_.back()->octets_consumed());
    ImportLoader loader(registry_, options_, readers_, report_, resume_);
    for (std::uint32_t input = first_input(); input < files_.size(); ++input) {
        const ImportStep read = read_input(
            input, [&](const ImportRow& row) { return take_sorted(loader, row); },
            [&](const ImportRow& row) {
                return loader.reject(row.raw, row.identifier, row.fault);
            });
        if (!read) {
            // What came before the fault is taken; the fault is what there is to tell.
            static_cast<void>(loader.finish(false));
            return tl::unexpected(with_taken(read.error()));
        }
    }
    const ImportStep finished = loader.finish(true);
    return finished ? rejects_written() : finished;
}

ImportFailure ImportRun::with_taken(ImportFailure failure) const {
    if (failure.kind != ImportFailure::Kind::kInput) return failure;
    const ImportCounts& counts = report_.counts;
    failure.problem.text += fmt::format(" ({} records before it are in the registry)",
                                        counts.added + counts.replaced + counts.unchanged);
    return failure;
}

ImportStep ImportRun::take_sorted(ImportLoader& loader, const ImportRow& row) {
    if (folded_.text() < loader.last_folded()) {
        Problem problem;
        problem.file = options_.inputs[row.raw.input];
        problem.line = row.raw.line;
        problem.text = fmt::format("\"{}\" is out of order: it comes before that of {}",
                                   row.identifier, loader.last_place());
        problem.remedy = "sort the input bytewise by folded identifier, or leave out --sorted";
        return bad_input(std::move(problem));
    }
    const ImportStep taken = loader.take(row.raw, folded_.text(), &row);
    return taken ? rejects_written() : taken;
}

ImportStep ImportRun::sort_and_load() {
    report_.begin_phase(ImportPhase::kReading, octets_total_);
    ExternalSort sorter(options_.temporary_directory, std::max(options_.memory, kSortMemoryMin));
    sorter.set_share_added([this] {
        const std::uint64_t read = octets_finished_ + readers_.back()->octets_consumed();
        return octets_total_ == 0 ? 0
                                  : static_cast<double>(read) / static_cast<double>(octets_total_);
    });
    for (std::uint32_t input = 0; input < files_.size(); ++input) {
        const auto add = [&](const ImportRow& row) -> ImportStep {
            const auto added =
                sorter.add({folded_.text(), row.raw.text, row.raw.line, row.raw.input});
            if (!added) return bad_disk(added.error());
            return Done{};
        };
        const ImportStep read = read_input(input, add, [&](const ImportRow& row) -> ImportStep {
            report_.reject(row.raw, row.identifier, row.fault);
            return Done{};
        });
        if (!read) return tl::unexpected(with_taken(read.error()));
    }
    const auto sorted = sorter.sort();
    if (!sorted) return bad_disk(sorted.error());
    report_.counts.octets_sorted_on_disk = sorter.octets_on_disk();
    return load_from(sorter);
}

ImportStep ImportRun::load_from(ExternalSort& sorter) {
    report_.begin_phase(ImportPhase::kLoading, sorter.item_count());
    ImportLoader loader(registry_, options_, readers_, report_, resume_);
    SortItem item;
    for (std::uint64_t done = 0;; ++done) {
        report_.set_done(done);
        const auto more = sorter.next(item);
        if (!more) return bad_disk(more.error());
        if (!*more) break;
        ImportStep taken =
            loader.take({item.input, item.line, item.text, false}, item.key, nullptr);
        if (!taken) return taken;
        if (ImportStep written = rejects_written(); !written) return written;
    }
    const ImportStep finished = loader.finish(true);
    return finished ? rejects_written() : finished;
}

}  // namespace

InputFormat input_format(const ImportOptions& options, std::string_view path) {
    if (options.format != InputFormat::kByName) return options.format;
    return format_by_name(path, !options.mapping.empty());
}

ImportResult import_records(Registry& registry, const ImportOptions& options, ImportSink& sink) {
    ImportResult result;
    ImportReport report(sink);
    const ImportStep step = ImportRun(registry, options, report).run(sink);
    report.finish();
    result.counts = report.counts;
    if (!step) {
        result.failure = step.error();
    } else if (report.failure()) {
        result.failure = bad_disk(*report.failure()).value();
    }
    return result;
}

}  // namespace idnode::registry
