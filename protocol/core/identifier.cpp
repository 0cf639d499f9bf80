#include "protocol/core/identifier.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace idnode {

namespace {

constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
constexpr std::string_view kSoftHyphen = "\xC2\xAD";

// Unicode's White_Space but for the control characters, which are refused anywhere: U+0020, 00A0,
// 1680, 2000 to 200A, 2028, 2029, 202F, 205F, 3000.
constexpr std::array<std::string_view, 19> kSpaces = {" ",
                                                      "\xC2\xA0",
                                                      "\xE1\x9A\x80",
                                                      "\xE2\x80\x80",
                                                      "\xE2\x80\x81",
                                                      "\xE2\x80\x82",
                                                      "\xE2\x80\x83",
                                                      "\xE2\x80\x84",
                                                      "\xE2\x80\x85",
                                                      "\xE2\x80\x86",
                                                      "\xE2\x80\x87",
                                                      "\xE2\x80\x88",
                                                      "\xE2\x80\x89",
                                                      "\xE2\x80\x8A",
                                                      "\xE2\x80\xA8",
                                                      "\xE2\x80\xA9",
                                                      "\xE2\x80\xAF",
                                                      "\xE2\x81\x9F",
                                                      "\xE3\x80\x80"};

bool is_control(std::string_view text, std::size_t i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    // C1 controls, U+0080 to U+009F.
    return c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
}

bool starts_with_space(std::string_view text) {
    return std::ranges::any_of(kSpaces,
                               [text](std::string_view space) { return text.starts_with(space); });
}

bool ends_with_space(std::string_view text) {
    return std::ranges::any_of(kSpaces,
                               [text](std::string_view space) { return text.ends_with(space); });
}

bool has_outer_space(std::string_view text) {
    return starts_with_space(text) || ends_with_space(text);
}

bool is_segment_octet(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
}

bool has_bad_segment(std::string_view prefix) {
    std::size_t segment_size = 0;
    for (const char c : prefix) {
        if (c == '.') {
            if (segment_size == 0) return true;
            segment_size = 0;
        } else {
            if (!is_segment_octet(c)) return true;
            ++segment_size;
        }
    }
    return segment_size == 0;
}

// The octets of the character that starts at `lead`, 0 when no character starts so; `low` and
// `high` bound its second octet.
std::size_t utf8_size(unsigned char lead, unsigned char& low, unsigned char& high) {
    low = 0x80;
    high = 0xBF;
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
        return 4;
    }
    return 0;
}

// Octets at the front, eight at a time, that are all ASCII: nearly every text is nothing else.
std::size_t ascii_words_size(std::string_view text) {
    std::size_t size = 0;
    std::uint64_t word = 0;
    while (text.size() - size >= sizeof word) {
        std::memcpy(&word, text.data() + size, sizeof word);
        if ((word & kHighBits) != 0) break;
        size += sizeof word;
    }
    return size;
}

// fold_ascii for all octets of a vector or word at once. Those above 127 are negative. Gives back
// what was read.
template <class Octets>
Octets fold_at_once(const char* text, char* folded) {
    Octets octets;
    std::memcpy(&octets, text, sizeof octets);
    const Octets letters = (octets >= 'a') & (octets <= 'z');
    const Octets result = octets - (letters & 32);
    std::memcpy(folded, &result, sizeof result);
    return octets;
}

using Sixteen = signed char __attribute__((vector_size(16)));
using Eight = signed char __attribute__((vector_size(8)));

bool has_negative(Eight octets) { return (std::bit_cast<std::uint64_t>(octets) & kHighBits) != 0; }
bool has_negative(Sixteen octets) {
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(octets);
    return ((words[0] | words[1]) & kHighBits) != 0;
}

// Folds a text that is not shorter than the vector; the last octets twice where it does not end
// with one. True when all are ASCII.
template <class Octets>
bool fold_in_steps(std::string_view text, char* folded) {
    constexpr std::size_t kStep = sizeof(Octets);
    const std::size_t last = text.size() - kStep;
    auto seen = fold_at_once<Octets>(text.data() + last, folded + last);
    for (std::size_t i = 0; i < last; i += kStep) {
        seen |= fold_at_once<Octets>(text.data() + i, folded + i);
    }
    return !has_negative(seen);
}

