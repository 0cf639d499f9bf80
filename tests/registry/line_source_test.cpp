#include "registry/line_source.h"

#include <string>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Seen {
    std::uint64_t number;
    std::string text;
    bool too_long = false;

    bool operator==(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
    return out << seen.number << ": \"" << seen.text.substr(0, 80) << "\" " << seen.too_long;
}

LineSource open(const std::string& path, std::size_t read_size) {
    auto file = InputFile::open(path);
    EXPECT_TRUE(file.has_value());
    return LineSource(std::move(*file), read_size);
}

std::vector<Seen> lines_of(std::string_view content, std::size_t read_size = kReadSizeDefault) {
    const ScratchDirectory scratch;
    LineSource source = open(scratch.write("input", content), read_size);
    std::vector<Seen> seen;
    InputLine line;
    while (true) {
        const auto more = source.next(line);
        if (!more || !*more) break;
        seen.push_back({line.number, std::string(line.text), line.too_long});
    }
    EXPECT_EQ(source.octets_consumed(), content.size());
    return seen;
}

TEST(LineSource, GivesNoLineOfAnEmptyInput) { EXPECT_THAT(lines_of(""), IsEmpty()); }

TEST(LineSource, TakesLineFeedsAndCarriageReturnsOff) {
    EXPECT_THAT(lines_of("a\nb\r\n\nc"),
                ElementsAre(Seen{1, "a"}, Seen{2, "b"}, Seen{3, ""}, Seen{4, "c"}));
    EXPECT_THAT(lines_of("a\n"), ElementsAre(Seen{1, "a"}));
    EXPECT_THAT(lines_of("a\r"), ElementsAre(Seen{1, "a"}));
    EXPECT_THAT(lines_of("a\r\r\n"), ElementsAre(Seen{1, "a\r"}));
}

TEST(LineSource, KeepsNulOctets) {
    const std::string content("a\0b\nc", 5);
    EXPECT_THAT(lines_of(content), ElementsAre(Seen{1, content.substr(0, 3)}, Seen{2, "c"}));
}

TEST(LineSource, DropsAByteOrderMarkAtTheStartOnly) {
    EXPECT_THAT(lines_of("\xEF\xBB\xBF"
                         "a\n\xEF\xBB\xBF"
                         "b\n"),
                ElementsAre(Seen{1, "a"}, Seen{2,
                                               "\xEF\xBB\xBF"
                                               "b"}));
    EXPECT_THAT(lines_of("\xEF\xBB\xBF"), IsEmpty());
}

TEST(LineSource, GivesTheSameLinesHoweverItReads) {
    const std::string content =
        "\xEF\xBB\xBF"
        "first\r\nsecond line\n\n\r\nlast";
    const std::vector<Seen> whole = lines_of(content);
    for (std::size_t size = 4; size <= content.size() + 1; ++size) {
        EXPECT_EQ(lines_of(content, size), whole) << "reading " << size << " octets at a time";
    }
}

TEST(LineSource, TakesALineOfTheLargestSizeAndNoLongerOne) {
    const std::string largest(kRowSizeMax, 'x');
    for (const std::string_view line_break : {"\n", "\r\n"}) {
        std::string content = largest;
        content += line_break;
        content += "next";
        EXPECT_THAT(lines_of(content), ElementsAre(Seen{1, largest}, Seen{2, "next"}));
        content.insert(0, 1, 'x');
        EXPECT_THAT(lines_of(content), ElementsAre(Seen{1, largest, true}, Seen{2, "next"}));
    }
    EXPECT_THAT(lines_of(largest), ElementsAre(Seen{1, largest}));
    EXPECT_THAT(lines_of(largest + 'x'), ElementsAre(Seen{1, largest, true}));
}

