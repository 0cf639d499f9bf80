// The command line of idnoded: four options, each at most once.
//
// A Problem says what is wrong with it and points to --help. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/core/problem.h"

namespace idnode::resolver {

inline constexpr int kExitDone = 0;
inline constexpr int kExitCannotListen = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRegistry = 3;
inline constexpr int kExitCannotPrint = 3;

inline constexpr const char* kHelpText =
    "idnoded answers identifier lookups from a registry, over UDP and TCP.\n"
    "\n"
    "  idnoded [--config FILE]          serve until SIGTERM or SIGINT\n"
    "  idnoded [--config FILE] --check  check the configuration and end\n"
    "  idnoded --version | --help\n"
    "\n"
    "FILE is /etc/idnode/idnoded.toml unless given; deploy/idnoded.toml is a sample with every "
    "key.\n"
    "SIGHUP reloads the configuration, SIGUSR1 writes the counters to the log.\n"
    "\n"
    "Example: idnoded --config /etc/idnode/idnoded.toml --check\n";

enum class Action : std::uint8_t { kServe, kCheck, kVersion, kHelp };

struct CommandLine {
    Action action = Action::kServe;
    std::string config_path = "/etc/idnode/idnoded.toml";
};

// `arguments`: without the program's name.
Checked<CommandLine> parse_command_line(std::span<char* const> arguments);

}  // namespace idnode::resolver
