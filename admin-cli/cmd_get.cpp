// idnode get: shows one identifier as the registry holds it, whatever the state of its prefix.
#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/prefix_output.h"
#include "admin-cli/record_output.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/value_text.h"
#include "registry/walk.h"

namespace idnode::cli {

namespace {

class GetCommand final : public Command {
public:
    GetCommand()
        : Command("get", "Show one identifier as it is registered",
                  "idnode get 88.118.8/SN1 --json") {}

    std::vector<Option> options() override {
        return where_.with(
            {{.names = "identifier",
              .help = "The identifier",
              .target = &identifier_,
              .value_name = "ID",
              .required = true},
             {.names = "--json", .help = "One line of Handle JSON", .target = &json_}});
    }

    ExitCode run() override {
        const FoldedIdentifier folded(identifier_);
        if (folded.too_long()) return absent();
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        const std::string from(folded.text());
        registry::RecordWalk walk(*registry, {from, from + '\0'});
        const Result<bool> found = walk.next();
        if (!found) return say_trouble(*registry, found.error());
        if (!*found) return absent();
        RecordSpread spread;
        const Result<handle::RecordView> record = spread.spread(walk.record());
        if (!record) return say_trouble(*registry, record.error());
        warn_of_state(*registry, folded.prefix());
        return print_line(json_ ? record_json(*record) : record_text(*record));
    }

private:
    ExitCode absent() const {
        say(fmt::format("{}: not found", identifier_));
        return ExitCode::kNegative;
    }

    static void warn_of_state(registry::Registry& registry, std::string_view name) {
        const auto found = registry::find_prefix(registry, name);
        if (!found || !*found) return;
        const registry::Prefix& prefix = (*found)->first;
        if (prefix.state == registry::PrefixState::kActive) return;
        std::string text = fmt::format("prefix {} is {}", prefix.name, state_name(prefix.state));
        if (!prefix.reason.empty()) handle::append_terminal_text(text.append(": "), prefix.reason);
        say(text);
    }

    RegistryOption where_;
    std::string identifier_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_get_command() { return std::make_unique<GetCommand>(); }

}  // namespace idnode::cli
