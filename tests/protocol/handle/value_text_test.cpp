#include "protocol/handle/value_text.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"
#include "protocol/handle/record.h"
#include "tests/protocol/handle/encoded.h"
#include "tests/protocol/handle/random_value.h"

namespace idnode::handle {
namespace {

std::string line_of(const Value& value) {
    std::string line;
    append_value_text(line, value.view());
    return line;
}

std::string data_of(std::string type, std::string data) {
    Value value;
    value.type = std::move(type);
    value.data = std::move(data);
    const std::string line = line_of(value);
    const std::string_view before = "1970-01-01T00:00:00Z  ";
    return line.substr(line.find(before) + before.size());
}

std::string terminal(std::string_view text) {
    std::string out;
    append_terminal_text(out, text);
    return out;
}

TEST(ValueText, ShowsEveryField) {
    Value value;
    value.index = 1;
    value.timestamp = 1'700'000'000;
    value.type = "URL";
    value.data = "https://example.org/";
    EXPECT_EQ(line_of(value),
              "    1  URL           rwr-  ttl 86400  2023-11-14T22:13:20Z  https://example.org/");
    value.references = test::from_hex("000000010000000438382f6100000007");
    value.permissions = 0xA5;
    value.ttl_type = kTtlAbsolute;
    value.ttl = 1'893'456'000;
    EXPECT_EQ(line_of(value),
              "    1  URL           -w-w+a0  until 2030-01-01T00:00:00Z  2023-11-14T22:13:20Z  "
              "https://example.org/  see 7:88/a");
    value.ttl_type = 9;
    EXPECT_NE(line_of(value).find("  ttl 1893456000 of type 9  "), std::string::npos);
}

TEST(ValueText, SummarisesTypedData) {
    EXPECT_EQ(data_of("HS_ADMIN", test::from_hex("0cf300000007302e4e412f38380000012c")),
              "300:0.NA/88 may 110011110011");
    EXPECT_EQ(data_of("HS_VLIST", test::from_hex("0000000200000001610000000100000001620000012c")),
              "1:a, 300:b");
    EXPECT_EQ(data_of("HS_VLIST", std::string(4, '\0')), "nobody");
    EXPECT_EQ(data_of("HS_PUBKEY", test::from_hex("0000000b5253415f5055425f4b45590000"
                                                  "0000000103000000020080")),
              "RSA key of 8 bits");
    EXPECT_EQ(
        data_of("HS_SITE", test::from_hex("0001020b000380010000000000000000"
                                          "0000000100000001000000000000000000000000c0000201"
                                          "000000000000000203010000"
                                          "0a51090900000001")),
        "site serial 3, protocol 2.11, primary; server 1 192.0.2.1 TCP/2641 query+admin 9/1 9");
}

TEST(ValueText, OtherDataAreTextOrBase64) {
    EXPECT_EQ(data_of("HS_SITE", "text"), "text");
    EXPECT_EQ(data_of("HS_ALIAS", "88/标识"), "88/标识");
    EXPECT_EQ(data_of("X", "a\tb"), "a\\x09b");
    EXPECT_EQ(data_of("X", "\x01"), "base64:AQ==");
    EXPECT_EQ(data_of("X", "\xFF"), "base64:/w==");
}

TEST(ValueText, NothingMovesTheCursor) {
    EXPECT_EQ(terminal("\x1B[2J"), "\\x1b[2J");
    EXPECT_EQ(terminal("a\nb\x7F"), "a\\x0ab\\x7f");
    EXPECT_EQ(terminal("\xC2\x9B"), "\\xc2\\x9b");
    EXPECT_EQ(terminal("\xE2\x80\xAE"), "\\u{202e}");
    EXPECT_EQ(terminal("\xE2\x81\xA9"), "\\u{2069}");
    EXPECT_EQ(terminal("\xE2\x82\xAC \xF0\x9F\x8F\xAD"), "\xE2\x82\xAC \xF0\x9F\x8F\xAD");
    EXPECT_EQ(terminal("\xE2\x82"), "\\xe2\\x82");
    EXPECT_EQ(terminal(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(terminal("\\"), "\\");
    EXPECT_EQ(terminal(""), "");
}

TEST(ValueText, EveryValueIsOneSafeLine) {
    test::RandomValues random(5);
    for (int i = 0; i < 20'000; ++i) {
        const std::string line = line_of(random.value());
        ASSERT_TRUE(is_utf8(line));
        ASSERT_TRUE(std::ranges::none_of(line, [](char c) {
            const auto octet = static_cast<unsigned char>(c);
            return octet < 0x20 || octet == 0x7F;
        }));
    }
}

}  // namespace
}  // namespace idnode::handle
