// What records of a block have beside their identifiers: times, the columns of the dominant
// pattern, exceptions, and the registered case. Each function reads one section for one position.
//
// Times: one: nothing (the head has it). Runs: count:u16 starts:u16[count] width:u8
// bits[count * width]; a run goes on to the next start. Offsets: width:u8 bits[count * width].
// Numbers are added to the head's base time.
// Columns: for each a u16 where it ends, from the section's start, then form:u8 and:
//     one: octets | fixed: octets, split evenly | plain: table
//     runs: n:u16 starts:u16[n] table of n | dictionary: n:u16 width:u8 codes:bits table of n
//     table: width:u8 ends:bits octets
// Exceptions: positions:u16[n], cells of a bitmap (block_layout.h) or nothing (all), then width:u8
// and n starts of that width into the entries.
//
// All fail with kCorrupt when the octets contradict themselves; none allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/core/result.h"
#include "registry/block_layout.h"

namespace idnode::registry {

Result<std::uint32_t> read_time(const BlockOctets& block, std::uint32_t position);

// The text of one of `column_count` columns of the dominant pattern.
Result<std::string_view> read_column(const BlockOctets& block, std::uint8_t column,
                                     std::uint8_t column_count, std::uint32_t position);

// The entry of the record at `position`; nothing when it is no exception.
Result<std::optional<ByteSpan>> find_exception(const BlockOctets& block, std::uint32_t position);

// A pattern of the block's table, and how many columns it has.
struct BlockPattern {
    PatternRef ref;
    std::uint8_t column_count = 0;
};

Result<BlockPattern> read_pattern(const BlockOctets& block, std::uint8_t slot);

// Writes `folded` with lower-case letters where `mask` has a bit into `out`, which has room for it.
void apply_case_mask(std::string_view folded, ByteSpan mask, char* out);
// The same, with every letter in lower case.
void apply_lower_case(std::string_view folded, char* out);

}  // namespace idnode::registry
