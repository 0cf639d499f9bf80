// Identifiers such as "88.118.8/SN2023A000123456": prefix before the first "/", suffix behind it.
//
// Segments of a prefix are text ("0042" is not "42"); the suffix is opaque UTF-8. For lookup ASCII
// letters are folded to upper case, nothing else is touched; answers repeat the case asked or
// registered. A text without "/" stands for the prefix handle "0.NA/" + text.
//
// Pure: no I/O, no allocation, no clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/core/check.h"
#include "protocol/core/limits.h"

namespace idnode {

inline constexpr std::string_view kPrefixHandleStart = "0.NA/";

constexpr char fold_ascii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// Octets before the first "/"; the whole size when there is none.
constexpr std::size_t prefix_size_of(std::string_view identifier) {
    const std::size_t slash = identifier.find('/');
    return slash == std::string_view::npos ? identifier.size() : slash;
}

// Octets behind the first "/"; none when there is none.
constexpr std::string_view suffix_of(std::string_view identifier) {
    const std::size_t prefix_size = prefix_size_of(identifier);
    if (prefix_size == identifier.size()) return {};
    return identifier.substr(prefix_size + 1);
}

// The folded form of one identifier in a buffer of its own; what the registry compares and sorts by
// (bytewise). Fixed size, so that a batch of them lies in one array.
class FoldedIdentifier {
public:
    FoldedIdentifier() = default;
    explicit FoldedIdentifier(std::string_view text) { assign(text); }

    // Folds `text`; a slashless one becomes a prefix handle. What is beyond kIdentifierSizeMax is
    // cut off and too_long() is true: such an identifier cannot be in the registry, its prefix is
    // judged all the same.
    void assign(std::string_view text);

    [[nodiscard]] std::string_view text() const IDN_LIFETIME_BOUND {
        return {octets_.data(), size_};
    }
    [[nodiscard]] std::string_view prefix() const IDN_LIFETIME_BOUND {
        return {octets_.data(), prefix_size_};
    }
    // Behind the first "/"; empty when there is nothing.
    [[nodiscard]] std::string_view suffix() const IDN_LIFETIME_BOUND {
        return prefix_size_ < size_ ? text().substr(prefix_size_ + 1U) : std::string_view{};
    }
    [[nodiscard]] bool too_long() const { return too_long_; }
    // Of what was not cut off.
    [[nodiscard]] bool is_ascii() const { return is_ascii_; }

private:
    std::uint16_t size_ = 0;
    std::uint16_t prefix_size_ = 0;
    bool too_long_ = false;
    bool is_ascii_ = true;
    std::array<char, kIdentifierSizeMax> octets_;  // Only the first size_ are set.
};

// Valid UTF-8 as Unicode defines it: no surrogates, no overlong forms, at most U+10FFFF.
bool is_utf8(std::string_view text);
// Octets of the character that `text` starts with; 0 when none does.
std::size_t utf8_character_size(std::string_view text);

// C0, DEL and C1, in text that is UTF-8.
bool has_control_character(std::string_view text);

// Why an identifier must not be registered: a literal that names the rule; nothing: it may. The
// rules are those of the import (docs/storage.md): prefix segments [0-9A-Za-z_-]+, a suffix that is
// not empty, at most kIdentifierSizeMax octets, valid UTF-8, no control characters, no white space
// at either end of prefix or suffix.
std::optional<std::string_view> registration_fault(std::string_view identifier);

// True for what is registered but worth a line in the rejects file: inner spaces and soft hyphens.
bool is_doubtful(std::string_view identifier);

}  // namespace idnode
