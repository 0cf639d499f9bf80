#include "bench/rows.h"

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

Mix make_mix(int kind, std::uint64_t count) {
    return Mix::make({.kind = static_cast<MixKind>(kind), .count = count, .seed = 1}).value();
}

std::string rows_of(const Mix& mix, RowFormat format, std::uint64_t from, std::uint64_t end) {
    std::string text;
    EXPECT_TRUE(write_rows(mix, format, from, end, [&](std::string_view piece) {
        text += piece;
        return true;
    }));
    return text;
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) parts.push_back(part);
    if (!text.empty() && text.back() == at && at == ',') parts.emplace_back();
    return parts;
}

// What a mapping gives for a row, by the words of its argument alone; nothing: a column is empty.
std::optional<std::string> mapped(std::string pattern,
                                  const std::map<std::string, std::string>& row) {
    for (std::size_t open = pattern.find('{'); open != std::string::npos;
         open = pattern.find('{')) {
        const std::size_t close = pattern.find('}', open);
        const std::string& text = row.at(pattern.substr(open + 1, close - open - 1));
        if (text.empty()) return std::nullopt;
        pattern.replace(open, close + 1 - open, text);
    }
    return pattern;
}

// The record of a CSV row as Handle JSON, from the header and the map arguments only.
std::string json_of_row(const std::string& header, const std::string& line,
                        const std::vector<std::string>& maps) {
    const std::vector<std::string> names = split(header, ',');
    const std::vector<std::string> texts = split(line, ',');
    EXPECT_EQ(names.size(), texts.size()) << line;
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = texts.at(i);
    const std::string time = iso_time(static_cast<std::uint32_t>(std::stoul(row["timestamp"])));
    std::string json = R"({"handle":")" + row["identifier"] + R"(","values":[)";
    for (const std::string& argument : maps) {
        const std::size_t equals = argument.find('=', 6);
        const std::string left = argument.substr(6, equals - 6);
        if (left == "identifier" || left == "timestamp") continue;
        const std::optional<std::string> data = mapped(argument.substr(equals + 1), row);
        if (!data) continue;
        if (json.back() == '}') json += ',';
        const std::size_t at = left.find('@');
        json += R"({"index":)" + left.substr(at + 1) + R"(,"type":")" + left.substr(0, at) +
                R"(","data":{"format":"string","value":")" + *data +
                R"("},"ttl":86400,"timestamp":")" + time + R"("})";
    }
    return json + "]}";
}

TEST(Rows, CsvWithItsMappingsSaysTheSameAsJson) {
    for (int kind = 0; kind <= 4; ++kind) {
        const Mix mix = make_mix(kind, 5'000);
        const Layout layout = layout_of(mix.options().kind);
        std::string header = csv_header(layout);
        ASSERT_EQ(header.back(), '\n');
        header.pop_back();
        const auto csv = split(rows_of(mix, RowFormat::kCsv, 0, mix.count()), '\n');
        const auto json = split(rows_of(mix, RowFormat::kJsonLines, 0, mix.count()), '\n');
        ASSERT_EQ(csv.size(), mix.count());
        ASSERT_EQ(json.size(), mix.count());
        for (std::size_t i = 0; i < csv.size(); ++i) {
            ASSERT_EQ(json_of_row(header, csv[i], map_arguments(layout)), json[i]);
        }
    }
}

TEST(Rows, OfARangeAreAPartOfTheWhole) {
    const Mix mix = make_mix(0, 50'000);
    const std::string whole = rows_of(mix, RowFormat::kCsv, 0, mix.count());
    EXPECT_GT(whole.size(), std::size_t{2} << 20);  // Several pieces.
    for (const std::uint64_t cut : {0U, 1U, 20'001U, 49'999U, 50'000U}) {
        EXPECT_EQ(
            rows_of(mix, RowFormat::kCsv, 0, cut) + rows_of(mix, RowFormat::kCsv, cut, 50'000),
            whole);
    }
}

TEST(Rows, NeedNoEscaping) {
    for (int kind = 0; kind <= 4; ++kind) {
        const Mix mix = make_mix(kind, 5'000);
        const Layout layout = layout_of(mix.options().kind);
        MixReader reader(mix);
        Item item;
        for (std::uint64_t i = 0; i < mix.count(); ++i) {
            reader.read(i, item);
            for (const Column column : layout.columns) {
                const std::string_view text = column_text(column, item);
                ASSERT_EQ(text.find_first_of("\",\\\r\n\t"), std::string_view::npos) << text;
            }
        }
    }
}

TEST(Rows, RecordIsTheLineOfTheJsonLines) {
    const Mix mix = make_mix(3, 1'000);
    MixReader reader(mix);
    Item item;
    reader.read(777, item);
    EXPECT_EQ(record_json(layout_of(mix.options().kind), item) + '\n',
              rows_of(mix, RowFormat::kJsonLines, 777, 778));
}

TEST(Rows, EndWhenTheSinkHasEnough) {
    const Mix mix = make_mix(1, 100'000);
    int pieces = 0;
    EXPECT_FALSE(write_rows(mix, RowFormat::kCsv, 0, mix.count(),
                            [&](std::string_view) { return ++pieces < 2; }));
    EXPECT_EQ(pieces, 2);
}

TEST(Rows, TimesAreIso8601) {
    EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(iso_time(1'700'000'000), "2023-11-14T22:13:20Z");
    EXPECT_EQ(iso_time(UINT32_MAX), "2106-02-07T06:28:15Z");
}

}  // namespace
}  // namespace idnode::bench
