#include "protocol/core/base64.h"

#include <array>

namespace idnode {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
        values[static_cast<unsigned char>(kUrlAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint8_t hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return kNoDigit;
}

// The digits for whole and left-over octets; gives the number of "=" that would follow.
std::size_t append_digits(std::string& out, ByteSpan octets, std::string_view alphabet) {
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (const std::uint8_t octet : octets) {
        bits = bits << 8 | octet;
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            out.push_back(alphabet[bits >> bit_count & 0x3F]);
        }
    }
    if (bit_count == 0) return 0;
    out.push_back(alphabet[bits << (6 - bit_count) & 0x3F]);
    return bit_count == 2 ? 2 : 1;
}

// `text` without the "=" at its end; false when there are too many or in the wrong place.
bool drop_padding(std::string_view& text) {
    const std::size_t size = text.size();
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    return padding == 0 || size % 4 == 0;
}

}  // namespace

void append_base64(std::string& out, ByteSpan octets) {
    out.append(append_digits(out, octets, kAlphabet), '=');
}

void append_base64url(std::string& out, ByteSpan octets) {
    append_digits(out, octets, kUrlAlphabet);
}

void append_hex(std::string& out, ByteSpan octets) {
    for (const std::uint8_t octet : octets) {
        out.push_back(kHexDigits[octet >> 4]);
        out.push_back(kHexDigits[octet & 0x0F]);
    }
}

bool decode_base64(std::string& out, std::string_view text) {
    const std::size_t size_before = out.size();
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    bool good = drop_padding(text) && text.size() % 4 != 1;
    for (std::size_t i = 0; good && i < text.size(); ++i) {
        const std::uint8_t value = kValues[static_cast<unsigned char>(text[i])];
        good = value != kNoDigit;
        bits = bits << 6 | value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out.push_back(static_cast<char>(bits >> bit_count & 0xFF));
        }
    }
    // Bits behind the last octet must be zero.
    good = good && (bits & ((1U << bit_count) - 1)) == 0;
    if (!good) out.resize(size_before);
    return good;
}

bool decode_hex(std::string& out, std::string_view text) {
    const std::size_t size_before = out.size();
    bool good = text.size() % 2 == 0;
    for (std::size_t i = 0; good && i < text.size(); i += 2) {
        const std::uint8_t high = hex_value(text[i]);
        const std::uint8_t low = hex_value(text[i + 1]);
        good = high != kNoDigit && low != kNoDigit;
        out.push_back(static_cast<char>(high << 4 | (low & 0x0F)));
    }
    if (!good) out.resize(size_before);
    return good;
}

}  // namespace idnode
