// What the command says to the shell, the same for every verb (docs/operations.md).
#pragma once

#include "protocol/core/result.h"

namespace idnode::cli {

enum class ExitCode : int {
    kDone = 0,
    kNegative = 1,  // Not found, a difference found, rows rejected.
    kUsage = 2,     // Wrong arguments or a bad input file.
    kRegistry = 3,  // Trouble with the registry or the disk.
    kNotPermitted = 4,
    kNoAnswer = 5,  // The other side does not answer.
};

// The code for an error of the registry or the disk.
constexpr ExitCode exit_code_for(ErrorKind kind) {
    return kind == ErrorKind::kDenied ? ExitCode::kNotPermitted : ExitCode::kRegistry;
}

}  // namespace idnode::cli
