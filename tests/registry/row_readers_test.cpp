#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/core/limits.h"
#include "registry/csv_reader.h"
#include "registry/gathered_values.h"
#include "registry/json_lines_reader.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint32_t kNow = 1'700'000'000;
constexpr std::uint32_t kInput = 3;

// One row as a person would tell of it.
std::string shown(const ImportRow& row) {
    const std::string line = std::to_string(row.raw.line) + " ";
    if (!row.fault.empty()) return line + "bad: " + row.fault;
    RecordFields fields;
    fields.identifier = row.identifier;
    fields.time = row.time;
    fields.columns = row.columns;
    fields.own = row.own;
    GatheredValues gathered;
    EXPECT_TRUE(gathered.gather(fields, row.combination ? &row.combination->pattern : nullptr));
    std::string out = line + std::string(row.identifier);
    for (const handle::ValueView& value : row.values.empty() ? gathered.values() : row.values) {
        out += " " + std::string(value.type) + "@" + std::to_string(value.index) + "=" +
               std::string(to_text(value.data));
    }
    if (!row.doubt.empty()) out += " (" + std::string(row.doubt) + ")";
    return out;
}

// Reads everything, and every good row once more from its text alone.
std::vector<std::string> read_all(RowReader& reader) {
    std::vector<std::string> seen;
    std::vector<std::pair<RawRow, std::string>> good;
    std::vector<std::unique_ptr<std::string>> texts;
    ImportRow row;
    while (true) {
        const auto more = reader.next(row);
        EXPECT_TRUE(more.has_value());
        if (!more || !*more) break;
        EXPECT_EQ(row.raw.input, kInput);
        seen.push_back(shown(row));
        if (!row.fault.empty()) continue;
        texts.push_back(std::make_unique<std::string>(row.raw.text));
        RawRow raw = row.raw;
        texts.back()->append(kRowPadding, '\0');
        raw.text = std::string_view(*texts.back()).substr(0, row.raw.text.size());
        good.emplace_back(raw, seen.back());
    }
    reader.close();
    for (const auto& [raw, expected] : good) {
        reader.read_again(raw, row);
        EXPECT_EQ(shown(row), expected);
    }
    return seen;
}

struct CsvInput {
    ScratchDirectory scratch;
    RowMapper mapper;
    Checked<std::unique_ptr<CsvReader>> reader;

    CsvInput(std::string_view content, const std::vector<std::string>& options,
             std::size_t read_size = kReadSizeDefault)
        : mapper(parse_mapping(options, {.nulls = {"NA"}}).value()),
          reader(CsvReader::open(
              LineSource(InputFile::open(scratch.write("rows.csv", content)).value(), read_size),
              mapper, kInput, kNow)) {}
};

const std::vector<std::string> kOptions = {"identifier={id}", "URL@1=https://x.example/{id}",
                                           "NAME@2={name}"};

std::vector<std::string> read_csv(std::string_view content,
                                  const std::vector<std::string>& options = kOptions,
                                  std::size_t read_size = kReadSizeDefault) {
    CsvInput input(content, options, read_size);
    EXPECT_TRUE(input.reader.has_value());
    return input.reader ? read_all(**input.reader) : std::vector<std::string>{};
}

TEST(CsvReader, ReadsCsvAsItComes) {
    const std::string content =
        "\xEF\xBB\xBFname,id\r\n"
        "one,10.1/a\r\n"
        "\r\n"
        "\"two\r\nlines\",10.1/b\r\n"
        "NA,10.1/c\n"
        "\n"
        "\"say \"\"yes\"\"\",10.1/d";
    const std::vector<std::string> expected = {
        "2 10.1/a URL@1=https://x.example/10.1/a NAME@2=one",
        "4 10.1/b URL@1=https://x.example/10.1/b NAME@2=two\r\nlines",
        "6 10.1/c URL@1=https://x.example/10.1/c",
        "8 10.1/d URL@1=https://x.example/10.1/d NAME@2=say \"yes\""};
    EXPECT_EQ(read_csv(content), expected);
    for (std::size_t size = 4; size <= content.size(); ++size) {
        ASSERT_EQ(read_csv(content, kOptions, size), expected) << size;
    }
}

