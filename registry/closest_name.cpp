#include "registry/closest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "protocol/core/identifier.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kNameSizeMax = 64;  // Longer ones are not compared: the cost is quadratic.

// Letters to change, add or drop to make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const char letter : a) {
        std::size_t diagonal = row[0]++;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t change = fold_ascii(letter) == fold_ascii(b[k]) ? 0 : 1;
            const std::size_t best = std::min({row[k + 1] + 1, row[k] + 1, diagonal + change});
            diagonal = std::exchange(row[k + 1], best);
        }
    }
    return row.back();
}

}  // namespace

std::string_view closest_name(std::string_view name, std::span<const std::string_view> names) {
    std::string_view closest;
    std::size_t best = name.size() / 3 + 2;
    if (name.size() > kNameSizeMax) return closest;
    for (const std::string_view candidate : names) {
        if (candidate.size() > kNameSizeMax) continue;
        const std::size_t found = distance(name, candidate);
        if (found >= best) continue;
        best = found;
        closest = candidate;
    }
    return closest;
}

}  // namespace idnode::registry
