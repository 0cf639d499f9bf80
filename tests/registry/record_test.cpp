#include "registry/record.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

constexpr std::uint32_t kTime = 1'650'000'000;

struct Given {
    std::uint32_t index;
    std::string type;
    std::string data;
    std::uint32_t timestamp;

    bool operator==(const Given&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Given& given) {
    return out << given.index << ' ' << given.type << ' ' << given.data << ' ' << given.timestamp;
}

std::vector<Given> all_of(ValueCursor cursor) {
    std::vector<Given> all;
    StoredValue value;
    while (cursor.next(value)) {
        std::string data;
        for (std::size_t i = 0; i < value.piece_count; ++i) data += to_text(value.pieces[i]);
        EXPECT_EQ(data.size(), value.data_size);
        all.push_back({value.index, std::string(value.type), data, value.timestamp});
    }
    return all;
}

PatternValue shared(std::uint32_t index, std::vector<Piece> data) {
    PatternValue value;
    value.index = index;
    value.type = "T" + std::to_string(index);
    value.references = std::string(4, '\0');
    value.data = std::move(data);
    return value;
}

Pattern three_values() {
    Pattern pattern;
    pattern.column_count = 1;
    pattern.values = {shared(2, {{PieceKind::kLiteral, 0, "id="},
                                 {PieceKind::kIdentifier, 0, ""},
                                 {PieceKind::kLiteral, 0, ";"},
                                 {PieceKind::kSuffix, 0, ""}}),
                      shared(4, {{PieceKind::kColumn, 0, ""}}), shared(6, {})};
    return pattern;
}

std::string own_of(const std::vector<std::uint32_t>& indexes) {
    std::vector<handle::ValueView> values;
    for (const std::uint32_t index : indexes) {
        handle::ValueView value;
        value.index = index;
        value.timestamp = kTime + index;
        value.type = "OWN";
        value.data = to_bytes("own");
        values.push_back(value);
    }
    std::string out;
    encode_own_values(values, kTime, out);
    return out;
}

RecordFields fields_of(std::span<const std::string_view> columns, ByteSpan own) {
    RecordFields fields;
    fields.identifier = "88.1/Sn/7";
    fields.time = kTime;
    fields.pattern = {1, 2};
    fields.columns = columns;
    fields.own = own;
    return fields;
}

TEST(ValueCursor, FillsThePiecesOfAPattern) {
    const Pattern pattern = three_values();
    const std::array<std::string_view, 1> columns = {"batch 9"};
    const RecordFields fields = fields_of(columns, {});
    const std::vector<Given> expected = {
        {2, "T2", "id=88.1/Sn/7;Sn/7", kTime}, {4, "T4", "batch 9", kTime}, {6, "T6", "", kTime}};
    EXPECT_EQ(all_of({fields, &pattern}), expected);
}

TEST(ValueCursor, AddsAndReplacesOwnValuesInOrder) {
    const Pattern pattern = three_values();
    const std::array<std::string_view, 1> columns = {"c"};
    const std::string own = own_of({1, 4, 5, 9});
    const RecordFields fields = fields_of(columns, to_bytes(own));
    const std::vector<Given> expected = {
        {1, "OWN", "own", kTime + 1}, {2, "T2", "id=88.1/Sn/7;Sn/7", kTime},
        {4, "OWN", "own", kTime + 4}, {5, "OWN", "own", kTime + 5},
        {6, "T6", "", kTime},         {9, "OWN", "own", kTime + 9}};
    EXPECT_EQ(all_of({fields, &pattern}), expected);
}

TEST(ValueCursor, GivesARecordStoredWhole) {
    const std::string own = own_of({1, 2});
    const RecordFields fields = fields_of({}, to_bytes(own));
    const std::vector<Given> expected = {{1, "OWN", "own", kTime + 1},
                                         {2, "OWN", "own", kTime + 2}};
    EXPECT_EQ(all_of({fields, nullptr}), expected);
    const RecordFields nothing = fields_of({}, {});
    EXPECT_TRUE(all_of({nothing, nullptr}).empty());
}

TEST(ValueCursor, SaysSoWhenOwnValuesAreDamagedOrAColumnIsMissing) {
    const Pattern pattern = three_values();
    const std::array<std::string_view, 1> columns = {"c"};
    const std::string own = own_of({1, 5});
    for (std::size_t size = 1; size < own.size(); ++size) {
        const HeapCopy cut(std::string_view(own).substr(0, size));
        const RecordFields fields = fields_of(columns, cut.bytes());
        ValueCursor cursor(fields, &pattern);
        StoredValue value;
        while (cursor.next(value)) {
        }
        EXPECT_FALSE(cursor.ok()) << size;
    }
    const RecordFields fields = fields_of({}, {});
    ValueCursor cursor(fields, &pattern);
    StoredValue value;
    EXPECT_TRUE(cursor.next(value));
    EXPECT_FALSE(cursor.next(value));
    EXPECT_FALSE(cursor.ok());
}

TEST(StoredValue, HasTheWireFormOfItsPieces) {
    StoredValue value;
    value.index = 3;
    value.timestamp = 4;
    value.ttl = 5;
    value.permissions = 0x0E;
    value.type = "URL";
    value.references = handle::kNoReferences;
    value.pieces[0] = to_bytes("ab");
    value.pieces[1] = to_bytes("cd");
    value.piece_count = 2;
    value.data_size = 4;
    std::array<std::uint8_t, 37> room{};
    Writer out(room);
    encode_stored_value(out, value);
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(to_text(out.written()), std::string("\0\0\0\3\0\0\0\4\0\0\0\0\5\x0E\0\0\0\3URL"
                                                  "\0\0\0\4abcd\0\0\0\0",
                                                  33));
}

}  // namespace
}  // namespace idnode::registry
