// Checks everything in a registry: that each block can be read and its checksum is right, the order
// of identifiers within and across blocks, keys as lower bounds, patterns and prefixes that records
// refer to, counts per prefix and per form, prefix records, and the journal's checksums and chain.
//
// It reads block after block as a walk (walk.h) does, so others may write meanwhile; counts of
// prefixes that the journal names since the start cannot be decided then, and it says so. Ranges of
// whole prefixes are read by threads of their own, 16 at most.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "protocol/core/result.h"
#include "registry/walk.h"

namespace idnode::registry {

// Something that is wrong.
struct Finding {
    std::string what;    // A sentence without full stop.
    std::string prefix;  // Of the identifiers concerned; empty: unknown or none.
    KeyRange range;      // Identifiers that the damaged block covers; both empty: no block.
};

struct VerifyProgress {
    std::uint64_t blocks = 0;
    std::uint64_t blocks_total = 0;  // As counted at the start.
    std::uint64_t identifiers = 0;
};

struct VerifyReport {
    std::uint64_t blocks = 0;
    std::uint64_t identifiers = 0;
    std::uint64_t prefixes = 0;
    std::uint64_t patterns = 0;
    std::uint64_t journal_entries = 0;
    std::uint64_t findings_total = 0;
    std::vector<Finding> findings;  // The first kFindingCountMax.
    // Prefixes whose counts could not be compared, for they changed meanwhile.
    std::uint64_t prefixes_undecided = 0;

    [[nodiscard]] bool clean() const { return findings_total == 0; }
};

inline constexpr std::size_t kFindingCountMax = 1'000;

struct VerifyOptions {
    // Called now and then, by one thread at a time.
    std::function<void(const VerifyProgress&)> on_progress;
    // Identifiers that a thread of its own is worth; tests go down to 1.
    std::uint64_t part_size = 262'144;
};

// Fails only when the registry cannot be read; a table whose own pages are damaged is a finding,
// and what lies behind it in the thread's range stays unchecked.
Result<VerifyReport> verify(Registry& registry, const VerifyOptions& options = {});

}  // namespace idnode::registry
