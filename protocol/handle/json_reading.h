// Common ground of what reads Handle JSON: strings that stay in place while a document is read, the
// first fault, and readers of the simple members. Part of record_json.h, here for its sources;
// simdjson's elements are named but not defined, for its header is heavy.
//
// Readers give false after a fault; its text begins with the field: "\"ttl\" must be …".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"

namespace simdjson::dom {
class element;
}

namespace idnode::handle {

using JsonElement = simdjson::dom::element;

class JsonReading {
public:
    // Forgets strings and fault of the document before, keeping the strings' room.
    // `has_unicode_escapes`: texts may hold half surrogate pairs, which simdjson lets through.
    void start(bool has_unicode_escapes);

    // An empty string that stays where it is until start().
    std::string& fresh_string();

    // Keeps the first text; always false.
    bool fail(std::string text);
    // "\"name\" must be …", or "… is missing".
    bool fail_field(std::string_view name, std::string_view what);
    [[nodiscard]] const std::string& fault() const { return fault_; }

    bool read_string(const JsonElement& element, std::string_view name, std::string_view& text);
    // A number, or the same as decimal digits in a string, up to `max`.
    bool read_number(const JsonElement& element, std::string_view name, std::uint64_t max,
                     std::uint64_t& number);
    bool read_u32(const JsonElement& element, std::string_view name, std::uint32_t& number);
    bool read_bool(const JsonElement& element, std::string_view name, bool& value);
    // A string, or {"format":"base64","value":…} for one that is not UTF-8.
    bool read_text(const JsonElement& element, std::string_view name, std::string_view& text);

private:
    std::deque<std::string> strings_;
    std::size_t strings_used_ = 0;
    std::string fault_;
    bool has_unicode_escapes_ = false;
};

}  // namespace idnode::handle
