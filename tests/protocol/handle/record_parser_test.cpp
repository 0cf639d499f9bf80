#include <string>

#include <gtest/gtest.h>

#include "protocol/handle/admin.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/site.h"
#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

constexpr std::uint32_t kNow = 1'800'000'000;

const std::string kRecord =
    R"({"responseCode":1,"handle":"88.1/a","values":[)"
    R"({"index":1,"type":"URL","data":{"format":"string","value":"x\u00e9"},"ttl":3600,)"
    R"("permissions":"1110","timestamp":"2023-11-14T22:13:20Z"},)"
    R"({"index":2,"type":"NOTE","data":"y","references":[{"handle":"88/r","index":"3"}]}]})";

// The record that `document` gives; a fault fails the test.
Record parse(const std::string& document) {
    RecordParser parser;
    const Checked<ParsedRecord> parsed = parser.parse(document, kNow);
    if (parsed) return Record(parsed->record);
    ADD_FAILURE() << document << ": " << parsed.error().to_string();
    return {};
}

std::string fault(const std::string& document) {
    RecordParser parser;
    const Checked<ParsedRecord> parsed = parser.parse(document, kNow);
    return parsed ? "none" : parsed.error().text;
}

std::string value_json(const std::string& members) {
    return R"([{"index":1,"type":"T",)" + members + "}]";
}

// The value of `[{"index":1,"type":"T",` + members, alone.
Value parse_value(const std::string& members) {
    const Record record = parse(value_json(members));
    return record.values.empty() ? Value() : record.values[0];
}

std::string value_fault(const std::string& members) { return fault(value_json(members)); }

std::string data_fault(const std::string& data) { return value_fault("\"data\":" + data); }

TEST(RecordParser, ReadsEveryField) {
    const Record record = parse(kRecord);
    EXPECT_EQ(record.handle, "88.1/a");
    ASSERT_EQ(record.values.size(), 2U);
    EXPECT_EQ(record.values[0].index, 1U);
    EXPECT_EQ(record.values[0].type, "URL");
    EXPECT_EQ(record.values[0].data, "xé");
    EXPECT_EQ(record.values[0].ttl, 3'600U);
    EXPECT_EQ(record.values[0].permissions, kPermissionsDefault);
    EXPECT_EQ(record.values[0].timestamp, 1'700'000'000U);
    EXPECT_EQ(record.values[1].timestamp, kNow);
    EXPECT_EQ(record.values[1].ttl, kTtlDefault);
    EXPECT_EQ(record.values[1].references, std::string("\0\0\0\1\0\0\0\4"
                                                       "88/r\0\0\0\3",
                                                       16));
}

TEST(RecordParser, TellsWhichTimestampsWereGiven) {
    RecordParser parser;
    const Checked<ParsedRecord> parsed = parser.parse(kRecord, kNow);
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->timestamp_given.size(), 2U);
    EXPECT_EQ(parsed->timestamp_given[0], 1);
    EXPECT_EQ(parsed->timestamp_given[1], 0);
}

TEST(RecordParser, AcceptsValuesWithoutAHandle) {
    const std::string value = R"({"index":5,"type":"T","data":"d"})";
    for (const std::string& document :
         {value, "[" + value + "]", R"({"values":[)" + value + "]}"}) {
        const Record record = parse(document);
        EXPECT_EQ(record.handle, "");
        ASSERT_EQ(record.values.size(), 1U);
        EXPECT_EQ(record.values[0].index, 5U);
    }
    EXPECT_TRUE(parse("[]").values.empty());
    EXPECT_TRUE(parse(R"({"handle":"a/b","values":[]})").values.empty());
}

TEST(RecordParser, PermissionsMeanTheirDigits) {
    const auto permissions = [](const std::string& digits) {
        return parse_value(R"("data":"","permissions":")" + digits + "\"").permissions;
    };
    EXPECT_EQ(permissions("0100"), 0x04);
    EXPECT_EQ(permissions("01111"), 0x0F);
    EXPECT_EQ(permissions("*"), 0x0F);
    EXPECT_EQ(permissions("1"), 0x01);
    EXPECT_EQ(permissions("11111111"), 0xFF);
    for (const char* bad : {"", "2", "111111111", "+1", "1 ", "**", "0x1"}) {
        EXPECT_EQ(value_fault("\"data\":\"\",\"permissions\":\"" + std::string(bad) + "\""),
                  "value 1: \"permissions\" must be * or up to 8 digits, each 0 or 1")
            << bad;
    }
}

