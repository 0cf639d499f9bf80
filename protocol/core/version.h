// The software's version, as both programs print it.
#pragma once

namespace idnode {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace idnode
