// How much the log says: each level includes the ones before it in this order.
#pragma once

#include <cstdint>

namespace idnode::resolver {

enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };

}  // namespace idnode::resolver