// True when all are ASCII.
bool fold_text(std::string_view text, char* folded) {
    if (text.size() >= sizeof(Sixteen)) return fold_in_steps<Sixteen>(text, folded);
    if (text.size() >= sizeof(Eight)) return fold_in_steps<Eight>(text, folded);
    bool is_ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        folded[i] = fold_ascii(text[i]);
        is_ascii = is_ascii && static_cast<unsigned char>(text[i]) < 0x80;
    }
    return is_ascii;
}

// As prefix_size_of; nearly every prefix ends within the first octets.
std::size_t find_prefix_size(std::string_view text) {
    if (text.size() < sizeof(Sixteen)) return prefix_size_of(text);
    Sixteen octets;
    std::memcpy(&octets, text.data(), sizeof octets);
    const auto slashes = std::bit_cast<std::array<std::uint64_t, 2>>(octets == '/');
    if (slashes[0] != 0) return static_cast<std::size_t>(std::countr_zero(slashes[0])) / 8;
    if (slashes[1] != 0) return static_cast<std::size_t>(std::countr_zero(slashes[1])) / 8 + 8;
    return prefix_size_of(text);
}

}  // namespace

void FoldedIdentifier::assign(std::string_view text) {
    const std::size_t prefix_size = find_prefix_size(text);
    const bool slashless = prefix_size == text.size();
    std::size_t at = 0;
    if (slashless) {
        std::memcpy(octets_.data(), kPrefixHandleStart.data(), kPrefixHandleStart.size());
        at = kPrefixHandleStart.size();
    }
    const std::size_t taken = std::min(text.size(), octets_.size() - at);
    is_ascii_ = fold_text(text.substr(0, taken), octets_.data() + at);
    too_long_ = taken < text.size();
    size_ = static_cast<std::uint16_t>(at + taken);
    prefix_size_ = static_cast<std::uint16_t>(
        slashless ? kPrefixHandleStart.size() - 1 : std::min<std::size_t>(prefix_size, size_));
}

std::size_t utf8_character_size(std::string_view text) {
    if (text.empty()) return 0;
    unsigned char low = 0;
    unsigned char high = 0;
    const std::size_t size = utf8_size(static_cast<unsigned char>(text[0]), low, high);
    if (size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < low || c > high) return 0;
        low = 0x80;
        high = 0xBF;
    }
    return size;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        text.remove_prefix(ascii_words_size(text));
        if (text.empty()) break;
        const std::size_t size = utf8_character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_control(text, i)) return true;
    }
    return false;
}

std::optional<std::string_view> registration_fault(std::string_view identifier) {
    const std::size_t slash = identifier.find('/');
    if (slash == std::string_view::npos) return "no \"/\" between prefix and suffix";
    if (identifier.size() > kIdentifierSizeMax) return "identifier above 480 bytes";
    if (!is_utf8(identifier)) return "invalid UTF-8";
    if (has_control_character(identifier)) return "control character";
    const std::string_view prefix = identifier.substr(0, slash);
    const std::string_view suffix = identifier.substr(slash + 1);
    if (has_outer_space(prefix) || has_outer_space(suffix)) return "white space at an end";
    if (has_bad_segment(prefix)) return "prefix segment outside [0-9A-Za-z_-]+";
    if (suffix.empty()) return "empty suffix";
    return std::nullopt;
}

bool is_doubtful(std::string_view identifier) {
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        const auto lead = static_cast<unsigned char>(identifier[i]);
        if (lead != ' ' && lead != 0xC2 && (lead < 0xE1 || lead > 0xE3)) continue;
        const std::string_view rest = identifier.substr(i);
        if (rest.starts_with(kSoftHyphen) || starts_with_space(rest)) return true;
    }
    return false;
}

}  // namespace idnode
