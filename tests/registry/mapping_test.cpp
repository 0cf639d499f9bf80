#include "registry/mapping.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/closest_name.h"
#include "registry/pattern.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Options = std::vector<std::string>;

Checked<Mapping> parse(const Options& options) { return parse_mapping(options, {}); }

Problem refusal(const Options& options) {
    const auto mapping = parse(options);
    EXPECT_FALSE(mapping.has_value()) << options.back();
    return mapping ? Problem{} : mapping.error();
}

// The text of a mapping's right side, columns as their numbers in angle brackets.
std::string shown(const MappedText& text) {
    std::string out;
    for (const MappedPiece& piece : text) {
        out += piece.column == kNoColumn ? piece.literal : "<" + std::to_string(piece.column) + ">";
    }
    return out;
}

std::string shown_right_side(const std::string& right) {
    const auto mapping = parse({"identifier={id}", "URL@1=" + right});
    EXPECT_TRUE(mapping.has_value()) << right;
    return mapping ? shown(mapping->values.front().text) : "";
}

TEST(Mapping, ReadsIdentifierTimestampAndValues) {
    const auto mapping = parse({"URL@7=https://x.example/{doi}?n={name}", "identifier={doi}",
                                "timestamp={at}", "NAME@2={name}"});
    ASSERT_TRUE(mapping.has_value()) << mapping.error().to_string();
    EXPECT_THAT(mapping->columns, ElementsAre("doi", "name", "at"));
    EXPECT_EQ(shown(mapping->identifier), "<0>");
    EXPECT_EQ(shown(mapping->timestamp), "<2>");
    ASSERT_EQ(mapping->values.size(), 2U);
    EXPECT_EQ(mapping->values[0].index, 2U);
    EXPECT_EQ(mapping->values[0].type, "NAME");
    EXPECT_EQ(mapping->values[1].index, 7U);
    EXPECT_EQ(shown(mapping->values[1].text), "https://x.example/<0>?n=<1>");
}

TEST(Mapping, ReadsBracesWrittenTwiceAsOne) {
    EXPECT_EQ(shown_right_side("{{{id}}}"), "{<0>}");
    EXPECT_EQ(shown_right_side("{{id}}"), "{id}");
    EXPECT_EQ(shown_right_side("a}b"), "a}b");
    EXPECT_EQ(shown_right_side("a=b={id}"), "a=b=<0>");
    EXPECT_EQ(shown_right_side(""), "");
}

TEST(Mapping, KeepsTwoValuesOfOneIndex) {
    const auto mapping = parse({"identifier={id}", "URL@1={a}", "URL@1={b}"});
    ASSERT_TRUE(mapping.has_value());
    EXPECT_EQ(mapping->values.size(), 2U);
    EXPECT_EQ(shown(mapping->values[0].text), "<1>");
}

TEST(Mapping, TakesTheLastAtSignAsTheIndexMark) {
    const auto mapping = parse({"identifier={id}", "a@b@3=x"});
    ASSERT_TRUE(mapping.has_value());
    EXPECT_EQ(mapping->values[0].type, "a@b");
    EXPECT_EQ(mapping->values[0].index, 3U);
}

TEST(Mapping, RefusesWhatItCannotRead) {
    EXPECT_THAT(refusal({"URL@1={a}"}).text, HasSubstr("identifier"));
    EXPECT_THAT(refusal({"identifier"}).text, HasSubstr("no ="));
    EXPECT_THAT(refusal({"identifier="}).text, HasSubstr("nothing behind"));
    EXPECT_THAT(refusal({"identifier={id}", "identifier={b}"}).text, HasSubstr("twice"));
    EXPECT_THAT(refusal({"identifier={id"}).text, HasSubstr("without }"));
    EXPECT_THAT(refusal({"identifier={}"}).text, HasSubstr("names no column"));
    EXPECT_THAT(refusal({"identifier={id}", "URL={a}"}).text, HasSubstr("no target"));
    EXPECT_THAT(refusal({"identifier={id}", "@1={a}"}).text, HasSubstr("no type"));
    EXPECT_THAT(refusal({"identifier={id}", "A B@1={a}"}).text, HasSubstr("no type"));
    EXPECT_THAT(refusal({"identifier={id}", "A@1=\xFF"}).text, HasSubstr("UTF-8"));
    for (const std::string_view index : {"", "0", "-1", "1x", "x", "2147483648", "99999999999"}) {
        EXPECT_THAT(refusal({"identifier={id}", "URL@" + std::string(index) + "={a}"}).text,
                    HasSubstr("index"));
    }
}

