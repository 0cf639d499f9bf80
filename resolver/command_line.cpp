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

tl::unexpected<Problem> refuse_action(std::string_view argument) {
    return refuse(fmt::format("{} does not go with another action", argument));
}

std::optional<Action> action_of(std::string_view argument) {
    if (argument == "--check") return Action::kCheck;
    if (argument == "--version") return Action::kVersion;
    if (argument == "--help" || argument == "-h") return Action::kHelp;
    return std::nullopt;
}

constexpr std::string_view kConfigOption = "--config";
constexpr std::string_view kConfigAssignment = "--config=";

}  // namespace

Checked<CommandLine> parse_command_line(std::span<char* const> arguments) {
    CommandLine command;
    bool has_config = false;
    while (!arguments.empty()) {
        const std::string_view argument = arguments.front();
        arguments = arguments.subspan(1);
        if (const auto action = action_of(argument)) {
            if (command.action != Action::kServe) return refuse_action(argument);
            command.action = *action;
            continue;
        }
        if (argument != kConfigOption && !argument.starts_with(kConfigAssignment)) {
            return refuse(fmt::format("unknown argument \"{}\"", argument));
        }
        if (has_config) return refuse("--config stands twice");
        has_config = true;
        if (argument != kConfigOption) {
            command.config_path = argument.substr(kConfigAssignment.size());
            continue;
        }
        if (arguments.empty()) return refuse("--config needs the name of a file");
        command.config_path = arguments.front();
        arguments = arguments.subspan(1);
    }
    return command;
}

}  // namespace idnode::resolver
