#include "registry/read_ahead.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "registry/csv_reader.h"
#include "registry/json_lines_reader.h"
#include "registry/running_hash.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

constexpr std::uint32_t kNow = 1'700'000'000;
const std::vector<std::string> kMapping = {"identifier={id}", "URL@1=https://x.example/{id}",
                                           "N@2={name}", "D@3={note}"};
// Several batches, and a part of one.
constexpr std::size_t kRows = 2 * ReadAhead::kBatchRowsMax + 100;

std::string csv_rows(std::size_t count) {
    std::string rows = "id,name,note\n";
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 1'000 == 7) rows += "10.1/short\n";
        if (i % 1'000 == 8) rows += "10.1/a b,doubtful,\n";
        rows += fmt::format("10.1/{:06},name {},\"quoted \"\"{}\"\"\"\n", i, i % 3, i);
    }
    return rows;
}

std::string json_rows(std::size_t count) {
    std::string rows;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 1'000 == 7) rows += "{broken\n";
        rows += fmt::format(
            R"({{"handle":"10.1/{:06}","values":[{{"index":1,"type":"URL","data":"u{}"}},)"
            R"({{"index":2,"type":"D","data":{{"format":"base64","value":"AAEC"}}}}]}})"
            "\n",
            i, i);
    }
    return rows;
}

// A pipe whose writing end stays open until close_end().
struct OpenPipe {
    OpenPipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
    ~OpenPipe() { close_end(); }
    OpenPipe(const OpenPipe&) = delete;
    OpenPipe& operator=(const OpenPipe&) = delete;

    void write(std::string_view octets) const {
        EXPECT_EQ(::write(ends[1], octets.data(), octets.size()),
                  static_cast<ssize_t>(octets.size()));
    }
    void close_end() {
        if (ends[1] >= 0) ::close(ends[1]);
        ends[1] = -1;
    }
    InputFile take_input() { return {ends[0], "pipe"}; }

    std::array<int, 2> ends{};
};

