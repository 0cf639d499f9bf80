// The options by which a command finds its registry, and opening it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin-cli/command.h"
#include "protocol/core/problem.h"
#include "registry/registry.h"

namespace idnode::cli {

class RegistryOption {
public:
    // --registry and --config, followed by `more`.
    std::vector<Option> with(std::vector<Option> more);

    // Where the registry lies; a bad configuration file has been said when there is nothing.
    [[nodiscard]] std::optional<std::string> directory() const;

    // The open registry; null when it cannot be opened: that has been said, and failure() is the
    // exit code.
    std::unique_ptr<registry::Registry> open(registry::Access access);
    [[nodiscard]] ExitCode failure() const { return failure_; }

private:
    std::string directory_;
    std::string config_;
    ExitCode failure_ = ExitCode::kUsage;
};

// The exit code when a registry at `path` could not be made or enlarged.
ExitCode init_failure(const std::string& path);

// Says what went wrong with the registry and gives the exit code for it.
ExitCode say_trouble(const registry::Registry& registry, const Error& error);

}  // namespace idnode::cli
