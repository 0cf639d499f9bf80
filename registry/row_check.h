// Whether the identifiers of an import may be registered; the plain ones are told at a glance.
//
// Rules and words are those of registration_fault (protocol/core/identifier.h). One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace idnode::registry {

inline constexpr std::string_view kDoubtfulIdentifier = "space or soft hyphen in the identifier";

// Every octet is below 0x80.
bool is_ascii(std::string_view text);

class RowCheck {
public:
    // Nothing: it may be registered; `doubtful` then tells whether it is worth a line.
    std::optional<std::string_view> fault_of(std::string_view identifier, bool& doubtful);

private:
    std::string good_prefix_;  // With its "/": the last one that passed.
};

}  // namespace idnode::registry
