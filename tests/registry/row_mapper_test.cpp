#include "registry/row_mapper.h"

#include <bit>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/gathered_values.h"

namespace idnode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Row = std::vector<std::string_view>;

// Maps rows whose columns are named c0, c1 and so on.
class Mapper {
public:
    explicit Mapper(const std::vector<std::string>& options, MappingDefaults defaults = {})
        : mapper_(parse_mapping(options, std::move(defaults)).value()) {
        for (const std::string& name : mapper_.mapping().columns) {
            places_.push_back(static_cast<std::uint32_t>(std::stoul(name.substr(1))));
        }
    }

    const MappedRow& map(const Row& fields) {
        mapper_.map(places_, fields, row_);
        return row_;
    }

    // The values of the row mapped last, as a client would see them.
    std::vector<std::string> values() {
        RecordFields fields;
        fields.identifier = row_.identifier;
        fields.columns = row_.columns;
        GatheredValues gathered;
        EXPECT_TRUE(gathered.gather(fields, &row_.combination->pattern));
        std::vector<std::string> shown;
        std::size_t size = 0;
        for (const handle::ValueView& value : gathered.values()) {
            shown.push_back(std::string(value.type) + "@" + std::to_string(value.index) + "=" +
                            std::string(to_text(value.data)));
            size += handle::encoded_size(value);
        }
        EXPECT_EQ(row_.values_size, size);
        return shown;
    }

private:
    RowMapper mapper_;
    std::vector<std::uint32_t> places_;
    MappedRow row_;
};

std::vector<PieceKind> kinds_of(const MappedRow& row) {
    std::vector<PieceKind> kinds;
    for (const PatternValue& value : row.combination->pattern.values) {
        for (const Piece& piece : value.data) kinds.push_back(piece.kind);
    }
    return kinds;
}

TEST(RowMapper, FillsValuesFromColumns) {
    Mapper mapper({"identifier={c0}", "URL@1=https://x.example/{c1}?n={c2}&m={c1}", "N@2={c2}"});
    const MappedRow& row = mapper.map({"10.1/a", "one", "two"});
    EXPECT_EQ(row.identifier, "10.1/a");
    EXPECT_THAT(row.columns, ElementsAre("one", "two"));
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/one?n=two&m=one", "N@2=two"));
}

TEST(RowMapper, KeepsTheIdentifierAndItsSuffixOutOfTheColumns) {
    Mapper mapper({"identifier={c0}", "URL@1=https://x.example/{c0}", "URL@2={c1}"});
    EXPECT_THAT(mapper.map({"10.1/a", "a"}).columns, IsEmpty());
    EXPECT_THAT(kinds_of(mapper.map({"10.1/a", "a"})),
                ElementsAre(PieceKind::kLiteral, PieceKind::kIdentifier, PieceKind::kSuffix));
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/10.1/a", "URL@2=a"));

    // Another case is another text.
    EXPECT_THAT(mapper.map({"10.1/a", "A"}).columns, ElementsAre("A"));
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/10.1/a", "URL@2=A"));
    EXPECT_THAT(mapper.map({"10.1/a", "10.1/a"}).columns, IsEmpty());
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/10.1/a", "URL@2=10.1/a"));
}

TEST(RowMapper, FindsTheSuffixOfAnIdentifierPutTogether) {
    Mapper mapper({"identifier=88.1/{c0}", "URL@1=https://x.example/{c0}"});
    const MappedRow& row = mapper.map({"SN1"});
    EXPECT_EQ(row.identifier, "88.1/SN1");
    EXPECT_THAT(row.columns, IsEmpty());
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/SN1"));
}

TEST(RowMapper, LeavesOutValuesWithAnEmptyOrNullColumn) {
    Mapper mapper({"identifier={c0}", "A@1={c1}", "B@2=x{c2}", "C@3=y{c1}{c2}", "D@4=constant"},
                  {.nulls = {"NA", "null"}});
    mapper.map({"10.1/a", "1", "2"});
    EXPECT_THAT(mapper.values(), ElementsAre("A@1=1", "B@2=x2", "C@3=y12", "D@4=constant"));
    mapper.map({"10.1/a", "NA", "2"});
    EXPECT_THAT(mapper.values(), ElementsAre("B@2=x2", "D@4=constant"));
    mapper.map({"10.1/a", "1", ""});
    EXPECT_THAT(mapper.values(), ElementsAre("A@1=1", "D@4=constant"));
    mapper.map({"10.1/a", "null", "NA"});
    EXPECT_THAT(mapper.values(), ElementsAre("D@4=constant"));
}

