#include "protocol/handle/json_reading.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/core/base64.h"

namespace idnode::handle {

void JsonReading::start(bool has_unicode_escapes) {
    strings_used_ = 0;
    fault_.clear();
    has_unicode_escapes_ = has_unicode_escapes;
}

std::string& JsonReading::fresh_string() {
    if (strings_used_ == strings_.size()) strings_.emplace_back();
    std::string& string = strings_[strings_used_++];
    string.clear();
    return string;
}

bool JsonReading::fail(std::string text) {
    if (fault_.empty()) fault_ = std::move(text);
    return false;
}

bool JsonReading::fail_field(std::string_view name, std::string_view what) {
    return fail(fmt::format("\"{}\" {}", name, what));
}

bool JsonReading::read_string(const JsonElement& element, std::string_view name,
                              std::string_view& text) {
    if (element.get_string().get(text) != simdjson::SUCCESS) {
        return fail_field(name, "must be a string");
    }
    if (has_unicode_escapes_ && !simdjson::validate_utf8(text)) {
        return fail_field(name, "holds half of a surrogate pair");
    }
    return true;
}

bool JsonReading::read_number(const JsonElement& element, std::string_view name, std::uint64_t max,
                              std::uint64_t& number) {
    bool good = element.get_uint64().get(number) == simdjson::SUCCESS;
    std::string_view digits;
    if (!good && element.get_string().get(digits) == simdjson::SUCCESS) {
        const char* const end = digits.data() + digits.size();
        const auto [stop, fault] = std::from_chars(digits.data(), end, number);
        good = fault == std::errc() && stop == end;
    }
    if (good && number <= max) return true;
    return fail_field(name, fmt::format("must be a whole number from 0 to {}", max));
}

bool JsonReading::read_u32(const JsonElement& element, std::string_view name,
                           std::uint32_t& number) {
    std::uint64_t wide = 0;
    if (!read_number(element, name, std::numeric_limits<std::uint32_t>::max(), wide)) return false;
    number = static_cast<std::uint32_t>(wide);
    return true;
}

bool JsonReading::read_bool(const JsonElement& element, std::string_view name, bool& value) {
    if (element.get_bool().get(value) == simdjson::SUCCESS) return true;
    return fail_field(name, "must be true or false");
}

bool JsonReading::read_text(const JsonElement& element, std::string_view name,
                            std::string_view& text) {
    if (element.is_string()) return read_string(element, name, text);
    std::string_view format;
    std::string_view digits;
    const bool is_base64 = element["format"].get_string().get(format) == simdjson::SUCCESS &&
                           format == "base64" &&
                           element["value"].get_string().get(digits) == simdjson::SUCCESS;
    std::string& octets = fresh_string();
    if (!is_base64 || !decode_base64(octets, digits)) {
        return fail_field(name, R"(must be a string, or {"format":"base64","value":…})");
    }
    text = octets;
    return true;
}

}  // namespace idnode::handle
