#include "protocol/core/json_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"

namespace idnode {
namespace {

std::string string_of(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonWriter, SetsCommasByItself) {
    std::string out = "before ";
    JsonWriter json(out);
    json.begin_object().key("a").number(1).key("b").begin_array();
    json.string("x").begin_object().end_object().begin_array().end_array().null();
    json.end_array().key("c").boolean(false).key("d").raw("[1]").end_object();
    EXPECT_EQ(out, R"(before {"a":1,"b":["x",{},[],null],"c":false,"d":[1]})");
}

TEST(JsonWriter, WritesNumbersOfAllSizes) {
    std::string out;
    JsonWriter json(out);
    json.begin_array().number(0).number(std::numeric_limits<std::uint64_t>::max());
    json.signed_number(std::numeric_limits<std::int64_t>::min());
    json.real(0.125, 2)
        .real(-1.5, 0)
        .real(1e15, 3)
        .real(std::nan(""), 1)
        .real(INFINITY, 1)
        .end_array();
    EXPECT_EQ(
        out,
        "[0,18446744073709551615,-9223372036854775808,0.12,-2,1000000000000000.000,null,null]");
}

TEST(JsonWriter, EscapesWhatMustBe) {
    EXPECT_EQ(string_of("a\"b\\c/"), R"("a\"b\\c/")");
    EXPECT_EQ(string_of("\n\r\t\b\f"), R"("\n\r\t\b\f")");
    EXPECT_EQ(string_of(std::string_view("\0\x01\x1F\x7F", 4)), R"("\u0000\u0001\u001f\u007f")");
    EXPECT_EQ(string_of(""), R"("")");
}

TEST(JsonWriter, KeepsValidUtf8) {
    const std::string text = "\xC2\x80 标识 \xF0\x9F\x8F\xAD é";
    EXPECT_EQ(string_of(text), '"' + text + '"');
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
    const std::string replacement = "\xEF\xBF\xBD";
    EXPECT_EQ(string_of("\xFF"), '"' + replacement + '"');
    EXPECT_EQ(string_of("a\xC3z"), "\"a" + replacement + "z\"");
    EXPECT_EQ(string_of("é\xE6\xA0"), "\"é" + replacement + replacement + '"');
    EXPECT_EQ(string_of("\xED\xA0\x80"), '"' + replacement + replacement + replacement + '"');
}

TEST(JsonWriter, AnyOctetsGiveValidUtf8OnOneLine) {
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            const std::string text = {static_cast<char>(first), static_cast<char>(second), 'x'};
            const std::string json = string_of(text);
            ASSERT_TRUE(is_utf8(json)) << first << ' ' << second;
            ASSERT_EQ(json.find('\n'), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace idnode
