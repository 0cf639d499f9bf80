// idnode copy: a consistent copy of a registry, also while it is written.
#include <fmt/format.h>

#include "admin-cli/background_option.h"
#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/json_writer.h"
#include "registry/copy.h"

namespace idnode::cli {

namespace {

class CopyCommand final : public Command {
public:
    CopyCommand()
        : Command("copy", "Make a consistent copy (backup), also under writes",
                  "idnode copy ./backup --registry ./registry") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "destination",
                             .help = "A directory that is not there or empty",
                             .target = &target_,
                             .value_name = "DEST",
                             .required = true},
                            background_.option(),
                            {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        background_.take_effect();
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        Checked<registry::CopyReport> report = tl::unexpected(Problem{});
        {
            Progress progress("copying", "bytes", json_);
            report = registry::copy_registry(*registry, target_,
                                             [&](std::uint64_t done, std::uint64_t total) {
                                                 progress.update(done, done, total);
                                             });
        }
        if (!report) return say(report.error()), ExitCode::kRegistry;
        if (!json_) return print_line(fmt::format("copied {} bytes to {}", report->size, target_));
        std::string line;
        JsonWriter json(line);
        json.begin_object()
            .key("copy")
            .string(target_)
            .key("bytes")
            .number(report->size)
            .end_object();
        return print_line(std::move(line));
    }

private:
    RegistryOption where_;
    BackgroundOption background_;
    std::string target_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_copy_command() { return std::make_unique<CopyCommand>(); }

}  // namespace idnode::cli
