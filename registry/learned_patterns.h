// Finds the patterns that plain records of one prefix share, from a sample of them.
//
// Records of one shape (index, type, TTL, permissions and references of their values) are looked at
// place by place (text_forms.h); each combination of forms that saves more than its pattern takes
// becomes one. While more records are to come, there are wider patterns behind them: with columns
// in place of constants, and with columns alone, for records that differ from all of the sample.
// Values with a time of their own are in no pattern.
//
// Of a large sample some 2,500 records are looked at closely. What is found depends on which those
// are, not on their order. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "registry/pattern.h"

namespace idnode::registry {

inline constexpr std::size_t kLearnedPatternCountMax = 64;

struct SampleRecord {
    std::string_view identifier;  // In registered case.
    std::uint32_t time = 0;
    ByteSpan own;  // All values (own_values.h).
};

enum class SampleEnd : std::uint8_t { kAllSeen, kMoreToCome };

// At most kLearnedPatternCountMax patterns, none that is among `known`; records that those say well
// lead to none.
std::vector<Pattern> learn_patterns(std::span<const SampleRecord> sample,
                                    std::span<const Pattern> known, SampleEnd end);

}  // namespace idnode::registry
