#include "protocol/core/base64.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace idnode {
namespace {

std::string base64(std::string_view octets) {
    std::string text;
    append_base64(text, to_bytes(octets));
    return text;
}

std::string base64url(std::string_view octets) {
    std::string text;
    append_base64url(text, to_bytes(octets));
    return text;
}

// Octets, or "refused".
std::string decoded(std::string_view text) {
    std::string octets = "before";
    if (decode_base64(octets, text)) return octets.substr(6);
    EXPECT_EQ(octets, "before");
    return "refused";
}

TEST(Base64, WritesTheFormsOfTheStandard) {
    const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
    for (const auto& [octets, text] : cases) {
        EXPECT_EQ(base64(octets), text);
        EXPECT_EQ(decoded(text), octets);
    }
    EXPECT_EQ(base64("\xFB\xFF"), "+/8=");
    EXPECT_EQ(base64url("\xFB\xFF"), "-_8");
}

TEST(Base64, ReadsBothAlphabetsWithOrWithoutPadding) {
    for (const char* text : {"+/8=", "-_8=", "+/8", "-_8"}) EXPECT_EQ(decoded(text), "\xFB\xFF");
}

TEST(Base64, RefusesOtherText) {
    for (const char* text : {"A", "AAAAA", "A=", "AA=", "AAA==", "AAAA=", "AAAA====", "=",
                             "====", "A A=", "AA==AA==", "Zg==\n", "Zh==", "Zm9=", "é8", "A*=="}) {
        EXPECT_EQ(decoded(text), "refused") << text;
    }
}

TEST(Base64, RandomOctetsReadBack) {
    std::mt19937_64 random(6);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string octets(size, '\0');
        for (char& octet : octets) octet = static_cast<char>(random());
        EXPECT_EQ(decoded(base64(octets)), octets);
        EXPECT_EQ(decoded(base64url(octets)), octets);
    }
}

TEST(Base64, HexReadsBack) {
    std::string all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
    std::string digits;
    append_hex(digits, to_bytes(all));
    EXPECT_EQ(digits.substr(0, 6), "000102");
    EXPECT_EQ(digits.substr(510), "ff");
    std::string octets;
    EXPECT_TRUE(decode_hex(octets, digits));
    EXPECT_EQ(octets, all);
    EXPECT_TRUE(decode_hex(octets, "aBCd"));
    EXPECT_EQ(octets, all + "\xAB\xCD");
}

TEST(Base64, HexRefusesOtherText) {
    std::string octets = "before";
    for (const char* text : {"0", "000", "0g", "g0", " 00", "0x00", "@0", "`0", "/0", ":0"}) {
        EXPECT_FALSE(decode_hex(octets, text)) << text;
    }
    EXPECT_EQ(octets, "before");
}

}  // namespace
}  // namespace idnode
