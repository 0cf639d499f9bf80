#include "registry/pattern.h"

#include <random>

#include <gtest/gtest.h>

#include "registry/tlv.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

using namespace std::string_literals;

const std::string kNoneReferred("\0\0\0\0", 4);

PatternValue value_of(std::uint32_t index, std::string type, std::vector<Piece> data) {
    PatternValue value;
    value.index = index;
    value.permissions = 0x0E;
    value.ttl = 86'400;
    value.type = std::move(type);
    value.references = kNoneReferred;
    value.data = std::move(data);
    return value;
}

Pattern sample() {
    Pattern pattern;
    pattern.column_count = 2;
    pattern.values.push_back(value_of(1, "URL",
                                      {{PieceKind::kLiteral, 0, "https://e.org/"},
                                       {PieceKind::kIdentifier, 0, ""},
                                       {PieceKind::kLiteral, 0, "?s="},
                                       {PieceKind::kSuffix, 0, ""}}));
    pattern.values.push_back(value_of(2, "MODEL", {{PieceKind::kColumn, 1, ""}}));
    pattern.values.push_back(
        value_of(900, "BATCH", {{PieceKind::kColumn, 0, ""}, {PieceKind::kColumn, 1, ""}}));
    pattern.values.back().references = "\0\0\0\1\0\0\0\3a/b\0\0\0\7"s;
    pattern.values.push_back(value_of(0xFFFFFFFF, "EMPTY", {}));
    pattern.values.back().ttl_type = 1;
    return pattern;
}

TEST(Pattern, ComesBack) {
    const Pattern pattern = sample();
    const HeapCopy stored(encode_pattern(pattern));
    const auto decoded = decode_pattern(stored.bytes());
    ASSERT_TRUE(decoded.has_value()) << decoded.error().where;
    EXPECT_EQ(*decoded, pattern);
}

TEST(Pattern, TakesTheOctetsThatTheFormatSays) {
    Pattern pattern;
    pattern.column_count = 1;
    pattern.values.push_back(
        value_of(3, "U", {{PieceKind::kLiteral, 0, "ab"}, {PieceKind::kColumn, 0, ""}}));
    EXPECT_EQ(encode_pattern(pattern),
              "P\1\1\1"
              "\3\0\x80\xA3\5\x0E\1U\4\0\0\0\0\2"
              "\0\2ab\3\0"s);
}

TEST(Pattern, EveryShorterInputIsRefused) {
    const std::string stored = encode_pattern(sample());
    for (std::size_t size = 0; size < stored.size(); ++size) {
        const HeapCopy copy(std::string_view(stored).substr(0, size));
        EXPECT_FALSE(decode_pattern(copy.bytes()).has_value()) << size;
    }
}

TEST(Pattern, UnknownKindVersionAndCriticalTlvAreUnsupported) {
    const std::string stored = encode_pattern(sample());
    for (const std::size_t octet : {0U, 1U}) {
        std::string other = stored;
        ++other[octet];
        const auto decoded = decode_pattern(to_bytes(other));
        ASSERT_FALSE(decoded.has_value());
        EXPECT_EQ(decoded.error().kind, ErrorKind::kUnsupported);
    }
    std::string extended = stored;
    append_tlv(extended, 0x01, to_bytes("class"));
    const auto harmless = decode_pattern(to_bytes(extended));
    ASSERT_TRUE(harmless.has_value());
    EXPECT_EQ(*harmless, sample());
    append_tlv(extended, 0x81, to_bytes("grade"));
    const auto critical = decode_pattern(to_bytes(extended));
    ASSERT_FALSE(critical.has_value());
    EXPECT_EQ(critical.error().kind, ErrorKind::kUnsupported);
}

void expect_corrupt(const Pattern& pattern) {
    const auto decoded = decode_pattern(to_bytes(encode_pattern(pattern)));
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().kind, ErrorKind::kCorrupt);
}

TEST(Pattern, ContradictionsAreRefused) {
    Pattern equal_indexes = sample();
    equal_indexes.values[1].index = 1;
    expect_corrupt(equal_indexes);

    Pattern column_missing = sample();
    column_missing.column_count = 3;
    expect_corrupt(column_missing);

    Pattern column_beyond = sample();
    column_beyond.column_count = 1;
    expect_corrupt(column_beyond);

    Pattern references_cut = sample();
    references_cut.values[2].references.pop_back();
    expect_corrupt(references_cut);

    Pattern references_empty = sample();
    references_empty.values[0].references.clear();
    expect_corrupt(references_empty);
}

TEST(Pattern, LimitsHoldExactly) {
    Pattern pattern;
    pattern.column_count = kPatternColumnCountMax;
    for (std::uint32_t i = 0; i < kPatternValueCountMax; ++i) {
        const auto column = static_cast<std::uint8_t>(i % kPatternColumnCountMax);
        pattern.values.push_back(value_of(
            i, "T", std::vector<Piece>(kPatternPieceCountMax, {PieceKind::kColumn, column, ""})));
    }
    const auto decoded = decode_pattern(to_bytes(encode_pattern(pattern)));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, pattern);

    Pattern pieces = pattern;
    pieces.values[9].data.emplace_back();
    expect_corrupt(pieces);
    Pattern values = pattern;
    values.values.push_back(value_of(1000, "T", {}));
    expect_corrupt(values);
    Pattern columns = pattern;
    columns.column_count = kPatternColumnCountMax + 1;
    columns.values[0].data[0].column = kPatternColumnCountMax;
    expect_corrupt(columns);
}

TEST(Pattern, DamageIsRefusedOrGivesAPatternThatComesBack) {
    const std::string stored = encode_pattern(sample());
    for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
        HeapCopy copy(stored);
        copy.writable()[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto decoded = decode_pattern(copy.bytes());
        if (decoded) {
            EXPECT_EQ(encode_pattern(*decoded), to_text(copy.bytes())) << bit;
        }
    }
}

}  // namespace
}  // namespace idnode::registry
