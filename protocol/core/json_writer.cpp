#include "protocol/core/json_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "protocol/core/identifier.h"

namespace idnode {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// What an octet needs inside a JSON string.
enum class Care : std::uint8_t { kNone, kEscape, kUtf8 };

constexpr std::array<Care, 256> make_cares() {
    std::array<Care, 256> cares{};
    for (std::size_t i = 0; i < 0x20; ++i) cares[i] = Care::kEscape;
    for (std::size_t i = 0x80; i < 256; ++i) cares[i] = Care::kUtf8;
    cares['"'] = cares['\\'] = cares[0x7F] = Care::kEscape;
    return cares;
}

constexpr std::array<Care, 256> kCares = make_cares();

Care care_of(char c) { return kCares[static_cast<unsigned char>(c)]; }

void append_escape(std::string& out, char c) {
    constexpr std::string_view kNamed = "\"\\\n\r\t\b\f";
    constexpr std::string_view kLetters = "\"\\nrtbf";
    const std::size_t named = kNamed.find(c);
    out.push_back('\\');
    if (named != std::string_view::npos) {
        out.push_back(kLetters[named]);
        return;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.append("u00");
    out.push_back(kHexDigits[octet >> 4]);
    out.push_back(kHexDigits[octet & 0x0F]);
}

// Octets from the start of `text` on that are not ASCII.
std::size_t non_ascii_size(std::string_view text) {
    const auto end = std::ranges::find_if(text, [](char c) { return care_of(c) != Care::kUtf8; });
    return static_cast<std::size_t>(end - text.begin());
}

void append_non_ascii(std::string& out, std::string_view text) {
    if (is_utf8(text)) {
        out.append(text);
        return;
    }
    while (!text.empty()) {
        const std::size_t size = utf8_character_size(text);
        out.append(size == 0 ? kReplacement : text.substr(0, size));
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    while (!text.empty()) {
        const auto plain_end =
            std::ranges::find_if(text, [](char c) { return care_of(c) != Care::kNone; });
        const auto plain = static_cast<std::size_t>(plain_end - text.begin());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        std::size_t taken = 1;
        if (care_of(text.front()) == Care::kEscape) {
            append_escape(out, text.front());
        } else {
            taken = non_ascii_size(text);
            append_non_ascii(out, text.substr(0, taken));
        }
        text.remove_prefix(taken);
    }
    out.push_back('"');
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_.push_back(':');
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
    separate();
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
    return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
    separate();
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
    return *this;
}

JsonWriter& JsonWriter::real(double value, int digits) {
    if (!std::isfinite(value)) return null();
    separate();
    fmt::format_to(std::back_inserter(out_), "{:.{}f}", value, std::clamp(digits, 0, 17));
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_.push_back(bracket);
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_.push_back(bracket);
    comma_due_ = true;
    return *this;
}

}  // namespace idnode
