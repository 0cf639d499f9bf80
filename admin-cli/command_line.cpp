#include "admin-cli/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "admin-cli/console.h"
#include "protocol/core/version.h"
#include "registry/closest_name.h"

namespace idnode::cli {

namespace {

constexpr std::size_t kNumberDigitsMax = 19;  // Below 2^64 in any case.

// "; did you mean ...?" when a candidate is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::vector<std::string_view> names(candidates.begin(), candidates.end());
    const std::string_view near = registry::closest_name(word, names);
    return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near);
}

std::string emptiness_fault(const std::string& text) { return text.empty() ? "is empty" : ""; }

// What is wrong with the text of a number; empty: nothing, and it is freed of zeros in front. CLI11
// takes -1 for a huge number and 010 for 8.
std::string number_fault(const Option& option, std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool whole = digits == text.size() || option.as_size;
    if (digits >= 1 && digits <= kNumberDigitsMax && whole) {
        text.erase(0, std::min(text.find_first_not_of('0'), digits - 1));
        return {};
    }
    return fmt::format("\"{}\" is not a number{}", text, option.as_size ? " or a size" : "");
}

std::string range_fault(const Option& option, const std::string& text) {
    const std::uint64_t number = std::strtoull(text.c_str(), nullptr, 10);
    if (number >= option.minimum && number <= option.maximum) return {};
    return fmt::format("{} is out of range: {} to {}", text, option.minimum, option.maximum);
}

// In the order that values are looked at: the text, its unit, the number that it gives.
void check_number(CLI::Option& added, const Option& option) {
    added.check([option](const std::string& text) { return range_fault(option, text); }, "");
    if (option.as_size) added.transform(CLI::AsSizeValue(false));
    added.transform(
        CLI::Validator([option](std::string& text) { return number_fault(option, text); }, ""));
}

CLI::Option* add_option(CLI::App& app, const Option& option) {
    if (bool* const* flag = std::get_if<bool*>(&option.target)) {
        return app.add_flag(option.names, **flag, option.help);
    }
    CLI::Option* added = nullptr;
    if (std::string* const* text = std::get_if<std::string*>(&option.target)) {
        added = app.add_option(option.names, **text, option.help);
        // Not the default either: it would mean another registry, or the whole of this one.
        added->check(&emptiness_fault, "");
    } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.target)) {
        added = app.add_option(option.names, **list, option.help);
        // One value for each time the option is written, so that an argument behind it stays one.
        if (option.names.starts_with('-')) {
            added->type_size(1)->allow_extra_args(false)->expected(1);
            added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        }
    } else {
        added = app.add_option(option.names, *std::get<std::uint64_t*>(option.target), option.help);
        check_number(*added, option);
    }
    if (!option.value_name.empty()) added->type_name(option.value_name);
    return added;
}

void declare(CLI::App& app, Command& command) {
    app.footer("Example:\n  " + command.example());
    for (const Option& option : command.options()) {
        CLI::Option* added = add_option(app, option);
        if (option.required) added->required();
        if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
    }
    for (Command* verb : command.verbs()) {
        declare(*app.add_subcommand(verb->name(), verb->summary()), *verb);
    }
    if (!command.verbs().empty()) app.require_subcommand(1);
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names = {"--help"};
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<std::string> verb_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

// The app that the arguments reach, and the position of the first argument that names no verb.
struct Reached {
    const CLI::App* app;
    int argument;
};

Reached follow_verbs(const CLI::App& root, int argc, const char* const* argv) {
    const CLI::App* app = &root;
    int at = 1;
    while (at < argc) {
        const std::vector<std::string> names = verb_names(*app);
        if (std::find(names.begin(), names.end(), argv[at]) == names.end()) break;
        app = app->get_subcommand(argv[at]);
        ++at;
    }
    return {app, at};
}

// "did you mean" for the first verb or option that nothing knows.
std::string suggestion(const CLI::App& root, int argc, const char* const* argv) {
    const Reached reached = follow_verbs(root, argc, argv);
    const std::vector<std::string> verbs = verb_names(*reached.app);
    if (!verbs.empty() && reached.argument < argc && argv[reached.argument][0] != '-') {
        const std::string_view word = argv[reached.argument];
        return fmt::format("unknown command \"{}\"{}", word, did_you_mean(word, verbs));
    }
    const std::vector<std::string> options = option_names(*reached.app);
    for (int i = reached.argument; i < argc; ++i) {
        const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
        if (!word.starts_with("--") || word.size() == 2) continue;
        if (std::find(options.begin(), options.end(), word) != options.end()) continue;
        return fmt::format("unknown option \"{}\"{}", word, did_you_mean(word, options));
    }
    return {};
}

std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name()
                                       : path_of(*app.get_parent()) + " " + app.get_name();
}

ExitCode report(const CLI::App& root, const CLI::ParseError& error, int argc,
                const char* const* argv) {
    if (error.get_exit_code() == 0) {  // --help, --version
        std::ostringstream asked;
        root.exit(error, asked, asked);
        return print_text(asked.str());
    }
    std::string text = suggestion(root, argc, argv);
    if (text.empty()) text = error.what();
    say(fmt::format("{}; \"{} --help\" tells more", text,
                    path_of(*follow_verbs(root, argc, argv).app)));
    const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
    const bool json = std::ranges::find(words, std::string_view("--json")) != words.end();
    return json ? finish_json(ExitCode::kUsage) : ExitCode::kUsage;
}

struct Chosen {
    Command* command = nullptr;
    bool json = false;
};

Chosen chosen(const CLI::App& app, std::span<Command* const> commands) {
    for (Command* command : commands) {
        if (!app.got_subcommand(command->name())) continue;
        const CLI::App& reached = *app.get_subcommand(command->name());
        const std::vector<Command*> verbs = command->verbs();
        if (!verbs.empty()) return chosen(reached, verbs);
        const CLI::Option* json = reached.get_option_no_throw("--json");
        return {command, json != nullptr && json->count() != 0 && !command->output_is_data()};
    }
    return {};
}

}  // namespace

ExitCode run_command_line(std::span<Command* const> commands, int argc, const char* const* argv) {
    CLI::App app("Registers, loads, checks and resolves identifiers of an idnode registry.",
                 "idnode");
    app.set_version_flag("--version", fmt::format("idnode {}", kVersion));
    app.require_subcommand(1);
    app.footer("\"idnode COMMAND --help\" shows a command's options and an example.");
    for (Command* command : commands) {
        declare(*app.add_subcommand(command->name(), command->summary()), *command);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return report(app, error, argc, argv);
    }
    const auto [command, json] = chosen(app, commands);
    if (command == nullptr) return ExitCode::kUsage;
    const ExitCode code = command->run();
    return json ? finish_json(code) : code;
}

}  // namespace idnode::cli
