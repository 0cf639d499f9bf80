// idnode delete: takes one identifier out of the registry.
#include "admin-cli/commands.h"
#include "admin-cli/record_change.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/identifier.h"

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
            return report_change(identifier_, {registry::ChangeOutcome::kAbsent, 0}, json_);
        const auto registry = where_.open(registry::Access::kWrite);
        if (!registry) return where_.failure();
        const Result<Changed> changed = delete_record(*registry, identifier_);
        return changed ? report_change(identifier_, *changed, json_)
                       : say_trouble(*registry, changed.error());
    }

private:
    RegistryOption where_;
    std::string identifier_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_delete_command() { return std::make_unique<DeleteCommand>(); }

}  // namespace idnode::cli
