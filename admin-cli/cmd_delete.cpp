// idnode delete: takes one identifier out of the registry.
#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/record_change.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"

namespace idnode::cli {

namespace {

class DeleteCommand final : public Command {
public:
    DeleteCommand()
        : Command("delete", "Take one identifier out of the registry",
                  "idnode delete 88.118.8/SN1") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "identifier",
                             .help = "The identifier",
                             .target = &identifier_,
                             .value_name = "ID",
                             .required = true},
                            {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        if (FoldedIdentifier(identifier_).too_long())
            return report({registry::ChangeOutcome::kAbsent, 0});
        const auto registry = where_.open(registry::Access::kWrite);
        if (!registry) return where_.failure();
        const Result<Changed> changed = delete_record(*registry, identifier_);
        return changed ? report(*changed) : say_trouble(*registry, changed.error());
    }

private:
    ExitCode report(const Changed& changed) const {
        const bool done = changed.outcome == registry::ChangeOutcome::kDeleted;
        const ExitCode code = done ? ExitCode::kDone : ExitCode::kNegative;
        const std::string text = fmt::format("{}: {}", identifier_, to_text(changed.outcome));
        if (!json_) return done ? print_line(text) : (say(text), code);
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("handle").string(identifier_);
        json.key("outcome").string(to_word(changed.outcome));
        json.key("sequence").number(changed.sequence).end_object();
        return print_line(std::move(line), code);
    }

    RegistryOption where_;
    std::string identifier_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_delete_command() { return std::make_unique<DeleteCommand>(); }

}  // namespace idnode::cli
