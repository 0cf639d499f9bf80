// idnode verify: checks everything in a registry and names each damaged block.
#include <fmt/format.h>

#include "admin-cli/background_option.h"
#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/json_writer.h"
#include "protocol/handle/value_text.h"
#include "registry/verify.h"

namespace idnode::cli {

namespace {

std::string finding_text(const registry::Finding& finding) {
    std::string text = finding.what;
    if (!finding.prefix.empty()) text += fmt::format(" (prefix {})", finding.prefix);
    if (!finding.range.from.empty() || !finding.range.to.empty()) {
        text += fmt::format(R"(, identifiers from "{}" to below "{}")", finding.range.from,
                            finding.range.to);
    }
    std::string safe;
    handle::append_terminal_text(safe, text);
    return safe;
}

void write_finding(JsonWriter& json, const registry::Finding& finding) {
    json.begin_object().key("what").string(finding.what).key("prefix").string(finding.prefix);
    json.key("from").string(finding.range.from).key("to").string(finding.range.to).end_object();
}

class VerifyCommand final : public Command {
public:
    VerifyCommand()
        : Command("verify", "Check everything in a registry and name what is damaged",
                  "idnode verify --registry ./registry") {}

    std::vector<Option> options() override {
        return where_.with({background_.option(),
                            {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        background_.take_effect();
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        Result<registry::VerifyReport> report = tl::unexpected(Error{});
        {
            Progress progress("verifying", "identifiers", json_);
            registry::VerifyOptions options;
            options.on_progress = [&](const registry::VerifyProgress& at) {
                progress.update(at.identifiers, at.blocks, at.blocks_total);
            };
            report = registry::verify(*registry, options);
        }
        if (!report) return say_trouble(*registry, report.error());
        const ExitCode code = report->clean() ? ExitCode::kDone : ExitCode::kNegative;
        return json_ ? print_line(json_of(*report), code) : show_text(*report, code);
    }

private:
    static ExitCode show_text(const registry::VerifyReport& report, ExitCode code) {
        for (const registry::Finding& finding : report.findings) say(finding_text(finding));
        if (report.findings_total > report.findings.size()) {
            say(fmt::format("{} more findings", report.findings_total - report.findings.size()));
        }
        if (report.prefixes_undecided != 0) {
            say(fmt::format("counts of {} prefixes changed meanwhile and were not compared",
                            report.prefixes_undecided));
        }
        return print_line(
            fmt::format(
                "{}: {} identifiers in {} blocks, {} prefixes, {} patterns, {} journal entries",
                report.clean() ? "clean" : fmt::format("{} findings", report.findings_total),
                report.identifiers, report.blocks, report.prefixes, report.patterns,
                report.journal_entries),
            code);
    }

    static std::string json_of(const registry::VerifyReport& report) {
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("clean").boolean(report.clean());
        json.key("identifiers").number(report.identifiers).key("blocks").number(report.blocks);
        json.key("prefixes").number(report.prefixes).key("patterns").number(report.patterns);
        json.key("journalEntries").number(report.journal_entries);
        json.key("prefixesUndecided").number(report.prefixes_undecided);
        json.key("findingsTotal").number(report.findings_total).key("findings").begin_array();
        for (const registry::Finding& finding : report.findings) write_finding(json, finding);
        json.end_array().end_object();
        return line;
    }

    RegistryOption where_;
    BackgroundOption background_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace idnode::cli
