// What the command needs of a node's configuration file: where the registry lies.
#pragma once

#include <string>

#include "protocol/core/problem.h"

namespace idnode::cli {

inline constexpr const char* kConfigDefault = "/etc/idnode/idnoded.toml";
inline constexpr const char* kRegistryDefault = "/var/lib/idnode";

// The registry's directory: `given` if not empty; else what `config` says; else, when `config` is
// empty, what kConfigDefault says if that file is there; else kRegistryDefault.
Checked<std::string> registry_directory(const std::string& given, const std::string& config);

}  // namespace idnode::cli
