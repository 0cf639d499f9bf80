// idnode list: the identifiers of a prefix in order, page by page.
#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/record_output.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"
#include "registry/walk.h"

namespace idnode::cli {

namespace {

class ListCommand final : public Command {
public:
    ListCommand()
        : Command("list", "List the identifiers of a prefix, page by page",
                  "idnode list 88.118.8 --limit 100") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "prefix",
                             .help = "The prefix, such as 88.118.8",
                             .target = &prefix_,
                             .value_name = "PREFIX",
                             .required = true},
                            {.names = "--from",
                             .help = "Begin at this identifier (the \"next\" of the page before)",
                             .target = &from_,
                             .value_name = "ID"},
                            {.names = "--limit",
                             .help = "At most so many (default 1000, 0: all)",
                             .target = &limit_,
                             .value_name = "N"},
                            {.names = "--values", .help = "With the values", .target = &values_},
                            {.names = "--json",
                             .help = "JSON lines; the last names the next page",
                             .target = &json_}});
    }

    ExitCode run() override {
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        const auto prefix = registry::find_prefix(*registry, prefix_);
        if (!prefix) return say_trouble(*registry, prefix.error());
        if (!*prefix) return say(fmt::format("prefix {}: not found", prefix_)), ExitCode::kNegative;
        registry::KeyRange range = registry::range_of_prefix(prefix_);
        if (!from_.empty()) {
            const FoldedIdentifier from(from_);
            range.from = std::max(range.from, std::string(from.text()));
        }
        return list(*registry, range);
    }

private:
    ExitCode list(registry::Registry& registry, const registry::KeyRange& range) {
        registry::RecordWalk walk(registry, range);
        for (std::uint64_t count = 0;; ++count) {
            const Result<bool> more = walk.next();
            if (!more) return say_trouble(registry, more.error());
            if (!*more) return ExitCode::kDone;
            if (limit_ != 0 && count == limit_) return say_next(walk.record().fields.identifier);
            const ExitCode code = show(registry, walk.record());
            if (code != ExitCode::kDone) return code;
        }
    }

    ExitCode show(registry::Registry& registry, const registry::Record& record) {
        if (!values_) {
            std::string line;
            if (json_) {
                JsonWriter json(line);
                json.begin_object().key("handle").string(record.fields.identifier).end_object();
            }
            return print_line(json_ ? std::move(line) : std::string(record.fields.identifier));
        }
        const Result<handle::RecordView> view = spread_.spread(record);
        if (!view) return say_trouble(registry, view.error());
        return print_line(json_ ? record_json(*view) : record_text(*view));
    }

    ExitCode say_next(std::string_view next) const {
        if (!json_) {
            say(fmt::format("more follow: --from '{}'", next));
            return ExitCode::kDone;
        }
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("next").string(next).end_object();
        return print_line(std::move(line));
    }

    RegistryOption where_;
    RecordSpread spread_;
    std::string prefix_;
    std::string from_;
    std::uint64_t limit_ = 1000;
    bool values_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list_command() { return std::make_unique<ListCommand>(); }

}  // namespace idnode::cli
