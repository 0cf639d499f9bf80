#include "registry/row_check.h"

#include <cstdint>
#include <cstring>

#include "protocol/core/identifier.h"
#include "protocol/core/limits.h"

namespace idnode::registry {

namespace {

constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

std::uint64_t load_word(const char* octets) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets, sizeof word);
    return word;
}

// A high bit for each octet outside 0x21 to 0x7E, and none when there is no such octet.
std::uint64_t not_graphic(std::uint64_t word) {
    return (word | (word - kOnes * 0x21) | (word + kOnes)) & kHighBits;
}

// Graphic ASCII only: no space, no control character, nothing to decode.
bool is_graphic(std::string_view text) {
    std::uint64_t bad = 0;
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) bad |= not_graphic(load_word(text.data() + i));
    for (; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        if (octet < 0x21 || octet > 0x7E) return false;
    }
    return bad == 0;
}

}  // namespace

bool is_ascii(std::string_view text) {
    std::uint64_t bits = 0;
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) bits |= load_word(text.data() + i);
    for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
    return (bits & kHighBits) == 0;
}

std::optional<std::string_view> RowCheck::fault_of(std::string_view identifier, bool& doubtful) {
    doubtful = false;
    const bool plain = !good_prefix_.empty() && identifier.starts_with(good_prefix_) &&
                       identifier.size() > good_prefix_.size() &&
                       identifier.size() <= kIdentifierSizeMax &&
                       is_graphic(identifier.substr(good_prefix_.size()));
    if (plain) return std::nullopt;
    const std::optional<std::string_view> fault = registration_fault(identifier);
    if (fault) return fault;
    doubtful = is_doubtful(identifier);
    good_prefix_.assign(identifier.substr(0, prefix_size_of(identifier) + 1));
    return std::nullopt;
}

}  // namespace idnode::registry
