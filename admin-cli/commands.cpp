#include "admin-cli/commands.h"

namespace idnode::cli {

std::vector<std::unique_ptr<Command>> all_commands() {
    std::vector<std::unique_ptr<Command>> commands;
    for (const auto make :
         {make_init_command, make_info_command, make_prefix_command, make_put_command,
          make_get_command, make_delete_command, make_list_command, make_import_command,
          make_export_command, make_verify_command, make_copy_command, make_resolve_command}) {
        commands.push_back(make());
    }
    return commands;
}

}  // namespace idnode::cli
