// A consistent copy of a registry while others read and write: the state of one moment, in a
// directory of its own, durable when the call returns. Until it is whole the file has another name.
//
// The copy holds a snapshot from start to end, so that the registry's file may grow under many
// writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "protocol/core/problem.h"

namespace idnode::registry {

class Registry;

struct CopyReport {
    std::uint64_t size = 0;  // Octets written.
};

// Octets written so far and in all.
using CopyProgressFn = std::function<void(std::uint64_t, std::uint64_t)>;

// `target` is created; an existing directory must be empty. Its files get its owner and mode 0660.
Checked<CopyReport> copy_registry(Registry& registry, const std::string& target,
                                  const CopyProgressFn& on_progress = {});

}  // namespace idnode::registry
