#include "registry/csv_scanner.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/csv_marks.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> fields_of(std::string_view text) {
    const HeapCopy copy(text);
    CsvScanner scanner;
    EXPECT_EQ(scanner.scan(to_text(copy.bytes()), CsvText::kComplete), CsvScan::kRow) << text;
    return {scanner.fields().begin(), scanner.fields().end()};
}

TEST(CsvScanner, SplitsAtCommas) {
    EXPECT_THAT(fields_of("a,b,c\nnext"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(fields_of("a,,\n"), ElementsAre("a", "", ""));
    EXPECT_THAT(fields_of(","), ElementsAre("", ""));
    EXPECT_THAT(fields_of("\n"), ElementsAre(""));
    EXPECT_THAT(fields_of("alone"), ElementsAre("alone"));
}

TEST(CsvScanner, TakesOneCarriageReturnOff) {
    EXPECT_THAT(fields_of("a,b\r\n"), ElementsAre("a", "b"));
    EXPECT_THAT(fields_of("a,b\r"), ElementsAre("a", "b"));
    EXPECT_THAT(fields_of("a,\r\n"), ElementsAre("a", ""));
    EXPECT_THAT(fields_of("a,\"b\"\r\n"), ElementsAre("a", "b"));
    EXPECT_THAT(fields_of("a,b\r\r\n"), ElementsAre("a", "b\r"));
    EXPECT_THAT(fields_of("a\rb\n"), ElementsAre("a\rb"));
}

TEST(CsvScanner, TakesQuotesOff) {
    EXPECT_THAT(fields_of("\"a\",\"b,c\"\n"), ElementsAre("a", "b,c"));
    EXPECT_THAT(fields_of("\"\",\"\"\"\"\n"), ElementsAre("", "\""));
    EXPECT_THAT(fields_of("\"say \"\"yes\"\", please\",x\n"),
                ElementsAre("say \"yes\", please", "x"));
    EXPECT_THAT(fields_of("\"line\r\nbreak\",x\n"), ElementsAre("line\r\nbreak", "x"));
}

TEST(CsvScanner, LeavesOtherQuotesAsTheyAre) {
    EXPECT_THAT(fields_of("5\" disk,\"\n\"\n"), ElementsAre("5\" disk", "\n"));
    EXPECT_THAT(fields_of("\"a\"b,c\n"), ElementsAre("ab", "c"));
    EXPECT_THAT(fields_of("\"a\"b\"c\",d\n"), ElementsAre("ab\"c\"", "d"));
    EXPECT_THAT(fields_of(" \"a\",b\n"), ElementsAre(" \"a\"", "b"));
}

TEST(CsvScanner, KeepsViewsOfUnquotedFieldsValidThroughTheRow) {
    std::string row;
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        row += "\"" + std::string(static_cast<std::size_t>(i), 'x') + R"(""",)";
        expected.push_back(std::string(static_cast<std::size_t>(i), 'x') + "\"");
    }
    row += "end";
    expected.emplace_back("end");
    EXPECT_EQ(fields_of(row), expected);
}

TEST(CsvScanner, TellsSizesAndLineBreaks) {
    CsvScanner scanner;
    ASSERT_EQ(scanner.scan("ab,\"c\n\nd\"\r\nnext", CsvText::kMayGoOn), CsvScan::kRow);
    EXPECT_EQ(scanner.size(), 9U);
    EXPECT_EQ(scanner.consumed(), 11U);
    EXPECT_EQ(scanner.line_breaks(), 3U);
    ASSERT_EQ(scanner.scan("end", CsvText::kComplete), CsvScan::kRow);
    EXPECT_EQ(scanner.size(), 3U);
    EXPECT_EQ(scanner.consumed(), 3U);
    EXPECT_EQ(scanner.line_breaks(), 0U);
}

TEST(CsvScanner, AsksForMoreUntilTheRowEnds) {
    const std::string row = "a,\"b\"\"\n\",c\r\n";
    for (std::size_t size = 0; size < row.size(); ++size) {
        const HeapCopy copy(std::string_view(row).substr(0, size));
        CsvScanner scanner;
        EXPECT_EQ(scanner.scan(to_text(copy.bytes()), CsvText::kMayGoOn), CsvScan::kIncomplete)
            << size;
    }
    EXPECT_THAT(fields_of(row), ElementsAre("a", "b\"\n", "c"));
}

TEST(CsvScanner, SaysWhenAQuoteIsNeverClosed) {
    CsvScanner scanner;
    EXPECT_EQ(scanner.scan("a,\"b\nc,d\n", CsvText::kComplete), CsvScan::kUnclosedQuote);
    EXPECT_EQ(scanner.scan("a,\"", CsvText::kComplete), CsvScan::kUnclosedQuote);
    EXPECT_EQ(scanner.scan("a,\"\"\"", CsvText::kComplete), CsvScan::kUnclosedQuote);
}

TEST(CsvScanner, CountsFieldsBeyondThoseItKeeps) {
    CsvScanner scanner;
    ASSERT_EQ(scanner.scan(std::string(5'000, ','), CsvText::kComplete), CsvScan::kRow);
    EXPECT_EQ(scanner.field_count(), 5'001U);
    EXPECT_EQ(scanner.fields().size(), kCsvFieldCountMax);
}

TEST(CsvMarks, FindsEachMarkAtEachPlace) {
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (const char mark : {',', '"', '\n'}) {
                std::string text(size, 'x');
                text[at] = mark;
                const HeapCopy copy(text);
                CsvMarks marks(to_text(copy.bytes()));
                EXPECT_EQ(marks.next(), at);
                EXPECT_EQ(marks.next(), size);
                EXPECT_EQ(marks.next(), size);
            }
        }
    }
}

// What the scanner does, one octet at a time.
std::vector<std::string> plain_fields_of(std::string_view text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    bool at_start = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (quoted) {
            if (c == '"' && next == '"') {
                fields.back() += text[++i];
            } else if (c == '"') {
                quoted = false;
            } else {
                fields.back() += c;
            }
            continue;
        }
        if (c == '\n' || (c == '\r' && (next == '\n' || i + 1 == text.size()))) break;
        if (c == '"' && at_start) {
            quoted = true;
        } else if (c == ',') {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
        at_start = c == ',';
    }
    return fields;
}

TEST(CsvScanner, AgreesWithReadingOctetByOctet) {
    std::mt19937 random(7);
    const std::string_view alphabet = "ab,,\"\"\n\r";
    int rows = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t size = 1 + random() % 40; size > 0; --size) {
            text += alphabet[random() % alphabet.size()];
        }
        const HeapCopy copy(text);
        CsvScanner scanner;
        if (scanner.scan(to_text(copy.bytes()), CsvText::kComplete) != CsvScan::kRow) continue;
        ++rows;
        const std::vector<std::string> fields(scanner.fields().begin(), scanner.fields().end());
        ASSERT_EQ(fields, plain_fields_of(text)) << text;
    }
    EXPECT_GT(rows, 10'000);
}

}  // namespace
}  // namespace idnode::registry
