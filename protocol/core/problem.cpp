#include "protocol/core/problem.h"

#include <fmt/format.h>

namespace idnode {

std::string Problem::to_string() const {
    std::string place = file;
    if (line != 0) place += fmt::format("{}{}", place.empty() ? "line " : ":", line);
    if (column != 0) place += fmt::format(":{}", column);
    if (!place.empty()) place += ": ";
    return remedy.empty() ? place + text : fmt::format("{}{}; {}", place, text, remedy);
}

}  // namespace idnode
