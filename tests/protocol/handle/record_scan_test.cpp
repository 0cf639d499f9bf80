#include "protocol/handle/record_scan.h"

#include <cstring>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "protocol/handle/record_json.h"

namespace idnode::handle {
namespace {

const std::string kLine =
    R"({"handle":"88.1/a","values":[{"index":1,"type":"URL","data":{"format":"string","value":)"
    R"("https://x.example/a"},"ttl":86400,"timestamp":"2023-11-14T22:13:20Z"},{"index":20,"type":)"
    R"("DESC","data":{"format":"string","value":"产品"},"permissions":"1111","ttl":5}]})";

// A document with exactly the padding that is asked for.
class Padded {
public:
    explicit Padded(std::string_view text)
        : octets_(new char[text.size() + kJsonPadding]), size_(text.size()) {
        std::memcpy(octets_.get(), text.data(), text.size());
        // As if the document went on.
        const std::string rest = "}]},\"ttl\":1}]}" + std::string(kJsonPadding, '}');
        std::memcpy(octets_.get() + size_, rest.data(), kJsonPadding);
    }
    [[nodiscard]] std::string_view text() const { return {octets_.get(), size_}; }

private:
    std::unique_ptr<char[]> octets_;
    std::size_t size_;
};

// What a document says, or "refused".
std::string shown(RecordParser& parser, std::string_view document) {
    const Padded padded(document);
    const auto parsed = parser.parse_padded(padded.text(), 77);
    if (!parsed) return "refused";
    std::string out(parsed->record.handle);
    for (std::size_t i = 0; i < parsed->record.values.size(); ++i) {
        const ValueView& value = parsed->record.values[i];
        for (const std::uint32_t number : {value.index, value.timestamp, value.ttl}) {
            out += " " + std::to_string(number);
        }
        out += " " + std::to_string(value.ttl_type) + " " + std::to_string(value.permissions);
        out += " " + std::string(value.type) + "=" + std::string(to_text(value.data));
        out += " " + std::to_string(value.references.size());
        out += parsed->timestamp_given[i] != 0 ? " given" : "";
    }
    return out;
}

bool is_scanned(std::string_view document) {
    RecordScan scan;
    std::string_view handle;
    std::vector<ValueView> values;
    std::vector<std::uint8_t> given;
    const Padded padded(document);
    return scan.scan(padded.text(), 77, {handle, values, given});
}

TEST(RecordScan, TakesTheSpellingOfAnExport) {
    RecordParser parser;
    EXPECT_TRUE(is_scanned(kLine));
    EXPECT_EQ(shown(parser, kLine),
              "88.1/a 1 1700000000 86400 0 14 URL=https://x.example/a 4 given"
              " 20 77 5 0 15 DESC=产品 4");
    EXPECT_TRUE(is_scanned(R"({"handle":"","values":[]})"));
}

TEST(RecordScan, RefusesEveryShorterDocument) {
    for (std::size_t size = 0; size < kLine.size(); ++size) {
        EXPECT_FALSE(is_scanned(kLine.substr(0, size))) << size;
    }
}

TEST(RecordScan, LeavesOtherSpellingsToTheParser) {
    const auto with = [](std::string_view from, std::string_view to) {
        std::string line = kLine;
        return line.replace(line.find(from), from.size(), to);
    };
    for (const std::string& line :
         {" " + kLine, kLine + " ", with("86400", "0123"), with("86400", "4294967296"),
          with("86400", "1e3"), with("86400", "\"2023-11-14T22:13:20Z\""), with("88.1/a", "88\\n"),
          with("88.1/a", "88\x01"), with("88.1/a", "88\xC3"), with("1111", "111111111"),
          with("1111", "*"), with("1111", ""), with("1111", "1121"), with("2023", "1923"),
          with("string", "base64"), with("\"ttl\":5", "\"references\":[]")}) {
        EXPECT_FALSE(is_scanned(line)) << line;
    }
    EXPECT_TRUE(is_scanned(with("86400", "4294967295")));
    EXPECT_TRUE(is_scanned(with("86400", "0")));
    EXPECT_TRUE(is_scanned(with("1111", "11111111")));
}

// A leading space is what only the parser takes.
TEST(RecordScan, SaysWhatTheParserSays) {
    std::mt19937 random(11);
    const std::string octets = "{}[]\",:0123456789 \\\n\x01\xC3\xA9\x7F\x80zT-+eu";
    const std::string pieces[] = {"\"ttl\":5",
                                  R"("timestamp":"2023-11-14T22:13:20Z")",
                                  R"("permissions":"0110")",
                                  "},{",
                                  "\"index\":1,",
                                  "\\u00e9"};
    RecordParser parser;
    RecordParser plain;
    std::size_t taken = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string line = kLine;
        for (std::size_t changes = random() % 3; changes > 0; --changes) {
            const std::size_t at = random() % line.size();
            switch (random() % 4) {
                case 0:
                    line[at] = octets[random() % octets.size()];
                    break;
                case 1:
                    line.erase(at, 1 + random() % 12);
                    break;
                case 2:
                    line.insert(at, 1, octets[random() % octets.size()]);
                    break;
                default:
                    line.insert(at, pieces[random() % std::size(pieces)]);
            }
        }
        const std::string expected = shown(plain, " " + line);
        ASSERT_EQ(shown(parser, line), expected) << line;
        taken += expected != "refused" ? 1U : 0U;
    }
    EXPECT_GT(taken, 10'000U);
}

}  // namespace
}  // namespace idnode::handle
