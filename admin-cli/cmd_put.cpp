// idnode put: registers one identifier, from values on the command line or a record in Handle JSON.
#include <algorithm>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <unistd.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/record_change.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"
#include "protocol/core/limits.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/value_index.h"
#include "registry/whole_file.h"

namespace idnode::cli {

namespace {

Problem usage(std::string text, std::string remedy) {
    return {{}, 0, 0, std::move(text), std::move(remedy)};
}

std::uint32_t now() { return static_cast<std::uint32_t>(std::time(nullptr)); }

// "TYPE@INDEX=text".
Checked<handle::Value> parse_value(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::size_t at = text.substr(0, equals).rfind('@');
    const std::string remedy = "write TYPE@INDEX=text, such as URL@1=https://example.org/";
    if (equals == std::string_view::npos || at == std::string_view::npos || at == 0) {
        return tl::unexpected(usage(fmt::format("\"{}\" is no value", text), remedy));
    }
    const std::string_view index_text = text.substr(at + 1, equals - at - 1);
    const auto index = handle::parse_value_index(index_text);
    if (!index) {
        return tl::unexpected(
            usage(fmt::format("\"{}\" is no index: 1 to 2147483647", index_text), remedy));
    }
    handle::Value value;
    value.index = *index;
    value.timestamp = now();
    value.type = text.substr(0, at);
    value.data = text.substr(equals + 1);
    if (is_utf8(value.type) && is_utf8(value.data)) return value;
    return tl::unexpected(usage("a value is not UTF-8", "put other data with --record, as base64"));
}

Checked<std::string> read_all(const std::string& file) {
    Result<std::string> text =
        file == "-" ? registry::read_whole_file(STDIN_FILENO) : registry::read_whole_file(file);
    if (text) return std::move(*text);
    return tl::unexpected(
        Problem{file, 0, 0, std::strerror(text.error().code), "name a readable file or -"});
}

// What is wrong with values in ascending index; nothing: they may be registered.
std::optional<Problem> fault_of(std::span<const handle::ValueView> values) {
    if (values.size() > kListCountMax) {
        return usage(fmt::format("{} values are more than an answer can carry", values.size()),
                     fmt::format("put at most {}", kListCountMax));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!handle::is_value_index(values[i].index)) {
            return usage(fmt::format("{} is no index", values[i].index),
                         "indexes are 1 to 2147483647");
        }
        if (i > 0 && values[i].index == values[i - 1].index) {
            return usage(fmt::format("index {} is given twice", values[i].index),
                         "give each value an index of its own");
        }
    }
    if (handle::encoded_size(values) <= kRecordSizeMax) return std::nullopt;
    return usage(fmt::format("the values are above {} bytes", kRecordSizeMax), "put less");
}

class PutCommand final : public Command {
public:
    PutCommand()
        : Command("put", "Register one identifier",
                  "idnode put 88.118.8/SN1 --value 'URL@1=https://example.org/SN1'") {}

    std::vector<Option> options() override {
        return where_.with(
            {{.names = "identifier",
              .help = "The identifier, in the case it is to have",
              .target = &identifier_,
              .value_name = "ID",
              .required = true},
             {.names = "--value",
              .help = "A value with its type and index",
              .target = &values_,
              .value_name = "TYPE@INDEX=TEXT"},
             {.names = "--record",
              .help = "All values from a file (or - for standard input) in Handle JSON",
              .target = &record_file_,
              .value_name = "FILE"},
             {.names = "--replace",
              .help = "Put these values in the place of those there",
              .target = &replace_},
             {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        if (values_.empty() == record_file_.empty()) {
            say("give either --value or --record");
            return ExitCode::kUsage;
        }
        if (const auto fault = registration_fault(identifier_)) {
            say(usage(fmt::format("{}: {}", identifier_, *fault),
                      "see docs/storage.md for the rules"));
            return ExitCode::kUsage;
        }
        return values_.empty() ? put_file() : put_values();
    }

private:
    ExitCode put_values() {
        std::vector<handle::Value> values;
        for (const std::string& text : values_) {
            Checked<handle::Value> value = parse_value(text);
            if (!value) return say(value.error()), ExitCode::kUsage;
            values.push_back(std::move(*value));
        }
        std::vector<handle::ValueView> views;
        views.reserve(values.size());
        for (const handle::Value& value : values) views.push_back(value.view());
        return put(std::move(views), true);
    }

    ExitCode put_file() {
        const Checked<std::string> text = read_all(record_file_);
        if (!text) return say(text.error()), ExitCode::kUsage;
        handle::RecordParser parser;
        Checked<handle::ParsedRecord> parsed = parser.parse(*text, now());
        if (!parsed) {
            parsed.error().file = record_file_;
            return say(parsed.error()), ExitCode::kUsage;
        }
        const std::string_view named = parsed->record.handle;
        if (!named.empty() &&
            FoldedIdentifier(named).text() != FoldedIdentifier(identifier_).text()) {
            say(Problem{record_file_, 0, 0, fmt::format("is the record of {}", named),
                        "name that identifier, or leave \"handle\" out of the file"});
            return ExitCode::kUsage;
        }
        const bool no_time_given =
            std::ranges::find(parsed->timestamp_given, 1) == parsed->timestamp_given.end();
        return put({parsed->record.values.begin(), parsed->record.values.end()}, no_time_given);
    }

    ExitCode put(std::vector<handle::ValueView> views, bool time_defaulted) {
        std::ranges::sort(views, {}, &handle::ValueView::index);
        if (const auto fault = fault_of(views)) return say(*fault), ExitCode::kUsage;
        const auto registry = where_.open(registry::Access::kWrite);
        if (!registry) return where_.failure();
        const auto existing =
            replace_ ? registry::ExistingPolicy::kReplace : registry::ExistingPolicy::kReject;
        const Result<Changed> changed =
            put_record(*registry, identifier_, views, time_defaulted, existing);
        return changed ? report_change(identifier_, *changed, json_)
                       : say_trouble(*registry, changed.error());
    }

    RegistryOption where_;
    std::string identifier_;
    std::vector<std::string> values_;
    std::string record_file_;
    bool replace_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_put_command() { return std::make_unique<PutCommand>(); }

}  // namespace idnode::cli
