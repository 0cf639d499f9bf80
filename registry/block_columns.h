// What records of a block have beside their identifiers, each read for one position:
//
// Times, added to base_time: none | runs n:u16 starts:u16[n] width:u8 bits | width:u8 bits
// Columns: ends:u16[n] from the section's start, then each form:u8 and: octets (one text) | octets
//     cut evenly | table | runs n:u16 starts:u16[n] table | dictionary n:u16 width:u8 codes:bits
//     table | shape (block_texts.h) size:u8 characters | shape width:u8 ends:bits characters; a
//     table is width:u8 ends:bits octets
// Exceptions: positions:u16[n] | cells of a bitmap (block_layout.h) | nothing, then width:u8 and
//     starts:bits | n:u8 kinds (block_layout.h) start:u16 of each 16th entry, kinds of all:bits.
//     An entry is [form:u8 [slot:u8]] [time:u32] [size:u8 mask] columns own; columns are by shapes,
//     or sized, but the last, which goes to the end when no own values follow.
// All fail with kCorrupt when the octets contradict themselves; none allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/core/result.h"
#include "registry/block_layout.h"
#include "registry/block_texts.h"

namespace idnode::registry {

Result<std::uint32_t> read_time(const BlockOctets& block, std::uint32_t position);
// Asks memory for it, once the start of the section is there.
void prefetch_time(const BlockOctets& block, std::uint32_t position);

// The texts of `column_count` columns of the dominant pattern, into record.columns.
Result<Done> read_columns(const BlockOctets& block, std::uint8_t column_count,
                          std::uint32_t position, Record& record);

// An exception's entry, from the time on.
struct ExceptionEntry {
    ByteSpan rest;
    std::uint8_t form = 0;
    std::uint8_t slot = kNoSlot;
};

// The entry of the record at `position`; nothing when it is no exception.
Result<std::optional<ExceptionEntry>> find_exception(const BlockOctets& block,
                                                     std::uint32_t position);

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