TEST(CsvReader, RejectsRowsUnlikeTheHeader) {
    EXPECT_THAT(
        read_csv("id,name\n10.1/a,x,y\n10.1/b\n10.1/c,\n"),
        ElementsAre("2 bad: 3 columns, the header has 2", "3 bad: 1 columns, the header has 2",
                    "4 10.1/c URL@1=https://x.example/10.1/c"));
}

TEST(CsvReader, RejectsIdentifiersThatMustNotBe) {
    EXPECT_THAT(
        read_csv("id,name\n,x\nNA,x\n10.1,x\n10.1/ a,x\n10.1/a ,x\n \"10.1/a\",x\n"
                 "\"10.1/a\nb\",x\n10..1/a,x\n10.1/,x\n10.1/\xFF,x\n"),
        ElementsAre("2 bad: no identifier", "3 bad: no identifier",
                    "4 bad: no \"/\" between prefix and suffix", "5 bad: white space at an end",
                    "6 bad: white space at an end", "7 bad: white space at an end",
                    "8 bad: control character", "10 bad: prefix segment outside [0-9A-Za-z_-]+",
                    "11 bad: empty suffix", "12 bad: invalid UTF-8"));
}

TEST(CsvReader, TakesDoubtfulIdentifiersWithAWord) {
    EXPECT_THAT(read_csv("id,name\n10.1/a b,x\n"),
                ElementsAre("2 10.1/a b URL@1=https://x.example/10.1/a b NAME@2=x "
                            "(space or soft hyphen in the identifier)"));
}

TEST(CsvReader, LooksAtTheTextOfMappedColumnsOnly) {
    EXPECT_THAT(read_csv("id,name,other\n10.1/a,\xFF,x\n10.1/b,x,\xFF\n10.1/c,\xC3\xA4,x\n"),
                ElementsAre("2 bad: invalid UTF-8 in a value",
                            "3 10.1/b URL@1=https://x.example/10.1/b NAME@2=x",
                            "4 10.1/c URL@1=https://x.example/10.1/c NAME@2=\xC3\xA4"));
}

TEST(CsvReader, RejectsAnIndexGivenTwice) {
    const std::vector<std::string> options = {"identifier={id}", "A@1={a}", "A@1={b}"};
    EXPECT_THAT(read_csv("id,a,b\n10.1/a,x,\n10.1/b,,y\n10.1/c,x,y\n", options),
                ElementsAre("2 10.1/a A@1=x", "3 10.1/b A@1=y", "4 bad: index given twice"));
}

TEST(CsvReader, HoldsTheLargestSizeOfARecord) {
    // One value: 26 octets, its type and its data.
    const std::string largest(kRecordSizeMax - 26 - 4, 'x');
    const std::string row = "10.1/a," + largest;
    const std::vector<std::string> options = {"identifier={id}", "NAME@2={name}"};
    EXPECT_THAT(read_csv("id,name\n" + row + "\n", options),
                ElementsAre("2 10.1/a NAME@2=" + largest));
    EXPECT_THAT(read_csv("id,name\n" + row + "x\n", options),
                ElementsAre("2 bad: values above 64 KiB"));
}

TEST(CsvReader, GoesOnBehindARowThatIsTooLong) {
    const std::string padding(kRowSizeMax, 'x');
    EXPECT_THAT(
        read_csv("id,name\n10.1/a," + padding + "\n10.1/b,y\n"),
        ElementsAre("2 bad: row above 1 MiB", "3 10.1/b URL@1=https://x.example/10.1/b NAME@2=y"));
    // Within quotes, too: at the line break behind what was read of it.
    EXPECT_THAT(
        read_csv("id,name\n10.1/a,\"\n" + padding + "\"\n10.1/b,y\n"),
        ElementsAre("2 bad: row above 1 MiB: lines 2 to 3 are passed over, 2 of them; a quote may "
                    "not be closed",
                    "4 10.1/b URL@1=https://x.example/10.1/b NAME@2=y"));
}

