// Columns end in the cheapest form, and every form comes back.
#include "registry/pack_columns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/registry/block_samples.h"

namespace idnode::registry {
namespace {

SampleMap numbered(std::size_t count) {
    SampleMap map;
    for (std::size_t i = 0; i < count; ++i) {
        add_sample(map, {fmt::format("8.1/{:05}", i), 50, {1, 0}, {""}, ""});
    }
    return map;
}

// The first column's form in the block that holds the whole map.
ColumnForm column_form(const SampleMap& map) {
    check_map(map, kBlockSize);
    const SampleViews views(map);
    std::vector<std::uint8_t> octets;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, octets).value(), map.size());
    const auto block = parse_block(octets);
    return static_cast<ColumnForm>(block->section(Section::kColumns)[2]);
}

template <class TextOf>
SampleMap with_column(std::size_t count, TextOf text_of) {
    SampleMap map = numbered(count);
    std::size_t i = 0;
    for (auto& [folded, record] : map) record.columns[0] = text_of(i++);
    return map;
}

TEST(PackColumns, OneTextIsKeptOnce) {
    for (const char* text : {"", "x", "a long text that all of them have"}) {
        EXPECT_EQ(column_form(with_column(300, [&](std::size_t) { return std::string(text); })),
                  ColumnForm::kOne);
    }
}

TEST(PackColumns, TextsOfOneSizeNeedNoEnds) {
    EXPECT_EQ(column_form(with_column(
                  300, [](std::size_t i) { return fmt::format("{:05}.", i * 7'919 % 100'000); })),
              ColumnForm::kFixed);
    EXPECT_EQ(column_form(with_column(
                  300, [](std::size_t i) { return fmt::format("{:05}", i * 7'919 % 100'000); })),
              ColumnForm::kFixedShared);
    EXPECT_EQ(
        column_form(with_column(
            300, [](std::size_t i) { return fmt::format("a start {:05}.", i * 7'919 % 100'000); })),
        ColumnForm::kFixedShared);
}

TEST(PackColumns, TextsOfManySizesAreKeptPlain) {
    EXPECT_EQ(
        column_form(with_column(
            300, [](std::size_t i) { return fmt::format("{}.", i * i * 7'919 % 1'000'003); })),
        ColumnForm::kPlain);
    EXPECT_EQ(column_form(with_column(
                  300, [](std::size_t i) { return std::to_string(i * i * 7'919 % 1'000'003); })),
              ColumnForm::kPlainShared);
    EXPECT_EQ(column_form(with_column(
                  300, [](std::size_t i) { return fmt::format("a start {}.", i * i * 7'919); })),
              ColumnForm::kPlainShared);
}

TEST(PackColumns, TextsThatGoOnAreKeptAsRuns) {
    EXPECT_EQ(column_form(with_column(
                  600, [](std::size_t i) { return fmt::format("batch number {}", i / 90); })),
              ColumnForm::kRuns);
}

TEST(PackColumns, TextsThatComeAgainAreKeptInADictionary) {
    EXPECT_EQ(column_form(with_column(
                  600, [](std::size_t i) { return fmt::format("journal {}", i * 7 % 23); })),
              ColumnForm::kDictionary);
    // More words than the first table of the packer has room for.
    EXPECT_EQ(column_form(with_column(
                  800, [](std::size_t i) { return fmt::format("number {}", i * i % 119); })),
              ColumnForm::kDictionary);
}

TEST(PackColumns, RecordsOfAnotherPatternDoNotDisturbAColumn) {
    for (const std::size_t step : {1U, 7U, 90U}) {
        SampleMap map =
            with_column(400, [&](std::size_t i) { return fmt::format("text {}", i / step); });
        std::size_t i = 0;
        for (auto& [folded, record] : map) {
            if (i++ % 5 != 0) continue;
            record.pattern = {1, 9};
            record.columns = {"other", "columns"};
        }
        check_map(map, kBlockSize);
    }
}

TEST(PackColumns, AsManyColumnsAsAPatternMayHave) {
    SampleMap map = numbered(200);
    std::size_t i = 0;
    for (auto& [folded, record] : map) {
        record.columns.clear();
        for (std::size_t k = 0; k < kPatternColumnCountMax; ++k) {
            record.columns.push_back(std::to_string(i / (k + 1)));
        }
        ++i;
    }
    check_map(map, kBlockSize);
}

}  // namespace
}  // namespace idnode::registry
