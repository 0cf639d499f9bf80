// The few records of the table `meta`, big-endian, each with kind and version in front and a
// checksum (checksum.h) at the end:
//
//     "registry"  what never changes: format, features, uuid, fold rule, date of init
//     "state"     what every change moves on: next numbers, prefix epoch, journal head, last date
//     "forms"     blocks, records and octets by form of block
//
// Feature bits: an unknown required one forbids to open, an unknown optional one to write.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "registry/journal.h"
#include "registry/registry.h"
#include "registry/walk.h"

namespace idnode::registry {

inline constexpr std::uint16_t kFormatMajor = 1;
inline constexpr std::uint16_t kFormatMinor = 0;
inline constexpr std::uint32_t kRequiredFeaturesKnown = 0;
inline constexpr std::uint32_t kOptionalFeaturesKnown = 0;
// How identifiers are folded for order: ASCII letters to upper case (protocol/core/identifier.h).
inline constexpr std::uint8_t kFoldAsciiUpper = 1;

inline constexpr std::string_view kIdentityKey = "registry";
inline constexpr std::string_view kStateKey = "state";
inline constexpr std::string_view kFormsKey = "forms";

struct Identity {
    std::uint16_t format_major = kFormatMajor;
    std::uint16_t format_minor = kFormatMinor;
    std::uint32_t required_features = 0;
    std::uint32_t optional_features = 0;
    std::array<std::uint8_t, 16> uuid{};
    std::uint8_t fold_rule = kFoldAsciiUpper;
    std::uint64_t created_ms = 0;
};

struct MetaState {
    std::uint32_t next_prefix_number = 0;
    std::uint64_t prefix_epoch = 0;      // Moves on with each change of any prefix.
    std::uint64_t journal_sequence = 0;  // Of the last entry.
    Sha256 journal_hash{};               // Of the last entry.
    std::uint64_t last_date_ms = 0;      // Never goes back.

    bool operator==(const MetaState&) const = default;
};

std::string encode_identity(const Identity& identity);
// kUnsupported: a format or required feature that this program does not know.
Result<Identity> decode_identity(ByteSpan stored);
// 8-4-4-4-12 hexadecimal digits.
std::string uuid_text(const std::array<std::uint8_t, 16>& uuid);

std::string encode_state(const MetaState& state);
Result<MetaState> decode_state(ByteSpan stored);

std::string encode_forms(const std::vector<FormInfo>& forms);
Result<std::vector<FormInfo>> decode_forms(ByteSpan stored);

// The record of the table `count`.
std::string encode_counts(const PrefixCounts& counts);
Result<PrefixCounts> decode_counts(ByteSpan stored);

}  // namespace idnode::registry
