// The command idnode: names its commands, in the order of the help, and runs the one asked for.
#include <array>
#include <csignal>

#include "admin-cli/command_line.h"
#include "admin-cli/commands.h"

int main(int argc, char** argv) {
    using namespace idnode::cli;
    std::signal(SIGPIPE, SIG_IGN);  // A closed pipe is an error of the write, said in words.
    const auto commands = all_commands();
    std::vector<Command*> list;
    for (const auto& command : commands) list.push_back(command.get());
    return static_cast<int>(run_command_line(list, argc, argv));
}
