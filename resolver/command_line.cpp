#include "resolver/command_line.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace idnode::resolver {

namespace {

tl::unexpected<Problem> refuse(std::string text) {
    Problem problem;
    problem.text = std::move(text);
    problem.remedy = "idnoded --help shows the options";
    return tl::unexpected(std::move(problem));
}

std::optional<Action> action_of(std::string_view argument) {
    if (argument == "--check") return Action::kCheck;
    if (argument == "--version") return Action::kVersion;
    if (argument == "--help" || argument == "-h") return Action::kHelp;
    return std::nullopt;
}

}  // namespace

Checked<CommandLine> parse_command_line(std::span<char* const> arguments) {
    constexpr std::string_view kConfigOption = "--config";
    constexpr std::string_view kConfigAssignment = "--config=";
    CommandLine command;
    bool has_config = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const bool is_config = argument == kConfigOption || argument.starts_with(kConfigAssignment);
        if (const auto action = action_of(argument)) {
            if (command.action != Action::kServe) {
                return refuse(fmt::format("{} does not go with another action", argument));
            }
            command.action = *action;
        } else if (!is_config) {
            return refuse(fmt::format("unknown argument \"{}\"", argument));
        } else if (has_config) {
            return refuse("--config stands twice");
        } else if (argument != kConfigOption) {
            command.config_path = argument.substr(kConfigAssignment.size());
            has_config = true;
        } else if (i + 1 == arguments.size()) {
            return refuse("--config needs the name of a file");
        } else {
            command.config_path = arguments[++i];
            has_config = true;
        }
    }
    return command;
}

}  // namespace idnode::resolver