class ReadAheadTest : public ::testing::Test {
protected:
    std::unique_ptr<SourceReader> csv(InputFile file) {
        LineSource source(std::move(file), 4'096);
        source.keep_checks();
        auto reader = CsvReader::open(std::move(source), mapper_, 0, kNow);
        EXPECT_TRUE(reader.has_value());
        return std::move(*reader);
    }
    std::unique_ptr<SourceReader> csv(const std::string& path) {
        return csv(InputFile::open(path).value());
    }
    static std::unique_ptr<SourceReader> json(const std::string& path) {
        return std::make_unique<JsonLinesReader>(LineSource(InputFile::open(path).value()), 0,
                                                 kNow);
    }

    ScratchDirectory scratch_;
    RowMapper mapper_{parse_mapping(kMapping, {}).value()};
};

std::string shown(const ImportRow& row) {
    std::string out =
        fmt::format("{} {} {} {} {} [{}] {} {} {} {} {}", row.raw.input, row.raw.line, row.raw.cut,
                    row.raw.end, row.raw.next_line, row.raw.text, row.fault, row.doubt,
                    row.identifier, row.time, row.time_defaulted);
    if (row.combination != nullptr) out += fmt::format(" form {}", row.combination->number);
    for (const std::string_view column : row.columns) out += fmt::format(" <{}>", column);
    out += fmt::format(" own {}", to_text(row.own));
    for (const handle::ValueView& value : row.values) {
        out += fmt::format(" {} {} {} {}", value.index, value.type, to_text(value.data), value.ttl);
    }
    return out;
}

void expect_same_rows(RowReader& ahead, RowReader& plain) {
    ImportRow row;
    ImportRow expected;
    for (std::size_t i = 0;; ++i) {
        const auto more = ahead.next(row);
        const auto wanted = plain.next(expected);
        ASSERT_TRUE(more && wanted);
        ASSERT_EQ(*more, *wanted) << i;
        EXPECT_EQ(ahead.octets_consumed(), plain.octets_consumed());
        if (!*more) break;
        ASSERT_EQ(shown(row), shown(expected)) << i;
    }
    EXPECT_FALSE(*ahead.next(row));
}

TEST_F(ReadAheadTest, GivesTheRowsOfCsvAsTheyAre) {
    const std::string path = scratch_.write("rows.csv", csv_rows(kRows));
    RowMapper mapper(mapper_.mapping());
    const auto plain = CsvReader::open(LineSource(InputFile::open(path).value()), mapper, 0, kNow);
    ASSERT_TRUE(plain);
    ReadAhead ahead(csv(path), false);
    expect_same_rows(ahead, **plain);
}

TEST_F(ReadAheadTest, GivesTheRowsOfJsonLinesAsTheyAre) {
    const std::string path = scratch_.write("rows.jsonl", json_rows(kRows));
    const auto plain = json(path);
    ReadAhead ahead(json(path), false);
    expect_same_rows(ahead, *plain);
    ahead.close();
    const std::string text =
        R"({"handle":"10.1/again","values":[]})" + std::string(kRowPadding, '\0');
    RawRow raw;
    raw.text = std::string_view(text).substr(0, text.size() - kRowPadding);
    ImportRow row;
    ahead.read_again(raw, row);
    EXPECT_EQ(row.identifier, "10.1/again");
}

TEST_F(ReadAheadTest, GivesTheRowsBeforeAProblem) {
    const std::string content = csv_rows(10);
    const std::string packed = scratch_.write("rows.csv", content);
    ASSERT_EQ(std::system(fmt::format("gzip -1 {}", packed).c_str()), 0);
    const std::string path = packed + ".gz";
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
    auto reader = CsvReader::open(LineSource(InputFile::open(path).value(), 64), mapper_, 0, kNow);
    ASSERT_TRUE(reader);
    ReadAhead ahead(std::move(*reader), false);
    ImportRow row;
    std::size_t rows = 0;
    auto more = ahead.next(row);
    for (; more && *more; more = ahead.next(row)) ++rows;
    EXPECT_GT(rows, 0U);
    ASSERT_FALSE(more);
    EXPECT_THAT(more.error().text, ::testing::HasSubstr("cut short"));
    EXPECT_FALSE(ahead.next(row));
}

TEST_F(ReadAheadTest, EndsWhileItWaitsForInput) {
    OpenPipe pipe;
    // The header is read first, by pieces of 4,096 octets.
    pipe.write("id,name,note\n" + std::string(4'096, '\n'));
    ReadAhead ahead(csv(pipe.take_input()), true);
    // Rows for one batch; the thread then waits for more that does not come.
    std::thread writer([&] {
        for (std::size_t i = 0; i < ReadAhead::kBatchRowsMax + 500; ++i) {
            pipe.write(fmt::format("10.1/{:06},a,b\n", i));
        }
    });
    ImportRow row;
    const auto more = ahead.next(row);
    ASSERT_TRUE(more && *more);
    EXPECT_EQ(row.identifier, "10.1/000000");
    writer.join();
}

TEST_F(ReadAheadTest, ChecksOfAStreamReachToABatchBefore) {
    const std::string content = csv_rows(kRows);
    OpenPipe pipe;
    std::thread writer([&] {
        for (std::size_t at = 0; at < content.size(); at += 4'096) {
            pipe.write(std::string_view(content).substr(at, 4'096));
        }
        pipe.close_end();
    });
    ReadAhead ahead(csv(pipe.take_input()), true);
    ImportRow row;
    std::vector<std::uint64_t> ends;
    std::vector<InputCheck> checks;
    while (true) {
        const auto more = ahead.next(row);
        ASSERT_TRUE(more);
        if (!*more) break;
        ends.push_back(row.raw.end);
        checks.push_back(ahead.check_before(row.raw.end).value());
    }
    writer.join();
    ASSERT_GT(ends.size(), kRows);
    EXPECT_EQ(checks.front(), InputCheck{});
    std::uint64_t longest = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        ASSERT_LE(checks[i].end, ends[i]);
        longest = std::max(longest, ends[i] - checks[i].end);
        if (checks[i].end == 0) continue;
        if (i % 1'000 != 0) continue;
        RunningHash hash;
        hash.add(std::string_view(content).substr(0, checks[i].end));
        ASSERT_EQ(checks[i].hash, hash.value()) << i;
    }
    EXPECT_GT(checks.back().end, 0U);
    EXPECT_LE(longest, ReadAhead::kBatchSizeMax);
}

}  // namespace
}  // namespace idnode::registry