TEST(CsvReader, SaysWhichLinesAQuoteTookWithIt) {
    // A quote that is never closed, and good rows for more than a mebibyte behind it.
    constexpr std::size_t kRowSize = 16;  // "10.1/000000,abc\n"
    constexpr std::size_t kRowCount = 2 * kRowSizeMax / kRowSize;
    std::string content = "id,name\n1,\"unclosed\n";
    for (std::size_t i = 0; i < kRowCount; ++i) {
        const std::string number = std::to_string(1'000'000 + i).substr(1);
        content += "10.1/" + number + ",abc\n";
    }
    const std::vector<std::string> seen = read_csv(content);
    ASSERT_GT(seen.size(), 1U);
    // Every line is either passed over and counted, or read.
    const std::size_t passed_over = kRowCount + 1 - (seen.size() - 1);
    const std::string last = std::to_string(passed_over + 1);
    EXPECT_EQ(seen[0], "2 bad: row above 1 MiB: lines 2 to " + last + " are passed over, " +
                           std::to_string(passed_over) + " of them; a quote may not be closed");
    EXPECT_THAT(seen[1], ::testing::StartsWith(std::to_string(passed_over + 2) + " 10.1/"));
    EXPECT_GT(seen.size(), kRowCount / 3);
    // The same where the input ends before a line break comes.
    EXPECT_THAT(read_csv("id,name\n1,\"a\n" + std::string(kRowSizeMax + 9, 'x')),
                ElementsAre("2 bad: row above 1 MiB: lines 2 to 3 are passed over, 2 of them; a "
                            "quote may not be closed"));
}

TEST(CsvReader, TakesARowOfTheLargestSize) {
    const std::vector<std::string> options = {"identifier={id}"};
    const std::string row = "10.1/a," + std::string(kRowSizeMax - 7, 'x');
    EXPECT_THAT(read_csv("id,name\r\n" + row + "\r\n10.1/b,\r\n", options),
                ElementsAre("2 10.1/a", "3 10.1/b"));
    EXPECT_THAT(read_csv("id,name\n" + row + "x\n10.1/b,\n", options),
                ElementsAre("2 bad: row above 1 MiB", "3 10.1/b"));
    EXPECT_THAT(read_csv("id,name\n" + row + "x", options), ElementsAre("2 bad: row above 1 MiB"));
}

TEST(CsvReader, LosesOneLineToAQuoteThatIsNeverClosed) {
    EXPECT_THAT(read_csv("id,name\n10.1/a,\"x\n10.1/b,y\n10.1/c,z\n"),
                ElementsAre("2 bad: a quoted field is not closed",
                            "3 10.1/b URL@1=https://x.example/10.1/b NAME@2=y",
                            "4 10.1/c URL@1=https://x.example/10.1/c NAME@2=z"));
    EXPECT_THAT(read_csv("id,name\n\"10.1/a"), ElementsAre("2 bad: a quoted field is not closed"));
}

std::vector<std::uint32_t> times_of(std::string_view content) {
    CsvInput input(content, {"identifier={id}", "timestamp={at}"});
    std::vector<std::uint32_t> times;
    ImportRow row;
    while (input.reader.value()->next(row).value()) {
        EXPECT_EQ(row.fault, "");
        EXPECT_EQ(row.time_defaulted, row.time == kNow);
        times.push_back(row.time);
    }
    return times;
}

TEST(CsvReader, ReadsTimesOrTakesTheMomentOfTheImport) {
    EXPECT_THAT(times_of("id,at\n10.1/a,12\n10.1/b,1970-01-01T00:01:00Z\n10.1/c,\n10.1/d,NA\n"
                         "10.1/e,12\n10.1/f,soon\n"),
                ElementsAre(12U, 60U, kNow, kNow, 12U, kNow));
}