TEST(Mapping, TakesTheLargestIndex) {
    const auto mapping = parse({"identifier={id}", "URL@2147483647={a}"});
    ASSERT_TRUE(mapping.has_value());
    EXPECT_EQ(mapping->values[0].index, 2'147'483'647U);
}

TEST(Mapping, HoldsItsLimits) {
    Options options = {"identifier={c0}"};
    for (std::size_t i = 1; i < kMappedColumnCountMax; ++i) {
        options.push_back("T@" + std::to_string(i) + "={c" + std::to_string(i) + "}");
    }
    EXPECT_TRUE(parse(options).has_value());
    options.emplace_back("T@99={one_more}");
    EXPECT_THAT(refusal(options).text, HasSubstr("32 columns"));

    std::string text = "URL@1=";
    for (std::size_t i = 0; i < kPatternPieceCountMax; ++i) text += "{id}";
    EXPECT_TRUE(parse({"identifier={id}", text}).has_value());
    EXPECT_THAT(refusal({"identifier={id}", text + "x"}).text, HasSubstr("16 pieces"));

    options = {"identifier={id}"};
    for (std::size_t i = 1; i <= kPatternValueCountMax; ++i) {
        options.push_back("T@" + std::to_string(i) + "=x");
    }
    EXPECT_TRUE(parse(options).has_value());
    options.emplace_back("T@300=x");
    EXPECT_THAT(refusal(options).text, HasSubstr("256 values"));
}

TEST(BindColumns, GivesTheirPlaces) {
    const auto mapping = parse({"identifier={id}", "URL@1={url}"});
    const std::vector<std::string_view> header = {"x", "url", "y", "id"};
    EXPECT_THAT(bind_columns(*mapping, header).value(), ElementsAre(3U, 1U));
}

TEST(BindColumns, NamesTheClosestColumn) {
    const auto mapping = parse({"identifier={pulisher}"});
    const std::vector<std::string_view> header = {"doi", "publisher", "journal"};
    const auto bound = bind_columns(*mapping, header);
    ASSERT_FALSE(bound.has_value());
    EXPECT_THAT(bound.error().text, HasSubstr("\"pulisher\""));
    EXPECT_THAT(bound.error().remedy, HasSubstr("\"publisher\""));
}

TEST(BindColumns, SuggestsNothingFarOff) {
    const auto mapping = parse({"identifier={serial_number}"});
    const std::vector<std::string_view> header = {"doi", "publisher"};
    const auto bound = bind_columns(*mapping, header);
    ASSERT_FALSE(bound.has_value());
    EXPECT_THAT(bound.error().remedy, IsEmpty());
}

TEST(BindColumns, RefusesAColumnThatIsThereTwice) {
    const auto mapping = parse({"identifier={id}"});
    const std::vector<std::string_view> twice = {"id", "x", "id"};
    ASSERT_FALSE(bind_columns(*mapping, twice).has_value());
    const std::vector<std::string_view> other_twice = {"id", "x", "x"};
    EXPECT_TRUE(bind_columns(*mapping, other_twice).has_value());
}

TEST(ClosestName, TakesTheFewestChanges) {
    const std::vector<std::string_view> names = {"identifier", "timestamp", "url"};
    EXPECT_EQ(closest_name("identifer", names), "identifier");
    EXPECT_EQ(closest_name("Identifier", names), "identifier");
    EXPECT_EQ(closest_name("uri", names), "url");
    EXPECT_EQ(closest_name("completely", names), "");
    EXPECT_EQ(closest_name(std::string(1'000, 'x'), names), "");
    EXPECT_EQ(closest_name("x", {}), "");
}

}  // namespace
}  // namespace idnode::registry
