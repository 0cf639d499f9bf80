// Keys of the tables that are numbers: big-endian, so that LMDB's bytewise order is theirs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/core/bytes.h"
#include "registry/pattern.h"

namespace idnode::registry {

// The first block's key, below every identifier.
inline constexpr std::string_view kFirstBlockKey{"\0", 1};

// count: prefix number.
std::array<std::uint8_t, 4> count_key(std::uint32_t prefix_number);
// pattern: prefix number, id.
std::array<std::uint8_t, 6> pattern_key(PatternRef ref);
// journal: sequence.
std::array<std::uint8_t, 8> journal_key(std::uint64_t sequence);

std::optional<std::uint32_t> read_count_key(ByteSpan key);
std::optional<PatternRef> read_pattern_key(ByteSpan key);
std::optional<std::uint64_t> read_journal_key(ByteSpan key);

}  // namespace idnode::registry