TEST(LineSource, GoesOnBehindALongLineWithinBoundedMemory) {
    const std::string content = "a\n" + std::string(9 * kRowSizeMax + 17, 'x') + "\r\nb\n";
    const ScratchDirectory scratch;
    LineSource source = open(scratch.write("input", content), kReadSizeDefault);
    InputLine line;
    ASSERT_TRUE(source.next(line).value());
    ASSERT_TRUE(source.next(line).value());
    EXPECT_TRUE(line.too_long);
    EXPECT_EQ(line.text.size(), kRowSizeMax);
    EXPECT_LE(source.window().size(), kRowSizeMax + 2 * kReadSizeDefault);
    ASSERT_TRUE(source.next(line).value());
    EXPECT_EQ(line.text, "b");
    EXPECT_EQ(line.number, 3U);
    EXPECT_FALSE(source.next(line).value());
}

TEST(LineSource, KnowsWhereARowOverSeveralLinesEnds) {
    const std::string half(kRowSizeMax / 2, 'x');
    const ScratchDirectory scratch;
    for (const bool ends_in_break : {true, false}) {
        const std::string content = "a\n" + half + "\n" + half + "\n" + half;
        LineSource source =
            open(scratch.write("input", content + (ends_in_break ? "\n" : "")), kReadSizeDefault);
        InputLine line;
        ASSERT_TRUE(source.next(line).value());
        EXPECT_EQ(line.last, 1U);
        while (source.read_more().value()) {
        }
        ASSERT_TRUE(source.next_too_long(line).has_value());
        EXPECT_EQ(line.number, 2U);
        // The break right behind the limit is the one at which the row is cut off.
        EXPECT_EQ(line.last, 3U);
        ASSERT_TRUE(source.next_too_long(line).has_value());
        EXPECT_EQ(line.number, 4U);
        EXPECT_EQ(line.last, 4U);
    }
}

TEST(LineSource, LetsFastParsersReadBehindALine) {
    const ScratchDirectory scratch;
    LineSource source = open(scratch.write("input", "a\nb"), 4);
    InputLine line;
    while (source.next(line).value()) {
        unsigned sum = 0;
        for (std::size_t i = 0; i < kRowPadding; ++i) {
            sum += static_cast<unsigned char>(*(line.text.data() + line.text.size() + i));
        }
        EXPECT_LE(sum, 255U * kRowPadding);
    }
}

TEST(LineSource, ReadsAPipeToItsEnd) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "one\ntwo", 7), 7);
    ::close(ends[1]);
    LineSource source(InputFile(ends[0], "a pipe"));
    EXPECT_FALSE(source.file().size().has_value());
    InputLine line;
    ASSERT_TRUE(source.next(line).value());
    EXPECT_EQ(line.text, "one");
    ASSERT_TRUE(source.next(line).value());
    EXPECT_EQ(line.text, "two");
    EXPECT_FALSE(source.next(line).value());
}

TEST(InputFile, SaysWhatIsWrongWithAPath) {
    const ScratchDirectory scratch;
    const auto absent = InputFile::open(scratch.path("absent.csv"));
    ASSERT_FALSE(absent.has_value());
    EXPECT_THAT(absent.error().to_string(), HasSubstr("absent.csv"));
    EXPECT_THAT(absent.error().text, HasSubstr("No such file"));

    const auto directory = InputFile::open(scratch.path());
    ASSERT_FALSE(directory.has_value());
    EXPECT_THAT(directory.error().text, HasSubstr("directory"));
}

TEST(InputFile, KnowsTheSizeOfAFile) {
    const ScratchDirectory scratch;
    const auto file = InputFile::open(scratch.write("input", "12345"));
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->size(), 5U);
}

TEST(InputFile, ReportsAReadError) {
    const ScratchDirectory scratch;
    const int write_only = ::open(scratch.path("out").c_str(), O_WRONLY | O_CREAT, 0600);
    EXPECT_GE(write_only, 0);
    LineSource source(InputFile(write_only, "out"));
    InputLine line;
    const auto read = source.next(line);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().file, "out");
}

}  // namespace
}  // namespace idnode::registry
