// How fast the file of a registry grows, from its journal: the first entry of each transaction
// says how many pages the file had before it, in a TLV of the tag kFilePagesTag (u64, big-endian).
//
// The rate is that of the last kGrowthWindowMs: pages now less pages before the first change in
// that time, over the time since then. Pages that are free and used again are no growth. A window
// without a change, or whose entries lack the tag (written by an older version), gives none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/registry.h"

namespace idnode::registry {

inline constexpr std::uint64_t kGrowthWindowMs = 3'600'000;
// Less time says nothing: one commit would look like a rate.
inline constexpr std::uint64_t kGrowthTimeMinMs = 10'000;
inline constexpr std::uint8_t kFilePagesTag = 0x20;

void append_file_pages(std::string& tlvs, std::uint64_t pages);
// Nothing: the list has no such tag.
std::optional<std::uint64_t> find_file_pages(ByteSpan tlvs);

// `head`: sequence of the last entry; `pages_now`: of the file; `now`: milliseconds since 1970.
struct GrowthMoment {
    std::uint64_t head = 0;
    std::uint64_t pages_now = 0;
    std::uint64_t page_size = 0;
    std::uint64_t now = 0;
};
Result<Growth> read_growth(const lmdb::ReadTxn& txn, const GrowthMoment& moment);

// Seconds until `room` octets are used up at this rate; nothing: not growing.
std::optional<std::uint64_t> seconds_until_full(const Growth& growth, std::uint64_t room);

}  // namespace idnode::registry
