#include "registry/rejects.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/pending_rows.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

using ::testing::HasSubstr;

class Lines final : public RejectSink {
public:
    void on_reject_line(std::string_view line) override { lines.emplace_back(line); }
    std::vector<std::string> lines;
};

Reject rejected(std::string_view row) {
    Reject reject;
    reject.row.line = 7;
    reject.row.text = row;
    reject.identifier = "10.1/a";
    reject.reason = "empty suffix";
    return reject;
}

std::string json_of(const Reject& reject, std::string_view input_name = {}) {
    std::string json;
    append_reject_json(json, reject, input_name);
    return json;
}

TEST(Rejects, WritesLineIdentifierReasonAndRow) {
    EXPECT_EQ(
        json_of(rejected("10.1/a,\"x\ny\"")),
        R"({"line":7,"identifier":"10.1/a","reason":"empty suffix","row":"10.1/a,\"x\ny\""})");
}

TEST(Rejects, SaysWhatWasTakenAllTheSame) {
    Reject reject = rejected("x");
    reject.kind = RejectKind::kAccepted;
    EXPECT_THAT(json_of(reject), HasSubstr(R"("accepted":true)"));
}

TEST(Rejects, NamesTheInputWhereThereAreSeveral) {
    EXPECT_THAT(json_of(rejected("x"), "b.csv"), HasSubstr(R"({"file":"b.csv","line":7)"));
}

TEST(Rejects, CutsLongRows) {
    const std::string longest(kRejectRowSizeMax, 'x');
    EXPECT_THAT(json_of(rejected(longest)), HasSubstr("\"row\":\"" + longest + "\"}"));
    EXPECT_THAT(json_of(rejected(longest + "y")),
                HasSubstr("\"row\":\"" + longest + R"(","truncated":true})"));
    Reject cut = rejected("start");
    cut.row.cut = true;
    EXPECT_THAT(json_of(cut), HasSubstr(R"("row":"start","truncated":true})"));
}

TEST(Rejects, CutsBetweenCharacters) {
    std::string row = "x";
    for (int i = 0; i < 3'000; ++i) row += "\xC3\xA4";
    const std::string expected = row.substr(0, 4'095);
    EXPECT_THAT(json_of(rejected(row)),
                HasSubstr("\"row\":\"" + expected + R"(","truncated":true)"));
}

TEST(Rejects, WritesOctetsThatAreNoTextAsBase64) {
    EXPECT_THAT(json_of(rejected("\xFF\x01")), HasSubstr(R"("row_base64":"/wE="})"));
    const std::string long_row(5'000, '\xFF');
    EXPECT_THAT(json_of(rejected(long_row)), HasSubstr(R"(","truncated":true})"));
}

TEST(RejectsWriter, WritesAFile) {
    const ScratchDirectory scratch;
    Lines sink;
    auto writer = RejectsWriter::open(scratch.path("bad.jsonl"), {"a.csv"}, sink);
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(writer->write(rejected("x")).has_value());
    ASSERT_TRUE(writer->write(rejected("y")).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    EXPECT_EQ(scratch.read("bad.jsonl"),
              json_of(rejected("x")) + "\n" + json_of(rejected("y")) + "\n");
    EXPECT_TRUE(sink.lines.empty());
}

TEST(RejectsWriter, WritesMoreThanItGathers) {
    const ScratchDirectory scratch;
    Lines sink;
    auto writer = RejectsWriter::open(scratch.path("bad.jsonl"), {"a.csv", "b.csv"}, sink);
    ASSERT_TRUE(writer.has_value());
    const std::string row(3'000, 'x');
    Reject reject = rejected(row);
    reject.row.input = 1;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer->write(reject).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    EXPECT_EQ(scratch.read("bad.jsonl").size(), 100 * (json_of(reject, "b.csv").size() + 1));
}

TEST(RejectsWriter, TellsTheFirstTenWithoutAFile) {
    Lines sink;
    auto writer = RejectsWriter::open("", {"a.csv"}, sink);
    ASSERT_TRUE(writer.has_value());
    for (int i = 0; i < 25; ++i) ASSERT_TRUE(writer->write(rejected("x")).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    EXPECT_EQ(sink.lines.size(), kRejectsToldMax);
    EXPECT_EQ(sink.lines.front(), json_of(rejected("x")));
}

TEST(RejectsWriter, SaysWhatIsWrongWithAPath) {
    const ScratchDirectory scratch;
    Lines sink;
    const auto writer = RejectsWriter::open(scratch.path("absent/bad.jsonl"), {"a.csv"}, sink);
    ASSERT_FALSE(writer.has_value());
    EXPECT_THAT(writer.error().to_string(), HasSubstr("absent/bad.jsonl"));
}

TEST(RejectsWriter, ReportsAFullDisk) {
    Lines sink;
    auto writer = RejectsWriter::open("/dev/full", {"a.csv"}, sink);
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(writer->write(rejected("x")).has_value());
    const auto flushed = writer->flush();
    ASSERT_FALSE(flushed.has_value());
    EXPECT_THAT(flushed.error().text, HasSubstr("No space left"));
}

TEST(PendingRows, GivesRowsBackInOrder) {
    PendingRows pending;
    ImportRow row;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < 5; ++i) {
            const std::string text = "row " + std::to_string(i);
            const std::string identifier = "10.1/" + std::string(i, 'x');
            row.clear();
            row.raw = {i, 100 + i, text, i == 3};
            row.identifier = identifier;
            row.time_defaulted = i == 2;
            if (i == 4) row.doubt = "doubt";
            pending.push_record(row, {});
        }
        for (std::uint32_t i = 0; i < 5; ++i) {
            ASSERT_FALSE(pending.empty());
            const PendingRows::Row front = pending.front();
            EXPECT_EQ(front.raw.text, "row " + std::to_string(i));
            EXPECT_EQ(front.raw.line, 100 + i);
            EXPECT_EQ(front.raw.input, i);
            EXPECT_EQ(front.raw.cut, i == 3);
            EXPECT_EQ(front.identifier, "10.1/" + std::string(i, 'x'));
            EXPECT_EQ(front.time_defaulted, i == 2);
            EXPECT_EQ(front.doubt, i == 4 ? "doubt" : "");
            pending.pop();
        }
        EXPECT_TRUE(pending.empty());
        EXPECT_EQ(pending.octets(), 0U);
    }
}

TEST(PendingRows, KeepsTheStartOfALongRow) {
    PendingRows pending;
    const std::string text(100'000, 'x');
    ImportRow row;
    row.raw = {0, 1, text, false};
    row.identifier = "10.1/a";
    pending.push_record(row, {});
    EXPECT_LT(pending.octets(), 5'000U);
    const PendingRows::Row front = pending.front();
    Reject reject = rejected(front.raw.text);
    EXPECT_THAT(json_of(reject), HasSubstr("\"truncated\":true"));
}

}  // namespace
}  // namespace idnode::registry
