// An error for a person: what is wrong, where, and what to do. For configuration, import and
// commands; the lookup path uses Error (result.h).
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace idnode {

struct Problem {
    std::string file;        // Path or name of the input; empty: none.
    std::uint64_t line = 0;  // From 1; 0: unknown.
    std::uint32_t column = 0;
    std::string text;    // What is wrong, as a sentence without full stop.
    std::string remedy;  // What to do; empty: nothing better to say.

    // "file:line:column: text; remedy" with the absent parts left out.
    [[nodiscard]] std::string to_string() const;
};

template <class T>
using Checked = tl::expected<T, Problem>;

}  // namespace idnode
