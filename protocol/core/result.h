// Errors as values: what went wrong, by what the caller can do about it.
//
// Error holds a literal and two integers, so that it can be made on the lookup path without
// touching the heap. "There is nothing there" is not an error: use std::optional. Nothing of ours
// throws.
#pragma once

#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

namespace idnode {

enum class ErrorKind : std::uint8_t {
    kMalformed,    // The peer or the file sent bytes that cannot be decoded.
    kUnsupported,  // Understood, but not offered here.
    kDenied,       // Not permitted: rights of a user, a file or a state.
    kOverloaded,   // A limit is reached; later or elsewhere it may work.
    kUnavailable,  // The disk, the registry or the other side does not answer.
    kCorrupt,      // Stored bytes contradict themselves.
};

struct Error {
    ErrorKind kind = ErrorKind::kMalformed;
    std::string_view where;  // A literal: which part of the work failed.
    int code = 0;            // errno or a library's code; 0: none.
};

// The value of a Result that has nothing to say but that it worked.
struct Done {};

template <class T>
using Result = tl::expected<T, Error>;

}  // namespace idnode
