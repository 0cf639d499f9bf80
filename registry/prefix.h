// Prefixes: number, registered case, state. One small record decides for all identifiers of a
// prefix, so that suspending an enterprise of any size is one put (docs/storage.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/problem.h"
#include "protocol/core/result.h"

namespace idnode::registry {

// States of domain use; the numbers are stored. 0 and 1 are kept for applied for and under review.
enum class PrefixState : std::uint8_t {
    kActive = 2,
    kSuspended = 3,
    kBeingDeleted = 4,
    kRemoved = 5,  // A marker that stays: a code is never issued twice.
};

struct Prefix {
    std::uint32_t number = 0;  // Never used again.
    std::string name;          // In registered case.
    PrefixState state = PrefixState::kActive;
    bool homed = true;        // False: known, but not answered for here.
    std::uint32_t since = 0;  // Seconds since 1970: when the state was entered.
    std::uint64_t epoch = 0;  // Of the last change of any prefix, when this one was changed.
    std::string reason;       // Of suspension or deletion, UTF-8.
    std::string tlvs;         // What later versions keep here, carried along unchanged.
};

// What a lookup needs to know; views into the prefix table.
struct PrefixView {
    std::uint32_t number = 0;
    PrefixState state = PrefixState::kRemoved;
    bool homed = false;
    std::uint32_t since = 0;
    std::string_view name;
    std::string_view reason;

    bool operator==(const PrefixView&) const = default;
};

inline constexpr std::size_t kPrefixReasonSizeMax = 1'024;

// Why a reason must not be stored: too long, not UTF-8, a control character or line break in it.
std::optional<Problem> prefix_reason_fault(std::string_view reason);

// kind, version, fixed fields, name and reason behind their sizes (big-endian), then TLVs.
// `reason` is one that prefix_reason_fault() found nothing wrong with, or one that was stored.
std::string encode_prefix(const Prefix& prefix);

// kCorrupt when octets are missing or contradict themselves; kUnsupported when kind, version, state
// or a critical TLV is not known.
Result<Prefix> decode_prefix(ByteSpan stored);

}  // namespace idnode::registry
