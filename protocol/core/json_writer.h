// Writes JSON at the end of a string, without a tree in between and without white space.
//
//     JsonWriter json(out);
//     json.begin_object().key("index").number(7).key("type").string("URL").end_object();
//
// Commas are set by themselves; that brackets close and every key gets one value is the caller's
// part. Output is valid UTF-8 whatever goes in: octets that are not become U+FFFD. Control
// characters, DEL, quote and backslash are escaped, so that a line stays one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace idnode {

// Appends `text` with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
public:
    // `out` outlives the writer.
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text);
    JsonWriter& number(std::uint64_t value);
    JsonWriter& signed_number(std::int64_t value);
    // With at most `digits` (≤ 17) behind the point; what is not finite becomes null.
    JsonWriter& real(double value, int digits);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // `json` is a whole JSON value already.
    JsonWriter& raw(std::string_view json);

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate() {
        if (comma_due_) out_.push_back(',');
        comma_due_ = true;
    }

    std::string& out_;
    bool comma_due_ = false;
};

}  // namespace idnode
