// A prefix with its state and counts on stdout.
#pragma once

#include <string>

#include "registry/walk.h"

namespace idnode::cli {

std::string_view state_name(registry::PrefixState state);
// One line; a suspended one with since and reason.
std::string prefix_text(const registry::Prefix& prefix, const registry::PrefixCounts& counts);
std::string prefix_json(const registry::Prefix& prefix, const registry::PrefixCounts& counts);

}  // namespace idnode::cli
