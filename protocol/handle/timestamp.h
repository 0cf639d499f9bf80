// Times of values: seconds since 1970 in 32 bits (1970-01-01T00:00:00Z to 2106-02-07T06:28:15Z), as
// text of ISO 8601.
//
// Written: "2023-11-14T22:13:20Z". Read: that, with "±hh:mm", "±hhmm" or "±hh" in place of Z, with
// fractions of a second (cut off), a date alone (its midnight, UTC), or the seconds as digits. A
// time of day without a zone is refused: it would mean something else on every machine. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace idnode::handle {

inline constexpr std::size_t kTimestampTextSize = 20;

void append_timestamp(std::string& out, std::uint32_t seconds);

// Nothing: not such a text, or outside the 32 bits.
std::optional<std::uint32_t> parse_timestamp(std::string_view text);

}  // namespace idnode::handle
