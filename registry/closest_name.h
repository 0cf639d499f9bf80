// The name that was probably meant: the one with the fewest letters to change, add or drop.
#pragma once

#include <span>
#include <string_view>

namespace idnode::registry {

// One of `names`, or nothing when none is near (more than a third of the letters and 1 differ).
// Case counts for nothing.
std::string_view closest_name(std::string_view name, std::span<const std::string_view> names);

}  // namespace idnode::registry
