#include "admin-cli/registry_option.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <unistd.h>

#include "admin-cli/console.h"
#include "admin-cli/node_settings.h"

namespace idnode::cli {

namespace {

// Whether the system itself forbids what was tried, so that another user could do it.
bool is_forbidden(const std::string& directory, registry::Access wanted) {
    const int mode = wanted == registry::Access::kWrite ? R_OK | W_OK : R_OK;
    for (const char* file : {"", "/data.mdb", "/lock.mdb"}) {
        if (access((directory + file).c_str(), mode) != 0 && errno == EACCES) return true;
    }
    return false;
}

}  // namespace

std::vector<Option> RegistryOption::with(std::vector<Option> more) {
    std::vector<Option> all = {
        {.names = "--registry",
         .help = "The registry's directory (default: the configuration's)",
         .target = &directory_,
         .value_name = "DIR"},
        {.names = "--config",
         .help = "The node's configuration (default /etc/idnode/idnoded.toml)",
         .target = &config_,
         .value_name = "FILE"}};
    std::ranges::move(more, std::back_inserter(all));
    return all;
}

std::optional<std::string> RegistryOption::directory() const {
    Checked<std::string> directory = registry_directory(directory_, config_);
    if (directory) return std::move(*directory);
    say(directory.error());
    return std::nullopt;
}

std::unique_ptr<registry::Registry> RegistryOption::open(registry::Access access) {
    const std::optional<std::string> path = directory();
    if (!path) return nullptr;
    auto opened = registry::Registry::open(*path, access);
    if (opened) return std::move(*opened);
    say(opened.error());
    failure_ = is_forbidden(*path, access) ? ExitCode::kNotPermitted : ExitCode::kRegistry;
    return nullptr;
}

ExitCode say_trouble(const registry::Registry& registry, const Error& error) {
    say(registry.problem(error));
    return exit_code_for(error.kind);
}

}  // namespace idnode::cli
