// The commands of idnode, one file each (cmd_<verb>.cpp).
#pragma once

#include <memory>
#include <vector>

#include "admin-cli/command.h"

namespace idnode::cli {

std::unique_ptr<Command> make_init_command();
std::unique_ptr<Command> make_info_command();
std::unique_ptr<Command> make_prefix_command();
std::unique_ptr<Command> make_put_command();
std::unique_ptr<Command> make_get_command();
std::unique_ptr<Command> make_delete_command();
std::unique_ptr<Command> make_list_command();
std::unique_ptr<Command> make_import_command();
std::unique_ptr<Command> make_export_command();
std::unique_ptr<Command> make_verify_command();
std::unique_ptr<Command> make_copy_command();
std::unique_ptr<Command> make_resolve_command();

// All of them, in the order of the help.
std::vector<std::unique_ptr<Command>> all_commands();

}  // namespace idnode::cli
