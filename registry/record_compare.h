// Whether two records say the same, whatever form they are stored in.
#pragma once

#include "registry/record.h"

namespace idnode::registry {

// Equal: the identifier in the same case, and the same values byte for byte. With
// Times::kNewDefaulted the new record's own time does not count: a value of the new record that
// bears it equals one with any timestamp.
enum class Times : std::uint8_t { kCompared, kNewDefaulted };

// Patterns are null exactly for records stored whole. False when own values are damaged.
bool records_equal(const RecordFields& old_fields, const Pattern* old_pattern,
                   const RecordFields& new_fields, const Pattern* new_pattern, Times times);

}  // namespace idnode::registry
