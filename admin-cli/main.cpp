// The command idnode: names its commands, in the order of the help, and runs the one asked for.
#include <csignal>
#include <exception>
#include <new>
#include <vector>

#include "admin-cli/command_line.h"
#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "registry/standard_descriptors.h"

int main(int argc, char** argv) {
    using namespace idnode::cli;
    if (!idnode::registry::open_standard_descriptors()) {
        return static_cast<int>(ExitCode::kRegistry);
    }
    // A closed pipe and a file at its limit are errors of the write, said in words.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        const auto commands = all_commands();
        std::vector<Command*> list;
        list.reserve(commands.size());
        for (const auto& command : commands) list.push_back(command.get());
        return static_cast<int>(run_command_line(list, argc, argv));
    } catch (const std::bad_alloc&) {  // Of the standard library; nothing of ours throws.
        say("there is not enough memory for this");
        return static_cast<int>(ExitCode::kRegistry);
    } catch (const std::exception& error) {
        say(error.what());
        return static_cast<int>(ExitCode::kRegistry);
    }
}
