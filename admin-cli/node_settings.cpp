#include "admin-cli/node_settings.h"

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "registry/closest_name.h"

namespace idnode::cli {

namespace {

constexpr const char* kRemedy = "mend the file, or name the registry with --registry";

Problem problem_at(const std::string& file, const toml::source_position& at, std::string text) {
    return {file, at.line, at.column, std::move(text), kRemedy};
}

// What was meant for `name` and is spelt otherwise, so that the default is not taken for it.
std::optional<Problem> misspelt(const std::string& file, const toml::table& table,
                                std::string_view name) {
    for (const auto& [key, value] : table) {
        if (registry::closest_name(key.str(), std::array{name}).empty()) continue;
        return problem_at(file, key.source().begin,
                          fmt::format(R"("{}" is not known; did you mean "{}"?)", key.str(), name));
    }
    return std::nullopt;
}

Checked<std::string> path_of(const std::string& file, const toml::table& settings) {
    const toml::node* const section = settings.get("registry");
    if (section == nullptr) {
        if (auto problem = misspelt(file, settings, "registry")) return tl::unexpected(*problem);
        return kRegistryDefault;
    }
    if (!section->is_table()) {
        return tl::unexpected(
            problem_at(file, section->source().begin, "\"registry\" must be a table"));
    }
    const toml::node* const path = section->as_table()->get("path");
    if (path == nullptr) {
        const auto problem = misspelt(file, *section->as_table(), "path");
        if (problem) return tl::unexpected(*problem);
        return kRegistryDefault;
    }
    if (!path->is_string()) {
        return tl::unexpected(
            problem_at(file, path->source().begin, "\"path\" must be a text in quotes"));
    }
    return path->as_string()->get();
}

Checked<std::string> path_in(const std::string& file) {
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown)) {
        return tl::unexpected(Problem{file, 0, 0, "is a directory, not a configuration",
                                      "name the file: --config FILE"});
    }
    try {
        return path_of(file, toml::parse_file(file));
    } catch (const toml::parse_error& error) {
        return tl::unexpected(
            problem_at(file, error.source().begin, std::string(error.description())));
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
