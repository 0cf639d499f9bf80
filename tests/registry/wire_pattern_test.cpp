#include "registry/wire_pattern.h"

#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/value.h"
#include "registry/record.h"

namespace idnode::registry {
namespace {

constexpr std::uint32_t kTime = 1'650'000'000;

struct Columns {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
};

RecordFields fields_of(const Columns& columns, std::string_view identifier) {
    RecordFields fields;
    fields.identifier = identifier;
    fields.time = kTime;
    fields.columns = columns.views;
    return fields;
}

std::string written(ValueCursor values) {
    std::vector<std::uint8_t> room(100'000);
    Writer out(room);
    StoredValue value;
    while (values.next(value)) encode_stored_value(out, value);
    EXPECT_TRUE(values.ok() && out.ok());
    return std::string(to_text(out.written()));
}

// What the plain way writes.
std::string by_values(const Pattern& pattern, const RecordFields& fields) {
    return written({fields, &pattern});
}

// Into as much room as it takes, and into more: then whole words are copied.
std::string by_wire(const Pattern& pattern, const RecordFields& fields) {
    const std::vector<std::uint8_t> octets = encode_wire_pattern(pattern);
    const WirePattern wire(octets.data());
    EXPECT_EQ(wire.value_count(), pattern.values.size());
    const std::size_t size = by_values(pattern, fields).size();
    std::string exact;
    for (const std::size_t more : {0U, 31U, 32U, 100U}) {
        std::vector<std::uint8_t> room(size + more);
        Writer out(room);
        EXPECT_TRUE(wire.write(out, fields, suffix_of(fields.identifier).size()));
        EXPECT_TRUE(out.ok());
        EXPECT_EQ(out.remaining(), more);
        if (more == 0) exact = to_text(out.written());
        EXPECT_EQ(to_text(out.written()), exact);
    }
    return exact;
}

class Random {
public:
    std::size_t below(std::size_t end) { return engine_() % end; }
    std::string text(std::size_t size_max) {
        std::string text(below(size_max + 1), ' ');
        for (char& octet : text) octet = static_cast<char>(engine_());
        return text;
    }
    Piece piece(std::uint8_t column_count) {
        Piece piece;
        piece.kind = static_cast<PieceKind>(below(column_count == 0 ? 3 : 4));
        if (piece.kind == PieceKind::kLiteral) piece.literal = text(150);
        if (piece.kind == PieceKind::kColumn) {
            piece.column = static_cast<std::uint8_t>(below(column_count));
        }
        return piece;
    }
    Pattern pattern() {
        Pattern pattern;
        pattern.column_count = static_cast<std::uint8_t>(below(4));
        for (std::uint32_t i = 0, count = static_cast<std::uint32_t>(below(6)); i < count; ++i) {
            PatternValue value;
            value.index = 3 * i + 1;
            value.ttl_type = static_cast<std::uint8_t>(below(2));
            value.ttl = static_cast<std::uint32_t>(engine_());
            value.permissions = static_cast<std::uint8_t>(0x0E | below(2));
            value.type = text(40);
            value.references = std::string(4, '\0');
            if (below(3) == 0) value.references = std::string("\0\0\0\1\0\0\0\3a/b\0\0\0\7", 15);
            for (std::size_t j = below(5); j > 0; --j) {
                value.data.push_back(piece(pattern.column_count));
            }
            pattern.values.push_back(std::move(value));
        }
        return pattern;
    }
    Columns columns(std::size_t count) {
        Columns columns;
        for (std::size_t i = 0; i < count; ++i) columns.texts.push_back(text(90));
        for (const std::string& each : columns.texts) columns.views.emplace_back(each);
        return columns;
    }

private:
    std::mt19937 engine_{7};
};

TEST(WirePattern, WritesWhatThePlainWayWrites) {
    Random random;
    for (int round = 0; round < 3'000; ++round) {
        const Pattern pattern = random.pattern();
        const Columns columns = random.columns(pattern.column_count);
        const std::string identifier = "88.1/" + random.text(60);
        const RecordFields fields = fields_of(columns, identifier);
        ASSERT_EQ(by_wire(pattern, fields), by_values(pattern, fields)) << round;
    }
}

Pattern one_value(std::uint8_t permissions) {
    PatternValue value;
    value.index = 1;
    value.permissions = permissions;
    value.type = "URL";
    value.references = std::string(4, '\0');
    value.data = {{PieceKind::kColumn, 0, ""}};
    Pattern pattern;
    pattern.column_count = 1;
    pattern.values = {value};
    return pattern;
}

TEST(WirePattern, GivesItsValuesAmongOwnOnes) {
    Random random;
    for (int round = 0; round < 3'000; ++round) {
        const Pattern pattern = random.pattern();
        const Columns columns = random.columns(pattern.column_count);
        RecordFields fields = fields_of(columns, "88.1/ABC");
        // Before, between, in place of and behind those of the pattern.
        std::vector<handle::ValueView> own(random.below(4));
        for (std::size_t i = 0; i < own.size(); ++i) {
            own[i].index = static_cast<std::uint32_t>(5 * i + random.below(5));
            own[i].type = "OWN";
            own[i].data = to_bytes(std::string_view("own data"));
        }
        std::string encoded;
        encode_own_values(own, kTime, encoded);
        fields.own = to_bytes(encoded);
        const std::vector<std::uint8_t> octets = encode_wire_pattern(pattern);
        ASSERT_EQ(written({fields, WirePattern(octets.data())}), by_values(pattern, fields))
            << round;
    }
}

TEST(WirePattern, GivesNoValueOfARecordWithOtherColumns) {
    const std::vector<std::uint8_t> octets = encode_wire_pattern(one_value(handle::kPublicRead));
    const RecordFields fields = fields_of({}, "88.1/a");
    ValueCursor values(fields, WirePattern(octets.data()));
    StoredValue value;
    EXPECT_FALSE(values.next(value));
    EXPECT_FALSE(values.ok());
}

TEST(WirePattern, SaysWhetherAnyoneMayReadAllOfIt) {
    const auto is_public = [](const Pattern& pattern) {
        const std::vector<std::uint8_t> octets = encode_wire_pattern(pattern);
        return WirePattern(octets.data()).is_public();
    };
    EXPECT_TRUE(is_public(one_value(handle::kPublicRead)));
    EXPECT_FALSE(is_public(one_value(0)));
    Pattern both = one_value(handle::kPublicRead);
    both.values.push_back(one_value(0).values[0]);
    EXPECT_FALSE(is_public(both));
    EXPECT_TRUE(is_public(Pattern()));
}

TEST(WirePattern, RefusesOtherColumnsAndTooLittleRoom) {
    const std::vector<std::uint8_t> octets = encode_wire_pattern(one_value(handle::kPublicRead));
    const WirePattern wire(octets.data());
    Random random;
    const Columns none = random.columns(0);
    const Columns one{{"text"}, {"text"}};
    std::array<std::uint8_t, 100> room{};
    Writer out(room);
    EXPECT_FALSE(wire.write(out, fields_of(none, "88.1/a"), 1));
    EXPECT_EQ(out.position(), 0U);
    const std::size_t size = by_values(one_value(handle::kPublicRead), fields_of(one, "a")).size();
    Writer narrow(MutableByteSpan(room).first(size - 1));
    EXPECT_TRUE(wire.write(narrow, fields_of(one, "88.1/a"), 1));
    EXPECT_FALSE(narrow.ok());
    EXPECT_EQ(narrow.position(), 0U);
}

}  // namespace
}  // namespace idnode::registry