TEST(CsvReader, TellsOfATimeItCannotRead) {
    CsvInput input("id,at\n10.1/a,soon\n", {"identifier={id}", "timestamp={at}"});
    ImportRow row;
    ASSERT_TRUE(input.reader.value()->next(row).value());
    EXPECT_THAT(std::string(row.doubt), HasSubstr("timestamp"));
}

TEST(CsvReader, SaysWhatIsWrongWithAHeader) {
    const CsvInput empty("", kOptions);
    ASSERT_FALSE(empty.reader.has_value());
    EXPECT_THAT(empty.reader.error().text, HasSubstr("empty"));

    const CsvInput unknown("\nid,nam\n", kOptions);
    ASSERT_FALSE(unknown.reader.has_value());
    EXPECT_EQ(unknown.reader.error().line, 2U);
    EXPECT_THAT(unknown.reader.error().to_string(), HasSubstr("rows.csv"));
    EXPECT_THAT(unknown.reader.error().remedy, HasSubstr("\"nam\""));

    const CsvInput unclosed("\"id,name\n", kOptions);
    EXPECT_FALSE(unclosed.reader.has_value());
    const CsvInput wide("id,name" + std::string(5'000, ',') + "\n", kOptions);
    EXPECT_FALSE(wide.reader.has_value());
    const CsvInput long_one("id,name" + std::string(2 * kRowSizeMax, 'x') + "\n", kOptions);
    EXPECT_FALSE(long_one.reader.has_value());
}

TEST(CsvReader, StoresRareCombinationsWhole) {
    std::vector<std::string> options = {"identifier={c0}"};
    std::string content = "c0";
    for (int i = 1; i <= 15; ++i) {
        options.push_back("A@" + std::to_string(i) + "={c" + std::to_string(i) + "}");
        content += ",c" + std::to_string(i);
    }
    for (std::uint32_t bits = 0; bits <= kCombinationCountMax; ++bits) {
        content += "\n10.1/a";
        for (unsigned i = 0; i < 15; ++i) content += (bits >> i & 1) != 0 ? ",x" : ",";
    }
    CsvInput input(content, options);
    ImportRow row;
    std::string last;
    std::size_t whole = 0;
    while (input.reader.value()->next(row).value()) {
        ASSERT_EQ(row.fault, "");
        whole += row.combination == nullptr ? 1 : 0;
        last = shown(row);
    }
    EXPECT_EQ(whole, 1U);
    EXPECT_EQ(last, "16386 10.1/a A@15=x");
}

std::vector<std::string> read_json(std::string_view content,
                                   std::size_t read_size = kReadSizeDefault) {
    const ScratchDirectory scratch;
    JsonLinesReader reader(
        LineSource(InputFile::open(scratch.write("rows.jsonl", content)).value(), read_size),
        kInput, kNow);
    return read_all(reader);
}

std::string record(std::string_view identifier, std::string_view values) {
    return R"({"handle":")" + std::string(identifier) + R"(","values":[)" + std::string(values) +
           "]}";
}

std::string value(std::uint32_t index, std::string_view text) {
    return R"({"index":)" + std::to_string(index) +
           R"(,"type":"URL","data":{"format":"string","value":")" + std::string(text) +
           R"("},"ttl":86400,"timestamp":"2024-01-01T00:00:00Z"})";
}

TEST(JsonLinesReader, ReadsRecords) {
    const std::string content = "\xEF\xBB\xBF" + record("10.1/a", value(1, "one")) + "\r\n\n  \n" +
                                record("10.1/b", value(2, "two") + "," + value(1, "one"));
    const std::vector<std::string> expected = {"1 10.1/a URL@1=one",
                                               "4 10.1/b URL@1=one URL@2=two"};
    for (const std::size_t size : {std::size_t{4}, std::size_t{64}, kReadSizeDefault}) {
        EXPECT_EQ(read_json(content, size), expected);
    }
}

