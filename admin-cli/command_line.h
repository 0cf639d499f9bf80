// From argv to one command's run(): parsing, --help, --version, and suggestions for what is
// mistyped.
#pragma once

#include <span>

#include "admin-cli/command.h"

namespace idnode::cli {

// Runs the command that the arguments name. Help goes to stdout; a mistake in the arguments is one
// line on stderr, with the nearest name where one is near, and ExitCode::kUsage.
ExitCode run_command_line(std::span<Command* const> commands, int argc, const char* const* argv);

}  // namespace idnode::cli
