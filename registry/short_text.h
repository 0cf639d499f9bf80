// Comparing short texts in words, without a call: names of prefixes, common starts of keys. Reads
// no octet beside the texts. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "registry/digits.h"

namespace idnode::registry {

// Whether `size` octets at both places are the same.
inline bool same_octets(const char* a, const char* b, std::size_t size) {
    if (size < kWordSize) return load_short(a, size) == load_short(b, size);
    // The last word may cover some of the one before.
    const std::size_t last = size - kWordSize;
    for (std::size_t at = 0; at < last; at += kWordSize) {
        if (load_short(a + at, kWordSize) != load_short(b + at, kWordSize)) return false;
    }
    return load_short(a + last, kWordSize) == load_short(b + last, kWordSize);
}

inline bool same_text(std::string_view a, std::string_view b) {
    return a.size() == b.size() && same_octets(a.data(), b.data(), a.size());
}

// As std::string_view::starts_with.
inline bool starts_with(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && same_octets(text.data(), start.data(), start.size());
}

}  // namespace idnode::registry
