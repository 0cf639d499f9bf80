#include "admin-cli/registry_option.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include <unistd.h>

#include "admin-cli/console.h"
#include "admin-cli/node_settings.h"

namespace idnode::cli {

namespace {

bool is_denied(const std::string& path, int mode) {
    return access(path.c_str(), mode) != 0 && errno == EACCES;
}

// Whether the system itself forbids what was tried, so that another user could do it. Readers too
// write into the lock file.
bool is_forbidden(const std::string& directory, registry::Access wanted) {
    const int mode = wanted == registry::Access::kWrite ? R_OK | W_OK : R_OK;
    return is_denied(directory, mode) || is_denied(directory + "/data.mdb", mode) ||
           is_denied(directory + "/lock.mdb", R_OK | W_OK);
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

ExitCode init_failure(const std::string& path) {
    // The place of a new registry: the nearest directory that is there.
    std::filesystem::path place(path);
    std::error_code failed;
    while (!std::filesystem::exists(place, failed) && !failed && place.has_relative_path()) {
        place = place.parent_path();
    }
    const std::string directory = place.empty() ? "." : place.string();
    const bool forbidden =
        (std::filesystem::is_directory(directory, failed) && is_denied(directory, W_OK | X_OK)) ||
        is_forbidden(path, registry::Access::kWrite);
    return forbidden ? ExitCode::kNotPermitted : ExitCode::kRegistry;
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
