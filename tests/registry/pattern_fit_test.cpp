#include "registry/pattern_fit.h"

#include <gmock/gmock.h>

#include "tests/registry/plain_values.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Pattern url_of(std::vector<Piece> data, std::uint8_t columns) {
    return {{pattern_value(1, "URL", std::move(data))}, columns};
}

// The columns with which "URL@1=`data`" of 88.1/Ab fits, or "no".
std::vector<std::string> columns_of(const Pattern& pattern, std::string_view data) {
    PatternFit fit(pattern);
    PlainValues values("88.1/Ab", 7);
    values.add(1, "URL", data);
    if (!fit.fits_all(values.record())) return {"no"};
    return {fit.columns().begin(), fit.columns().end()};
}

TEST(PatternFit, PutsSlotsWhereTheyAre) {
    const Pattern pattern = url_of({literal("x/"), suffix(), literal("?"), identifier()}, 0);
    EXPECT_THAT(columns_of(pattern, "x/Ab?88.1/Ab"), IsEmpty());
    for (const char* const other : {"x/AB?88.1/Ab", "x/Ab?88.1/A", "x/Ab?88.1/Ab ", "x/", ""}) {
        EXPECT_THAT(columns_of(pattern, other), ElementsAre("no")) << other;
    }
}

TEST(PatternFit, GivesColumnsWhatIsLeft) {
    const Pattern ends = url_of({column(0), literal("/"), suffix()}, 1);
    EXPECT_THAT(columns_of(ends, "a/b/Ab"), ElementsAre("a/b"));
    EXPECT_THAT(columns_of(ends, "/Ab"), ElementsAre(""));
    EXPECT_THAT(columns_of(ends, "/A"), ElementsAre("no"));
    EXPECT_THAT(columns_of(url_of({column(0)}, 1), ""), ElementsAre(""));
    const Pattern two = url_of({column(0), literal("-"), column(1), literal(".")}, 2);
    EXPECT_THAT(columns_of(two, "a-b-c."), ElementsAre("a", "b-c"));
    EXPECT_THAT(columns_of(two, "a-b-c"), ElementsAre("no"));
    EXPECT_THAT(columns_of(two, "abc."), ElementsAre("no"));
}

TEST(PatternFit, HoldsAColumnTwiceToOneText) {
    const Pattern pattern = url_of({column(0), literal("="), column(0)}, 1);
    EXPECT_THAT(columns_of(pattern, "ab=ab"), ElementsAre("ab"));
    EXPECT_THAT(columns_of(pattern, "ab=ac"), ElementsAre("no"));
}

TEST(PatternFit, DoesNotGuessBetweenColumnsSideBySide) {
    EXPECT_THAT(columns_of(url_of({column(0), column(1)}, 2), "ab"), ElementsAre("no"));
}

TEST(PatternFit, AsksForEveryFieldOfAValue) {
    const Pattern pattern = url_of({literal("x")}, 0);
    const auto fits_with = [&pattern](auto change) {
        PlainValues values("88.1/Ab", 7);
        change(values.add(1, "URL", "x").last());
        return PatternFit(pattern).fits_all(values.record());
    };
    using handle::ValueView;
    static constexpr std::uint8_t kOneReference[] = {0, 0, 0, 1, 0, 0, 0, 1, 'a', 0, 0, 0, 1};
    EXPECT_TRUE(fits_with([](ValueView&) {}));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.index = 2; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.timestamp = 8; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.ttl = 1; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.ttl_type = handle::kTtlAbsolute; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.permissions = 0; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.type = "URN"; }));
    EXPECT_FALSE(fits_with([](ValueView& value) { value.references = kOneReference; }));
}

TEST(PatternFit, LeavesOtherValuesToTheRecord) {
    const Pattern pattern = {
        {pattern_value(1, "URL", {literal("x/"), suffix()}), pattern_value(3, "NAME", {column(0)})},
        1};
    PatternFit fit(pattern);
    PlainValues more("88.1/Ab", 7);
    more.add(1, "URL", "x/Ab").add(2, "DESC", "d").add(3, "NAME", "n").add(4, "NOTE", "o");
    EXPECT_FALSE(fit.fits_all(more.record()));
    ASSERT_TRUE(fit.fits_some(more.record()));
    EXPECT_THAT(fit.columns(), ElementsAre("n"));
    ASSERT_THAT(fit.own(), SizeIs(2));
    EXPECT_EQ(fit.own()[0].index, 2U);
    EXPECT_EQ(fit.own()[1].index, 4U);

    PlainValues another("88.1/Ab", 7);
    another.add(1, "URL", "elsewhere").add(3, "NAME", "n");
    ASSERT_TRUE(fit.fits_some(another.record()));
    ASSERT_THAT(fit.own(), SizeIs(1));
    EXPECT_EQ(fit.own()[0].index, 1U);
}

TEST(PatternFit, DoesNotAddWhatTheRecordLacks) {
    const Pattern pattern = {
        {pattern_value(1, "URL", {literal("x")}), pattern_value(3, "NAME", {column(0)})}, 1};
    PatternFit fit(pattern);
    PlainValues fewer("88.1/Ab", 7);
    fewer.add(1, "URL", "x").add(4, "NOTE", "o");
    EXPECT_FALSE(fit.fits_some(fewer.record()));
    // All is said otherwise: nothing fits, and the column has no text.
    PlainValues nothing("88.1/Ab", 7);
    nothing.add(1, "URN", "y").add(3, "URN", "z");
    EXPECT_FALSE(fit.fits_some(nothing.record()));
    PlainValues no_text("88.1/Ab", 7);
    no_text.add(1, "URL", "x").add(3, "URN", "z");
    EXPECT_FALSE(fit.fits_some(no_text.record()));
}

}  // namespace
}  // namespace idnode::registry
