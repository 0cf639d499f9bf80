// idnode list: the identifiers of a prefix in order, page by page.
#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/record_output.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"
#include "protocol/handle/value_text.h"
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
        for (std::uint64_t count = 0;;) {
            const Result<bool> more = walk.next();
            if (!more) {
                if (walk.ended()) return say_trouble(registry, more.error());
                note_damage(walk.place(), more.error());
                continue;
            }
            if (!*more) return outcome();
            if (limit_ != 0 && count == limit_) return say_next(walk.record().fields.identifier);
            ++count;
            const ExitCode code = show(walk);
            if (code != ExitCode::kDone) return code;
        }
    }

    void note_damage(const registry::KeyRange& place, const Error& error) {
        ++damaged_;
        say(damage_text(place, error));
    }

    // Of a list that went to its end.
    [[nodiscard]] ExitCode outcome() const {
        if (damaged_ == 0) return ExitCode::kDone;
        say(fmt::format("{} damaged blocks or records left out; \"idnode verify\" names them",
                        damaged_));
        return ExitCode::kRegistry;
    }

    ExitCode show(const registry::RecordWalk& walk) {
        const std::string_view identifier = walk.record().fields.identifier;
        if (!values_) {
            std::string line;
            if (json_) {
                JsonWriter json(line);
                json.begin_object().key("handle").string(identifier).end_object();
            } else {
                handle::append_terminal_text(line, identifier);
            }
            return print_line(std::move(line));
        }
        const Result<handle::RecordView> view = spread_.spread(walk.record());
        if (!view) {
            const std::string folded(walk.folded());
            return note_damage({folded, folded}, view.error()), ExitCode::kDone;
        }
        return print_line(json_ ? record_json(*view) : record_text(*view));
    }

    ExitCode say_next(std::string_view next) const {
        if (!json_) {
            say(fmt::format("more follow: --from {}", shell_word(next)));
            return outcome();
        }
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("next").string(next).end_object();
        return print_line(std::move(line), outcome());
    }

    RegistryOption where_;
    RecordSpread spread_;
    std::string prefix_;
    std::string from_;
    std::uint64_t limit_ = 1000;
    std::uint64_t damaged_ = 0;  // Blocks or records passed over.
    bool values_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list_command() { return std::make_unique<ListCommand>(); }

}  // namespace idnode::cli
