#include "tests/registry/block_samples.h"

#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "protocol/core/identifier.h"

namespace idnode::registry {
namespace {

constexpr std::uint32_t kTime = 1'690'000'000;

std::string random_text(std::mt19937_64& random, std::size_t size, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(alphabet[random() % alphabet.size()]);
    return text;
}

// Mostly pattern 0 of two columns; others with none or one; some stored whole.
void draw_values(SampleRecord& record, std::mt19937_64& random, std::size_t position) {
    const std::uint64_t draw = random() % 100;
    record.time = kTime + static_cast<std::uint32_t>(position / 100 * 60);
    if (draw % 10 == 0) record.time = static_cast<std::uint32_t>(random());
    if (draw < 80) {
        record.pattern = {7, 0};
        record.columns = {fmt::format("model {}", position / 50),
                          random_text(random, random() % 12, "abcdefgh/-.0123456789")};
    } else if (draw < 90) {
        record.pattern = {static_cast<std::uint32_t>(draw), static_cast<std::uint16_t>(draw % 3)};
        record.columns.assign(draw % 3, "c" + std::to_string(position));
    }
    if (draw >= 70) record.own = own_octets(static_cast<std::uint32_t>(draw), "own value");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const SampleRecord& record) {
    out << record.identifier << " time=" << record.time
        << " pattern=" << record.pattern.prefix_number << '/' << record.pattern.id << " columns=";
    for (const std::string& column : record.columns) out << '[' << column << ']';
    return out << " own=" << record.own.size();
}

std::string folded_of(std::string_view identifier) {
    std::string folded(identifier);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

void add_sample(SampleMap& map, SampleRecord record) {
    std::string folded = folded_of(record.identifier);
    map.insert_or_assign(std::move(folded), std::move(record));
}

std::string own_octets(std::uint32_t index, std::string_view data) {
    handle::ValueView value;
    value.index = index;
    value.type = "URL";
    value.data = to_bytes(data);
    std::string out;
    encode_own_values(std::span(&value, 1), 0, out);
    return out;
}

std::string sample_identifier(SampleKind kind, std::mt19937_64& random) {
    constexpr std::string_view kFree =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._()<>;:";
    switch (kind) {
        case SampleKind::kDense:
            return fmt::format("88.118.8/SN2023A{:09}", 123'000 + random() % 9'000);
        case SampleKind::kProductDateSerial:
            return fmt::format("88.118.9/P{:02}-202301{:02}-{:04}", random() % 3, 1 + random() % 28,
                               random() % 500);
        case SampleKind::kSparse:
            return fmt::format("88.200.1/{:012}", random() % 1'000'000'000'000);
        case SampleKind::kHex:
            return fmt::format("88.200.2/{:016X}", random());
        case SampleKind::kAlphanumeric:
            return "88.200.3/" + random_text(random, 10, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        case SampleKind::kFree:
            return "10.1016/j." + random_text(random, 1 + random() % 40, kFree);
        case SampleKind::kMixed:
            break;
    }
    constexpr std::array<SampleKind, 6> kKinds = {
        SampleKind::kDense, SampleKind::kProductDateSerial, SampleKind::kSparse,
        SampleKind::kHex,   SampleKind::kAlphanumeric,      SampleKind::kFree};
    return sample_identifier(kKinds[random() % kKinds.size()], random);
}

SampleMap sample_map(SampleKind kind, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    SampleMap map;
    for (std::size_t i = 0; map.size() < count; ++i) {
        SampleRecord record;
        record.identifier = sample_identifier(kind, random);
        add_sample(map, std::move(record));
    }
    std::size_t position = 0;
    for (auto& [folded, record] : map) draw_values(record, random, position++);
    return map;
}

SampleMap text_map(std::size_t count, std::uint64_t seed) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::mt19937_64 random(seed);
    SampleMap map;
    for (std::size_t i = 0; i < count; ++i) {
        SampleRecord record{fmt::format("88.118.8/A{:06}", i), kTime, {3, 0}, {}, ""};
        record.columns = {"https://e.example/" + random_text(random, 8, kLetters)};
        const std::uint64_t draw = random() % 100;
        if (draw < 60) {
            record.pattern.id = static_cast<std::uint16_t>(1 + draw % 3);
            record.columns.assign(draw % 3, "batch " + random_text(random, 6, kLetters));
        }
        if (draw % 3 == 2 && draw % 7 == 0) record.columns[0] = random_text(random, 9, "abc/.");
        if (draw % 11 == 0) record.time += static_cast<std::uint32_t>(random() % 9'000);
        if (draw % 13 == 0) record.identifier[9] = 'a';
        if (draw % 17 == 0) record.own = own_octets(static_cast<std::uint32_t>(draw), "own");
        add_sample(map, std::move(record));
    }
    return map;
}

SampleViews::SampleViews(const SampleMap& map) {
    columns_.reserve(map.size());
    for (const auto& [folded, record] : map) {
        columns_.emplace_back(record.columns.begin(), record.columns.end());
        records_.push_back({folded,
                            {record.identifier, record.time, record.pattern, columns_.back(),
                             to_bytes(record.own)}});
    }
}

SampleRecord to_sample(const Record& record) {
    const RecordFields& fields = record.fields;
    return {std::string(fields.identifier),
            fields.time,
            fields.pattern,
            {fields.columns.begin(), fields.columns.end()},
            std::string(to_text(fields.own))};
}

std::vector<std::vector<std::uint8_t>> pack_all(std::span<const PackRecord> records,
                                                std::size_t used_max) {
    std::vector<std::vector<std::uint8_t>> blocks;
    BlockPacker packer;
    while (!records.empty()) {
        const auto taken = packer.pack(records, used_max, blocks.emplace_back());
        if (!taken || *taken == 0 || *taken > records.size()) {
            ADD_FAILURE() << "packing failed";
            return blocks;
        }
        records = records.subspan(*taken);
    }
    return blocks;
}

BlockView open_block(const HeapCopy& copy) {
    const auto view = BlockView::open(copy.bytes());
    EXPECT_TRUE(view.has_value());
    return *view;
}

void expect_holds(const BlockView& view, std::span<const PackRecord> records,
                  const SampleMap& map) {
    EXPECT_TRUE(view.checksum_ok());
    ASSERT_EQ(view.record_count(), records.size());
    BlockCursor cursor(view);
    Record walked;
    Record loaded;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string_view folded = records[i].folded;
        const SampleRecord& expected = map.at(std::string(folded));
        const auto position = view.find(folded);
        ASSERT_TRUE(position.has_value() && position->has_value()) << folded;
        ASSERT_EQ(**position, i) << folded;
        ASSERT_TRUE(view.load(**position, folded, loaded).has_value()) << folded;
        ASSERT_EQ(to_sample(loaded), expected);
        const auto more = cursor.next(walked);
        ASSERT_TRUE(more.has_value() && *more);
        ASSERT_EQ(cursor.folded(), folded);
        ASSERT_EQ(to_sample(walked), expected);
    }
    const auto end = cursor.next(walked);
    EXPECT_TRUE(end.has_value() && !*end);
}

std::map<KeyForm, std::size_t> check_map(const SampleMap& map, std::size_t used_max) {
    const SampleViews views(map);
    std::map<KeyForm, std::size_t> forms;
    std::size_t done = 0;
    for (const auto& block : pack_all(views.records(), used_max)) {
        const HeapCopy copy(block);
        const BlockView view = open_block(copy);
        EXPECT_TRUE(view.used_size() <= used_max || view.record_count() == 1);
        expect_holds(view, views.records().subspan(done, view.record_count()), map);
        done += view.record_count();
        ++forms[view.key_form()];
    }
    EXPECT_EQ(done, map.size());
    return forms;
}

}  // namespace idnode::registry