TEST(JsonLinesReader, RejectsWhatMustNotBe) {
    EXPECT_THAT(
        read_json(record("10.1/ a", value(1, "x")) + "\n" + record("", value(1, "x")) + "\n" +
                  record("10.1/a", value(0, "x")) + "\n" +
                  record("10.1/a", value(1, "x") + "," + value(1, "y")) + "\n" +
                  record("10.1/a", value(1, std::string(kRecordSizeMax, 'x'))) + "\n"),
        ElementsAre("1 bad: white space at an end", "2 bad: no identifier", "3 bad: index below 1",
                    "4 bad: index given twice", "5 bad: values above 64 KiB"));
    EXPECT_THAT(read_json(R"({"values":[]})"), ElementsAre("1 bad: no identifier"));
    for (const std::string_view broken :
         {"{", "x", "{} {}", "\xFF", "[[[[[[[[", R"({"handle":7})"}) {
        EXPECT_THAT(read_json(broken), ElementsAre(HasSubstr("1 bad: "))) << broken;
    }
}

TEST(JsonLinesReader, HoldsTheBoundsOfIndexesAndTheirNumber) {
    EXPECT_THAT(read_json(record("10.1/a", value(2'147'483'647, "x")) + "\n" +
                          record("10.1/b", value(2'147'483'648, "x")) + "\n"),
                ElementsAre("1 10.1/a URL@2147483647=x", "2 bad: index above 2147483647"));
    std::string values;
    for (std::size_t i = 1; i <= kListCountMax; ++i) {
        values += (i == 1 ? "" : ",") + std::string(R"({"type":"","data":"","index":)") +
                  std::to_string(i) + "}";
    }
    EXPECT_THAT(read_json(record("10.1/a", values)),
                ElementsAre(::testing::StartsWith("1 10.1/a @1=")));
    values += R"(,{"type":"","data":"","index":2049})";
    EXPECT_THAT(read_json(record("10.1/a", values)),
                ElementsAre("1 bad: more than 2048 values, which no answer can carry"));
}

TEST(JsonLinesReader, KnowsTheIdentifierOfARowWithAFaultBehindIt) {
    const ScratchDirectory scratch;
    const std::string path = scratch.write(
        "rows.jsonl", record("10.1/a", R"({"index":1,"type":7,"data":"x"})") + "\n{\"handle\":\n");
    JsonLinesReader reader(LineSource(InputFile::open(path).value()), kInput, kNow);
    ImportRow row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_NE(row.fault, "");
    EXPECT_EQ(row.identifier, "10.1/a");
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_NE(row.fault, "");
    EXPECT_EQ(row.identifier, "");
}

TEST(JsonLinesReader, GoesOnBehindALineThatIsTooLong) {
    EXPECT_THAT(read_json("{" + std::string(kRowSizeMax, ' ') + "\n" +
                          record("10.1/a", value(1, "x")) + "\n"),
                ElementsAre("1 bad: row above 1 MiB", "2 10.1/a URL@1=x"));
}

TEST(JsonLinesReader, TakesARecordWithoutValues) {
    EXPECT_THAT(read_json(record("10.1/a", "")), ElementsAre("1 10.1/a"));
}

TEST(JsonLinesReader, KnowsWhichTimesItMadeUp) {
    const ScratchDirectory scratch;
    const std::string without = R"({"index":2,"type":"URL","data":"x"})";
    const std::string path =
        scratch.write("rows.jsonl", record("10.1/a", value(1, "x")) + "\n" +
                                        record("10.1/b", value(1, "x") + "," + without) + "\n");
    JsonLinesReader reader(LineSource(InputFile::open(path).value()), kInput, kNow);
    ImportRow row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_FALSE(row.time_defaulted);
    EXPECT_EQ(row.time, 1'704'067'200U);
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_TRUE(row.time_defaulted);
    EXPECT_EQ(row.time, kNow);
}

}  // namespace
}  // namespace idnode::registry
