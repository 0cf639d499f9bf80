// The recorded JSON forms and keys of tests/vectors/values.
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "protocol/core/base64.h"
#include "protocol/handle/key.h"
#include "protocol/handle/record_json.h"
#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

std::vector<std::string> lines_of(const std::string& name) {
    std::ifstream file(std::string(IDN_VALUE_VECTORS_DIR) + "/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with('#')) lines.push_back(line);
    }
    return lines;
}

std::string hex_of(const ValueView& value) {
    std::string digits;
    append_hex(digits, to_bytes(test::encoded(value, encode_value)));
    return digits;
}

struct Case {
    std::string json_in;
    std::string octets_hex;
    std::string json_out;
};

std::vector<Case> cases() {
    std::vector<Case> cases;
    simdjson::dom::parser parser;
    for (const std::string& line : lines_of("json_value_encoding.jsonl")) {
        const simdjson::dom::element root = parser.parse(line).value();
        cases.push_back({simdjson::minify(root["json_in"].value()),
                         std::string(root["encoded_value_hex"].get_string().value()),
                         simdjson::minify(root["json_out"].value())});
    }
    return cases;
}

// Permissions "0100" mean 0x04; the recorded server cannot clear admin read with four digits.
bool is_exception(const Case& recorded) {
    return recorded.json_in.find("\"0100\"") != std::string::npos;
}

TEST(ValueVectors, JsonGivesTheRecordedOctetsAndJson) {
    RecordParser parser;
    std::size_t exceptions = 0;
    const std::vector<Case> all = cases();
    ASSERT_EQ(all.size(), 12U);
    for (const Case& recorded : all) {
        const Checked<ParsedRecord> parsed = parser.parse(recorded.json_in, 0);
        ASSERT_TRUE(parsed) << recorded.json_in << parsed.error().to_string();
        const ValueView& value = parsed->record.values[0];
        if (is_exception(recorded)) {
            ++exceptions;
            EXPECT_EQ(value.permissions, kAdminWrite);
            continue;
        }
        EXPECT_EQ(hex_of(value), recorded.octets_hex);
    }
    EXPECT_EQ(exceptions, 1U);
}

TEST(ValueVectors, OctetsGiveTheRecordedJson) {
    for (const Case& recorded : cases()) {
        const std::string octets = test::from_hex(recorded.octets_hex);
        Reader in(to_bytes(octets));
        const Result<ValueView> value = decode_value(in);
        ASSERT_TRUE(value);
        std::string text;
        JsonWriter json(text);
        write_value_json(json, *value, JsonTimestamps::kNotZero);
        EXPECT_EQ(text, recorded.json_out);
    }
}

TEST(ValueVectors, KeysEncodeToTheRecordedOctets) {
    std::vector<std::size_t> bits;
    for (const std::string& line : lines_of("public_keys.txt")) {
        const std::string octets = test::from_hex(line.substr(line.find(' ') + 1));
        const Result<PublicKeyView> key = decode_public_key(to_bytes(octets));
        ASSERT_TRUE(key) << line;
        EXPECT_EQ(test::encoded(*key, encode_public_key), octets);
        bits.push_back(key->bits());
    }
    EXPECT_EQ(bits, (std::vector<std::size_t>{2048, 2048, 1024}));
}

}  // namespace
}  // namespace idnode::handle
