// idnode import FILE...: loads CSV by a mapping, or JSON lines, into the registry.
#include <ctime>

#include <fmt/format.h>

#include "admin-cli/background_option.h"
#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/json_writer.h"
#include "registry/external_sort.h"
#include "registry/import.h"

namespace idnode::cli {

namespace {

class ImportReporter final : public registry::ImportSink {
public:
    explicit ImportReporter(bool json)
        : reading_("reading", "rows", json), loading_("importing", "rows", json) {}

    void on_progress(const registry::ImportProgress& progress) override {
        if (progress.phase == registry::ImportPhase::kReading) {
            sorts_ = true;
            reading_.update(progress.counts.rows, progress.done, progress.total);
        } else {
            // Sorted rows have all been counted before the first is loaded.
            loading_.update(sorts_ ? progress.done : progress.counts.rows, progress.done,
                            progress.total);
        }
    }
    void on_reject_line(std::string_view line) override { fmt::print(stderr, "{}\n", line); }
    void on_note(std::string_view note) override { say(note); }

private:
    Progress reading_;
    Progress loading_;
    bool sorts_ = false;
};

std::string text_of(const registry::ImportCounts& counts) {
    std::string text = fmt::format(
        "{} rows: {} added, {} replaced, {} unchanged, {} kept, {} rejected", counts.rows,
        counts.added, counts.replaced, counts.unchanged, counts.kept, counts.rejected);
    if (counts.duplicates != 0) text += fmt::format(", {} duplicates dropped", counts.duplicates);
    if (counts.doubtful != 0) text += fmt::format(", {} doubtful", counts.doubtful);
    if (counts.prefixes_added != 0)
        text += fmt::format(", {} prefixes added", counts.prefixes_added);
    return text;
}

std::string json_of(const registry::ImportResult& result) {
    const registry::ImportCounts& counts = result.counts;
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("rows").number(counts.rows).key("bytes").number(counts.octets);
    json.key("added").number(counts.added).key("replaced").number(counts.replaced);
    json.key("unchanged").number(counts.unchanged).key("kept").number(counts.kept);
    json.key("duplicates").number(counts.duplicates).key("rejected").number(counts.rejected);
    json.key("doubtful").number(counts.doubtful);
    json.key("timeDefaulted").number(counts.time_defaulted);
    json.key("prefixesAdded").number(counts.prefixes_added);
    json.key("commits").number(counts.commits);
    if (result.failure) json.key("error").string(result.failure->problem.to_string());
    json.end_object();
    return line;
}

class ImportCommand final : public Command {
public:
    ImportCommand()
        : Command("import", "Load CSV or JSON lines",
                  "idnode import products.csv --map identifier={code} "
                  "--map 'URL@1=https://example.org/{code}' --add-prefixes --rejects bad.jsonl") {}

    std::vector<Option> options() override {
        std::vector<Option> all =
            where_.with({{.names = "files",
                          .help = "Files to load, .gz and .zst too; - is standard input",
                          .target = &options_.inputs,
                          .value_name = "FILE",
                          .required = true},
                         {.names = "--map",
                          .help = "identifier, timestamp or TYPE@INDEX, =, text with {column}",
                          .target = &options_.mapping,
                          .value_name = "FIELD=TEXT"},
                         {.names = "--null",
                          .help = "A CSV text that means \"nothing there\"",
                          .target = &options_.nulls,
                          .value_name = "TEXT"},
                         {.names = "--format",
                          .help = "What the input is (else by the file's name)",
                          .target = &format_,
                          .value_name = "NAME",
                          .choices = {"csv", "jsonl"}},
                         {.names = "--rejects",
                          .help = "Write bad rows with their reason here, as JSON lines",
                          .target = &options_.rejects_path,
                          .value_name = "FILE"},
                         {.names = "--add-prefixes",
                          .help = "Add prefixes that are not there yet",
                          .target = &options_.add_prefixes}});
        for (Option& option : more_options()) all.push_back(std::move(option));
        return all;
    }

    ExitCode run() override {
        background_.take_effect();
        take_choices();
        const auto registry = where_.open(registry::Access::kWrite);
        if (!registry) return where_.failure();
        registry::ImportResult result;
        {
            ImportReporter reporter(json_);
            result = registry::import_records(*registry, options_, reporter);
        }
        if (result.failure) say(result.failure->problem);
        const ExitCode code = exit_code_of(result);
        // Of an import that did not come to its first row there is nothing to count.
        if (!json_ && result.failure && result.counts.rows == 0) return code;
        return print_line(json_ ? json_of(result) : text_of(result.counts), code);
    }

private:
    std::vector<Option> more_options() {
        return {{.names = "--sorted",
                 .help = "The input is sorted bytewise by folded identifier",
                 .target = &options_.sorted},
                {.names = "--resume",
                 .help = "Go on with the --sorted import that was broken off: same command, "
                         "same input",
                 .target = &options_.resume},
                {.names = "--duplicates",
                 .help = "Of rows with one identifier: reject all but the first (default), take "
                         "the first, or the last",
                 .target = &duplicates_,
                 .value_name = "RULE",
                 .choices = {"reject", "first", "last"}},
                {.names = "--existing",
                 .help = "A row whose identifier is there: reject (default), keep, or replace",
                 .target = &existing_,
                 .value_name = "RULE",
                 .choices = {"reject", "keep", "replace"}},
                {.names = "--fill",
                 .help = "How full new blocks are (default 85)",
                 .target = &fill_,
                 .value_name = "PERCENT",
                 .minimum = 10,
                 .maximum = 100},
                {.names = "--memory",
                 .help = "For sorting (default 256M, at most 256G)",
                 .target = &memory_,
                 .value_name = "SIZE",
                 .as_size = true,
                 .maximum = registry::kSortMemoryMax},
                {.names = "--temporary",
                 .help = "Where to sort (default /var/tmp)",
                 .target = &options_.temporary_directory,
                 .value_name = "DIR"},
                background_.option(),
                {.names = "--json",
                 .help = "Progress as JSON events, the result as one document",
                 .target = &json_}};
    }

    void take_choices() {
        using registry::DuplicatePolicy;
        using registry::ExistingPolicy;
        using registry::InputFormat;
        if (!format_.empty()) {
            options_.format = format_ == "csv" ? InputFormat::kCsv : InputFormat::kJsonLines;
        }
        if (duplicates_ == "first") options_.duplicates = DuplicatePolicy::kFirst;
        if (duplicates_ == "last") options_.duplicates = DuplicatePolicy::kLast;
        if (existing_ == "keep") options_.existing = ExistingPolicy::kKeep;
        if (existing_ == "replace") options_.existing = ExistingPolicy::kReplace;
        options_.fill_percent = static_cast<int>(fill_);
        options_.memory = memory_;
        options_.now = static_cast<std::uint32_t>(std::time(nullptr));
    }

    static ExitCode exit_code_of(const registry::ImportResult& result) {
        using Kind = registry::ImportFailure::Kind;
        if (!result.failure) {
            return result.counts.rejected == 0 ? ExitCode::kDone : ExitCode::kNegative;
        }
        return result.failure->kind == Kind::kInput ? ExitCode::kUsage
                                                    : exit_code_for(result.failure->error);
    }

    RegistryOption where_;
    BackgroundOption background_;
    registry::ImportOptions options_;
    std::string format_;
    std::string duplicates_;
    std::string existing_;
    std::uint64_t fill_ = registry::kFillPercentDefault;
    std::uint64_t memory_ = registry::kImportMemoryDefault;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import_command() { return std::make_unique<ImportCommand>(); }

}  // namespace idnode::cli
