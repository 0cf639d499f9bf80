#include "admin-cli/node_settings.h"

#include <filesystem>

#include <toml++/toml.h>

namespace idnode::cli {

namespace {

Checked<std::string> path_in(const std::string& file) {
    try {
        const toml::table settings = toml::parse_file(file);
        const std::optional<std::string> path = settings["registry"]["path"].value<std::string>();
        return path.value_or(kRegistryDefault);
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        return tl::unexpected(Problem{file, at.line, at.column, std::string(error.description()),
                                      "mend the file, or name the registry with --registry"});
    }
}

}  // namespace

Checked<std::string> registry_directory(const std::string& given, const std::string& config) {
    if (!given.empty()) return given;
    if (!config.empty()) return path_in(config);
    std::error_code error;
    if (std::filesystem::exists(kConfigDefault, error)) return path_in(kConfigDefault);
    return kRegistryDefault;
}

}  // namespace idnode::cli
