// What a command of `idnode` is: a name, a help text with an example, options, and run().
//
// Commands declare their options here and never see the library that parses them: only
// command_line.cpp includes it, for it is slow to compile. Options write straight into members of
// the command, which lives as long as the program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "admin-cli/exit_code.h"

namespace idnode::cli {

// Where an option's value goes; the type decides how its text is read.
using OptionTarget = std::variant<bool*, std::string*, std::vector<std::string>*, std::uint64_t*>;

struct Option {
    std::string names;  // "--registry" or "-r,--registry"; without dashes: an argument by place.
    std::string help;
    OptionTarget target;
    std::string value_name = {};  // In the help: "DIR". Empty for flags.
    bool required = false;
    bool as_size = false;       // A number that may end in K, M, G or T (powers of 1024).
    std::uint64_t minimum = 0;  // Of a number.
    std::uint64_t maximum = UINT64_MAX;
    std::vector<std::string> choices = {};  // When not empty: the only values allowed.
};

class Command {
public:
    Command(std::string name, std::string summary, std::string example)
        : name_(std::move(name)), summary_(std::move(summary)), example_(std::move(example)) {}
    virtual ~Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] const std::string& example() const { return example_; }

    // A command either has verbs below it (`prefix add`) or runs itself.
    [[nodiscard]] virtual std::vector<Command*> verbs() { return {}; }
    virtual std::vector<Option> options() { return {}; }
    virtual ExitCode run() { return ExitCode::kUsage; }
    // Standard output takes data for another program: no error may come in between.
    [[nodiscard]] virtual bool output_is_data() const { return false; }

private:
    std::string name_;
    std::string summary_;
    std::string example_;
};

}  // namespace idnode::cli