TEST(RowMapper, GivesNoIdentifierWhereItsColumnIsEmpty) {
    Mapper mapper({"identifier=88.1/{c0}", "A@1=x"}, {.nulls = {"NA"}});
    EXPECT_EQ(mapper.map({""}).identifier, "");
    EXPECT_EQ(mapper.map({"NA"}).identifier, "");
    EXPECT_EQ(mapper.map({"a"}).identifier, "88.1/a");
}

TEST(RowMapper, TakesTwoValuesOfOneIndexIfARowFillsOne) {
    Mapper mapper({"identifier={c0}", "URL@1=https://x.example/{c1}", "URL@1={c2}"});
    EXPECT_FALSE(mapper.map({"10.1/a", "a", ""}).combination->index_twice);
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://x.example/a"));
    EXPECT_FALSE(mapper.map({"10.1/a", "", "https://y.example"}).combination->index_twice);
    EXPECT_THAT(mapper.values(), ElementsAre("URL@1=https://y.example"));
    EXPECT_TRUE(mapper.map({"10.1/a", "a", "b"}).combination->index_twice);
    EXPECT_FALSE(mapper.map({"10.1/a", "", ""}).combination->index_twice);
    EXPECT_THAT(mapper.values(), IsEmpty());
}

TEST(RowMapper, NumbersCombinationsAsTheyOccur) {
    Mapper mapper({"identifier={c0}", "A@1={c1}"});
    EXPECT_EQ(mapper.map({"10.1/a", "x"}).combination->number, 0U);
    EXPECT_EQ(mapper.map({"10.1/a", ""}).combination->number, 1U);
    EXPECT_EQ(mapper.map({"10.1/b", "y"}).combination->number, 0U);
    EXPECT_EQ(mapper.map({"10.1/b", "b"}).combination->number, 2U);
}

TEST(RowMapper, KeepsABoundOnCombinations) {
    std::vector<std::string> options = {"identifier={c0}"};
    for (int i = 1; i <= 15; ++i) {
        options.push_back("A@" + std::to_string(i) + "={c" + std::to_string(i) + "}");
    }
    Mapper mapper(options);
    for (std::uint32_t bits = 0; bits < 1U << 15; ++bits) {
        Row row = {"10.1/a"};
        for (unsigned i = 0; i < 15; ++i) row.emplace_back((bits >> i & 1) != 0 ? "x" : "");
        const MappedRow& mapped = mapper.map(row);
        ASSERT_EQ(mapped.combination->kept, bits < kCombinationCountMax);
        ASSERT_EQ(mapped.columns.size(), static_cast<std::size_t>(std::popcount(bits)));
    }
    const Row last = {"10.1/a", "", "x", "", "", "", "", "", "", "", "", "", "", "", "y", "z"};
    mapper.map(last);
    EXPECT_THAT(mapper.values(), ElementsAre("A@2=x", "A@14=y", "A@15=z"));
}

TEST(RowMapper, GivesTheDefaultsToEveryValue) {
    MappingDefaults defaults;
    defaults.ttl = 60;
    defaults.permissions = handle::kAdminRead;
    Mapper mapper({"identifier={c0}", "A@1=x"}, defaults);
    const PatternValue& value = mapper.map({"10.1/a"}).combination->pattern.values.front();
    EXPECT_EQ(value.ttl, 60U);
    EXPECT_EQ(value.ttl_type, handle::kTtlRelative);
    EXPECT_EQ(value.permissions, handle::kAdminRead);
    EXPECT_EQ(value.references, std::string(4, '\0'));
}

TEST(RowMapper, TakesTheTimestampFromItsColumns) {
    Mapper mapper({"identifier={c0}", "timestamp={c1}T{c2}Z"});
    EXPECT_EQ(mapper.map({"10.1/a", "2024-01-01", "00:00:00"}).timestamp, "2024-01-01T00:00:00Z");
    EXPECT_EQ(mapper.map({"10.1/a", "2024-01-01", ""}).timestamp, "");
}

}  // namespace
}  // namespace idnode::registry