TEST(RecordParser, TimesAreTextOrSeconds) {
    const Value both = parse_value(R"("data":"","ttl":"2030-01-01T00:00:00Z","timestamp":77)");
    EXPECT_EQ(both.ttl_type, kTtlAbsolute);
    EXPECT_EQ(both.ttl, 1'893'456'000U);
    EXPECT_EQ(both.timestamp, 77U);
    EXPECT_EQ(parse_value(R"("data":"","timestamp":"2023-11-15T06:13:20+08:00")").timestamp,
              1'700'000'000U);
    EXPECT_EQ(value_fault(R"("data":"","timestamp":"yesterday")"),
              "value 1: \"timestamp\" must be like 2023-11-14T22:13:20Z, from 1970 to 2106");
    EXPECT_EQ(value_fault(R"("data":"","ttl":-1)"),
              "value 1: \"ttl\" must be a whole number from 0 to 4294967295");
    EXPECT_NE(value_fault(R"("data":"","ttl":1.5)"), "none");
    EXPECT_NE(value_fault(R"("data":"","ttl":4294967296)"), "none");
    EXPECT_NE(value_fault(R"("data":"","ttl":null)"), "none");
}

TEST(RecordParser, OtherTtlTypesNeedANumber) {
    const Value other = parse_value(R"("data":"","ttlType":255,"ttl":4294967295)");
    EXPECT_EQ(other.ttl_type, 255);
    EXPECT_EQ(other.ttl, 0xFFFF'FFFF);
    EXPECT_NE(value_fault(R"("data":"","ttlType":2,"ttl":"2030-01-01T00:00:00Z")"), "none");
    EXPECT_NE(value_fault(R"("data":"","ttlType":256)"), "none");
}

TEST(RecordParser, DataHaveEveryFormat) {
    EXPECT_EQ(parse_value(R"("data":{"format":"hex","value":"00fF"})").data,
              std::string("\0\xFF", 2));
    EXPECT_EQ(parse_value(R"("data":{"format":"base64","value":"AP8="})").data,
              std::string("\0\xFF", 2));
    EXPECT_EQ(parse_value(R"("data":{"value":"v","format":"string"})").data, "v");
    EXPECT_EQ(parse_value(R"("data":"\u0000\n")").data, std::string("\0\n", 2));
    EXPECT_EQ(data_fault(R"({"format":"hex","value":"0"})"), "value 1: \"value\" is not hex");
    EXPECT_EQ(data_fault(R"({"format":"base64","value":"A"})"), "value 1: \"value\" is not base64");
    EXPECT_EQ(data_fault(R"({"format":"rot13","value":"A"})"),
              "value 1: \"format\" must be string, base64, hex, admin, vlist, site or key");
    EXPECT_EQ(data_fault(R"({"format":"string"})"),
              "value 1: \"data\" must be a string, or hold \"format\" and \"value\"");
    EXPECT_EQ(data_fault("7"),
              "value 1: \"data\" must be a string, or hold \"format\" and \"value\"");
}

TEST(RecordParser, AdministratorsRightsHaveFourForms) {
    const auto rights = [](const std::string& permissions) {
        const Value value =
            parse_value(R"("data":{"format":"admin","value":{"handle":"a","index":"7",)"
                        R"("permissions":)" +
                        permissions + "}}");
        const Result<AdminView> admin = decode_admin(to_bytes(value.data));
        EXPECT_TRUE(admin && admin->handle == "a" && admin->index == 7);
        return admin ? admin->permissions : 0;
    };
    EXPECT_EQ(rights("\"000000000001\""), kMayAddHandle);
    EXPECT_EQ(rights("\"1111111111111111\""), 0xFFFF);
    EXPECT_EQ(rights("true"), kMayDoAll);
    EXPECT_EQ(rights("false"), 0);
    EXPECT_EQ(rights("4095"), kMayDoAll);
    EXPECT_EQ(rights("[true,0,1]"), kMayAddHandle | kMayAddDerivedPrefix);
    const auto fault_of = [](const std::string& value) {
        return data_fault(R"({"format":"admin","value":)" + value + "}");
    };
    EXPECT_EQ(fault_of("{}"), "value 1: \"handle\" of the administrator is missing");
    EXPECT_NE(fault_of(R"({"handle":"a","permissions":"11111111111111111"})"), "none");
    EXPECT_NE(fault_of(R"({"handle":"a","permissions":65536})"), "none");
    EXPECT_NE(fault_of(R"({"handle":"a","permissions":[2]})"), "none");
    EXPECT_NE(fault_of(R"({"handle":"a","permissions":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})"),
              "none");
    EXPECT_NE(fault_of(R"({"handle":"a","right":1})"), "none");
    EXPECT_NE(fault_of("[]"), "none");
}

TEST(RecordParser, SitesHaveDefaults) {
    const Value value =
        parse_value(R"("data":{"format":"site","value":{"servers":[{"address":"::1"}]}})");
    const Result<Site> site = decode_site(to_bytes(value.data));
    ASSERT_TRUE(site);
    Site expected;
    expected.flags = 0;
    expected.servers.resize(1);
    expected.servers[0].address[15] = 1;
    EXPECT_EQ(*site, expected);
}

TEST(RecordParser, SiteFaultsNameTheField) {
    const auto fault_of = [](const std::string& members) {
        return data_fault(R"({"format":"site","value":{)" + members + "}}");
    };
    EXPECT_EQ(fault_of(R"("protocolVersion":"2")"),
              "value 1: \"protocolVersion\" must be like 2.11");
    EXPECT_NE(fault_of(R"("protocolVersion":"2.256")"), "none");
    EXPECT_NE(fault_of(R"("version":65536)"), "none");
    EXPECT_NE(fault_of(R"("primarySite":1)"), "none");
    EXPECT_EQ(fault_of(R"("serial":1)"), "value 1: \"serial\" is not a known field here");
    EXPECT_EQ(fault_of(R"("servers":[{}])"), "value 1: \"address\" of the server is missing");
    EXPECT_EQ(fault_of(R"("servers":[{"address":"host"}])"),
              "value 1: \"address\" must be an IPv4 or IPv6 address");
    EXPECT_EQ(fault_of(R"("servers":[{"interfaces":[{"protocol":"SCTP","port":1}]}])"),
              "value 1: \"protocol\" must be UDP, TCP, HTTP or HTTPS");
    EXPECT_EQ(fault_of(R"("servers":[{"interfaces":[{"protocol":"udp"}]}])"),
              "value 1: \"port\" of the interface is missing");
    EXPECT_NE(fault_of(R"("attributes":[{"nam":"x"}])"), "none");
}

TEST(RecordParser, KeyFaultsNameTheField) {
    const auto fault_of = [](const std::string& value) {
        return data_fault(R"({"format":"key","value":)" + value + "}");
    };
    EXPECT_EQ(fault_of("{}"), "value 1: \"kty\" of the key is missing");
    EXPECT_EQ(fault_of(R"({"kty":"EC"})"),
              "value 1: \"kty\" must be RSA or DSA; other keys go as base64");
    EXPECT_EQ(fault_of(R"({"kty":"RSA","n":"xQ"})"), "value 1: \"e\" of the key is missing");
    EXPECT_EQ(fault_of(R"({"kty":"RSA","n":"!!","e":"Aw"})"), "value 1: \"n\" must be base64url");
    EXPECT_NE(fault_of("7"), "none");
}

TEST(RecordParser, ReferencesNeedBothFields) {
    for (const char* bad : {"[{}]", R"([{"handle":"a"}])", R"([{"index":1}])", "[1]", "{}",
                            R"([{"handle":"a","index":1,"x":1}])", R"([{"handle":7,"index":1}])"}) {
        EXPECT_NE(value_fault(R"("data":"","references":)" + std::string(bad)), "none") << bad;
        EXPECT_NE(data_fault(R"({"format":"vlist","value":)" + std::string(bad) + "}"), "none")
            << bad;
    }
}

TEST(RecordParser, NamesTheValueAndTheField) {
    EXPECT_EQ(fault(R"([{"index":1,"type":"T","data":""},{"index":2,"type":"T"}])"),
              "value 2: \"data\" is missing");
    EXPECT_EQ(fault(R"([{"type":"T","data":""}])"), "value 1: \"index\" is missing");
    EXPECT_EQ(fault(R"([{"index":1,"data":""}])"), "value 1: \"type\" is missing");
    EXPECT_EQ(fault(R"([7])"), "value 1: must be an object");
    EXPECT_EQ(value_fault(R"("data":"","permission":"1")"),
              "value 1: \"permission\" is not a known field of a value");
    EXPECT_EQ(value_fault(R"("data":"","data":"")"), "value 1: \"data\" is given twice");
    EXPECT_EQ(fault(R"({"handle":7,"values":[]})"),
              "\"handle\" must be a string, or {\"format\":\"base64\",\"value\":…}");
    EXPECT_EQ(fault(R"({"handle":"a/b"})"), "\"values\" are missing");
    EXPECT_EQ(fault(R"({"handle":"a/b","values":7})"), "\"values\" must be an array");
    EXPECT_EQ(fault(R"({"values":[],"values":[]})"), "\"values\" are given twice");
    EXPECT_EQ(fault(R"({"handle":"a","handle":"a","values":[]})"), "\"handle\" is given twice");
    EXPECT_EQ(fault("7"), "a record must be an object, or an array of values");
}

TEST(RecordParser, RefusesWhatIsNotJson) {
    for (const char* bad : {"", " ", "{", "[1,]", "{}{}", "nul", "\"", "[\"\xFF\"]", "[\"\n\"]"}) {
        EXPECT_TRUE(fault(bad).starts_with("not JSON: ")) << bad;
    }
    EXPECT_TRUE(fault(std::string(100'000, '[')).starts_with("not JSON: "));
}

TEST(RecordParser, RefusesHalfSurrogatePairs) {
    EXPECT_NE(data_fault(R"("\ud800")"), "none");
    EXPECT_NE(data_fault(R"("\udc00x")"), "none");
    EXPECT_NE(fault(R"({"handle":"a/\ud800","values":[]})"), "none");
    EXPECT_EQ(parse_value(R"("data":"\ud83c\udfed")").data, "\xF0\x9F\x8F\xAD");
}

TEST(RecordParser, RefusesDocumentsBeyondItsBound) {
    std::string document = value_json(R"("data":")");
    document.resize(document.size() - 2);
    const std::size_t room = kJsonDocumentSizeMax - document.size() - 3;
    const std::string longest = document + std::string(room, 'x') + "\"}]";
    ASSERT_EQ(longest.size(), kJsonDocumentSizeMax);
    EXPECT_EQ(fault(longest), "none");
    EXPECT_EQ(fault(longest + " "), "a record in JSON may have 1048576 octets, this has 1048577");
}

TEST(RecordParser, RejectsEveryShorterInput) {
    RecordParser parser;
    for (std::size_t size = 0; size < kRecord.size(); ++size) {
        const test::Block document = test::copy_of(kRecord.substr(0, size));
        EXPECT_FALSE(parser.parse(to_text(document.bytes()), kNow)) << size;
    }
}

TEST(RecordParser, ReadsInPlaceWhereTheOctetsBehindAreReadable) {
    // The document behind must not be taken for part of the first.
    const std::string first = value_json(R"("data":"1")");
    const test::Block both =
        test::copy_of(first + "\n" + value_json(R"("data":"2")") + std::string(kJsonPadding, '"'));
    RecordParser parser;
    const Checked<ParsedRecord> parsed =
        parser.parse_padded(to_text(both.bytes()).substr(0, first.size()), kNow);
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(to_text(parsed->record.values[0].data), "1");
    const Checked<ParsedRecord> next =
        parser.parse_padded(to_text(both.bytes()).substr(first.size() + 1, first.size()), kNow);
    ASSERT_TRUE(next);
    EXPECT_EQ(to_text(next->record.values[0].data), "2");
}

TEST(RecordParser, AFaultLeavesNothingBehind) {
    RecordParser parser;
    EXPECT_FALSE(parser.parse(R"({"handle":"old/1","values":[{"index":1}]})", kNow));
    const Checked<ParsedRecord> parsed = parser.parse("[]", kNow);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->record.handle, "");
    EXPECT_TRUE(parsed->record.values.empty());
}

}  // namespace
}  // namespace idnode::handle
