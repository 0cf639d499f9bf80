#include "protocol/handle/record_json.h"

#include <string>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"
#include "tests/protocol/handle/encoded.h"
#include "tests/protocol/handle/random_value.h"

namespace idnode::handle {
namespace {

std::string json_of(const Value& value) {
    std::string text;
    JsonWriter json(text);
    write_value_json(json, value.view());
    return text;
}

std::string json_of(const Record& record) {
    std::string text;
    std::vector<ValueView> views;
    JsonWriter json(text);
    write_record_json(json, record.view(views));
    return text;
}

std::string data_json(std::string type, std::string data) {
    Value value;
    value.type = std::move(type);
    value.data = std::move(data);
    const std::string text = json_of(value);
    const std::size_t begin = text.find("\"data\":") + 7;
    return text.substr(begin, text.find(",\"ttl\"") - begin);
}

TEST(RecordJson, WritesARecordInTheFormOfThePeers) {
    Record record;
    record.handle = "88.1/a\"b";
    record.values.resize(2);
    record.values[0].index = 1;
    record.values[0].timestamp = 1'700'000'000;
    record.values[0].type = "URL";
    record.values[0].data = "https://example.org/";
    EXPECT_EQ(json_of(record),
              "{\"handle\":\"88.1/a\\\"b\",\"values\":["
              "{\"index\":1,\"type\":\"URL\",\"data\":{\"format\":\"string\",\"value\":"
              "\"https://example.org/\"},\"ttl\":86400,\"timestamp\":\"2023-11-14T22:13:20Z\"},"
              "{\"index\":0,\"type\":\"\",\"data\":{\"format\":\"string\",\"value\":\"\"},"
              "\"ttl\":86400,\"timestamp\":\"1970-01-01T00:00:00Z\"}]}");
}

TEST(RecordJson, PermissionsHaveFourDigitsOrEight) {
    Value value;
    const auto digits = [&value](std::uint8_t permissions) {
        value.permissions = permissions;
        const std::string text = json_of(value);
        const std::size_t begin = text.find(R"("permissions":")");
        if (begin == std::string::npos) return std::string();
        return text.substr(begin + 15, text.find('"', begin + 15) - begin - 15);
    };
    EXPECT_EQ(digits(kPermissionsDefault), "");
    EXPECT_EQ(digits(0), "0000");
    EXPECT_EQ(digits(0x04), "0100");
    EXPECT_EQ(digits(0x0F), "1111");
    EXPECT_EQ(digits(0x10), "00010000");
    EXPECT_EQ(digits(0xFF), "11111111");
}

TEST(RecordJson, TimeToLiveIsANumberOrATime) {
    Value value;
    value.ttl = 0xFFFF'FFFF;
    EXPECT_NE(json_of(value).find("\"ttl\":4294967295,"), std::string::npos);
    value.ttl_type = kTtlAbsolute;
    EXPECT_NE(json_of(value).find("\"ttl\":\"2106-02-07T06:28:15Z\","), std::string::npos);
    value.ttl_type = 2;
    EXPECT_NE(json_of(value).find("\"ttl\":4294967295,\"ttlType\":2,"), std::string::npos);
}

TEST(RecordJson, TextIsAStringWhileItIsPlain) {
    EXPECT_EQ(data_json("X", "a\t\x13"), R"({"format":"string","value":"a\t\u0013"})");
    EXPECT_EQ(data_json("X", "标识"), R"({"format":"string","value":"标识"})");
    EXPECT_EQ(data_json("X", "\x08"), R"({"format":"base64","value":"CA=="})");
    EXPECT_EQ(data_json("X", "\x14"), R"({"format":"base64","value":"FA=="})");
    EXPECT_EQ(data_json("X", "\xFF"), R"({"format":"base64","value":"/w=="})");
}

TEST(RecordJson, TypedDataThatWouldNotComeBackAreBase64) {
    // Text under a type that is none; a tail that is not zero; an attribute that is not UTF-8.
    EXPECT_EQ(data_json("HS_SITE", "x"), R"({"format":"base64","value":"eA=="})");
    EXPECT_EQ(data_json("hs_admin", "x"), R"({"format":"base64","value":"eA=="})");
    EXPECT_EQ(data_json("HS_VLIST", "x"), R"({"format":"base64","value":"eA=="})");
    EXPECT_EQ(data_json("HS_PUBKEY", "x"), R"({"format":"base64","value":"eA=="})");
    const std::string admin = test::from_hex("0fff00000001610000012c");
    EXPECT_TRUE(data_json("HS_ADMIN", admin).starts_with(R"({"format":"admin")"));
    EXPECT_TRUE(data_json("HS_ADMIN", admin + std::string(2, '\0'))
                    .ends_with(R"("legacyByteLength":true}})"));
    EXPECT_TRUE(data_json("HS_ADMIN", admin + "\x01\x02").starts_with(R"({"format":"base64")"));
}

TEST(RecordJson, KeysAreNumbersPemOrBase64) {
    const std::string head = test::from_hex("0000000b5253415f5055425f4b45590000000000010300000002");
    EXPECT_EQ(data_json("HS_PUBKEY", head + test::from_hex("00c500000000")),
              R"({"format":"key","value":{"kty":"RSA","n":"xQ","e":"Aw"}})");
    // Without the four zero octets, or with an octet too many in a number, it would not come back.
    EXPECT_TRUE(
        data_json("HS_PUBKEY", head + test::from_hex("00c5")).starts_with(R"({"format":"base64")"));
    EXPECT_TRUE(data_json("HS_PUBKEY", head + test::from_hex("000500000000"))
                    .starts_with(R"({"format":"base64")"));
    EXPECT_EQ(data_json("HS_PUBKEY", "-----BEGIN\r\n"),
              R"({"format":"string","value":"-----BEGIN\r\n"})");
}

TEST(RecordJson, SiteServersMayHoldPem) {
    const std::string site = test::from_hex(
        "0001020b0001800200000000"
        "00000000"
        "00000001"
        "00000001"
        "00000000000000000000000000000001"
        "00000005"
        "2d2d2d2d2d"
        "00000000");
    EXPECT_EQ(
        data_json("HS_SITE", site),
        R"({"format":"site","value":{"version":1,"protocolVersion":"2.11","serialNumber":1,)"
        R"("primarySite":true,"multiPrimary":false,"attributes":[],"servers":[{"serverId":1,)"
        R"("address":"::1","publicKey":{"format":"string","value":"-----"},"interfaces":[]}]}})");
}

TEST(RecordJson, NamesThatAreNotUtf8AreBase64) {
    Record record;
    record.handle = "88/\xFF";
    record.values.resize(1);
    record.values[0].type = "\xFE";
    record.values[0].references = test::from_hex("0000000100000001fd00000007");
    const std::string text = json_of(record);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_NE(text.find(R"("handle":{"format":"base64","value":"ODgv/w=="},)"), std::string::npos);
    EXPECT_NE(text.find(R"("type":{"format":"base64","value":"/g=="},)"), std::string::npos);
    EXPECT_NE(
        text.find(R"("references":[{"handle":{"format":"base64","value":"/Q=="},"index":7}])"),
        std::string::npos);
}

TEST(RecordJson, ReadsBackOctetForOctet) {
    test::RandomValues random(3);
    RecordParser parser;
    for (int i = 0; i < 20'000; ++i) {
        const Record record = random.record(3);
        const std::string text = json_of(record);
        ASSERT_TRUE(is_utf8(text));
        ASSERT_EQ(text.find('\n'), std::string::npos);
        const Checked<ParsedRecord> parsed = parser.parse(text, 0);
        ASSERT_TRUE(parsed) << text << '\n' << parsed.error().to_string();
        ASSERT_EQ(Record(parsed->record), record) << text;
    }
}

TEST(RecordJson, RandomValuesReachEveryForm) {
    test::RandomValues random(4);
    std::string all;
    for (int i = 0; i < 3'000; ++i) all += json_of(random.value());
    for (const char* format : {"string", "base64", "admin", "vlist", "site", "key"}) {
        EXPECT_NE(all.find("\"format\":\"" + std::string(format) + "\""), std::string::npos)
            << format;
    }
    for (const char* member : {"legacyByteLength", "ttlType", "references", "hashFilter"}) {
        EXPECT_NE(all.find("\"" + std::string(member) + "\":"), std::string::npos) << member;
    }
}

}  // namespace
}  // namespace idnode::handle
