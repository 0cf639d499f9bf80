// The octets of one small block of each form, so that a change of the format shows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "registry/block.h"
#include "tests/registry/block_samples.h"

namespace idnode::registry {
namespace {

// Sections on lines of their own: head, common prefix, then as in block_layout.h.
std::string to_lines(ByteSpan octets) {
    const auto block = parse_block(octets);
    std::string lines;
    const auto line = [&lines](ByteSpan part) {
        for (const std::uint8_t octet : part) lines += fmt::format("{:02X} ", octet);
        lines += '\n';
    };
    line(octets.first(kBlockHeadSize));
    line(to_bytes(block->prefix()));
    for (std::uint8_t i = 0; i < kSectionCount; ++i) line(block->section(static_cast<Section>(i)));
    return lines;
}

std::vector<std::uint8_t> pack(const SampleMap& map) {
    const SampleViews views(map);
    std::vector<std::uint8_t> block;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, block).value(), map.size());
    return block;
}

TEST(BlockOctets, OfNumericKeys) {
    SampleMap map;
    add_sample(map, {"8.1/A0007", 100, {5, 1}, {}, ""});
    add_sample(map, {"8.1/A0010", 100, {5, 1}, {}, ""});
    add_sample(map, {"8.1/A0042", 103, {5, 1}, {}, ""});
    EXPECT_EQ(to_lines(pack(map)),
              "42 01 02 00 63 61 66 8A 47 00 00 00 03 00 07 00 01 00 02 00 64 00 00 00 00 00 "
              "2F 00 36 00 38 00 38 00 38 00 47 00 47 00 \n"
              "38 2E 31 2F 41 30 30 \n"
              "05 00 00 00 01 00 00 \n"
              "02 30 \n"
              "\n\n"
              "02 01 01 06 07 00 00 00 00 00 00 00 C0 30 02 \n"
              "\n\n");
}

// The section of keys alone, of identifiers 8.1/ and eight digits.
std::string keys_of(KeyForm form, const std::vector<std::uint64_t>& numbers) {
    SampleMap map;
    for (const std::uint64_t number : numbers) {
        add_sample(map, {fmt::format("8.1/{:08}", number), 100, {5, 1}, {}, ""});
    }
    const auto block = pack(map);
    const auto octets = parse_block(block);
    EXPECT_EQ(octets->head.key_form, form);
    std::string text;
    for (const std::uint8_t octet : octets->section(Section::kKeys)) {
        text += fmt::format("{:02X} ", octet);
    }
    return text;
}

// Two runs: 20 numbers of which two are absent, and three at 1,000,000.
TEST(BlockOctets, OfKeysInCells) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < 20; ++i) {
        if (i != 3 && i != 18) numbers.push_back(10 + i);
    }
    for (std::uint64_t i = 0; i < 3; ++i) numbers.push_back(1'000'010 + i);
    EXPECT_EQ(keys_of(KeyForm::kCells, numbers),
              "07 01 30 30 30 30 01 01 07 0A 00 00 00 00 00 00 00 05 17 00 02 00 "
              "00 32 80 02 "
              "00 00 F7 FF 7B ");
}

// 24 in even steps: 16 low bits each, and 37 buckets of one number or none.
TEST(BlockOctets, OfKeysInBuckets) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < 24; ++i) numbers.push_back(7 + i * 104'729);
    EXPECT_EQ(keys_of(KeyForm::kBuckets, numbers),
              "07 01 01 01 01 01 01 01 10 07 00 00 00 00 00 00 00 25 00 00 A5 94 94 92 52 52 "
              "4A 0A 00 00 19 99 32 32 4B CB 64 64 7D FD 96 96 AF 2F C8 C8 E1 61 FA FA 13 94 "
              "2C 2D 45 C6 5E 5F 77 F8 90 91 A9 2A C2 C3 DB 5C F4 F5 0D 8F 26 28 3F C1 ");
}

TEST(BlockOctets, OfFrontCodedKeysWithEverything) {
    SampleMap map;
    add_sample(map, {"8.1/abc", 1, {5, 1}, {"x", "same"}, ""});
    add_sample(map, {"8.1/abd", 2, {5, 1}, {"yy", "same"}, ""});
    add_sample(map, {"8.1/ABE", 1'000'000, {5, 2}, {"p", "q"}, ""});
    add_sample(map, {"8.1/abef", 3, {}, {}, own_octets(7, "z")});
    add_sample(map, {"8.1/b", 3, {5, 1}, {"", "same"}, own_octets(1, "")});
    EXPECT_EQ(to_lines(pack(map)),
              "42 01 01 01 BD 3D B8 C1 77 00 00 00 05 00 04 00 02 00 02 03 01 00 00 00 03 00 "
              "2C 00 3A 00 3D 00 4D 00 4D 00 5B 00 61 00 \n"
              "38 2E 31 2F \n"
              "05 00 00 00 01 00 02 05 00 00 00 02 00 02 \n"
              "02 84 02 \n"
              "0B 00 10 00 02 02 FD 03 78 79 79 00 73 61 6D 65 \n"
              "\n"
              "00 00 03 41 42 43 21 44 21 45 31 46 01 42 \n"
              "00 00 1C 05 20 41 \n"
              "C1 40 42 0F 00 00 01 70 71 3F 01 00 07 01 01 7A 20 01 00 01 01 00 \n");
}

// Entries of a pattern with two columns, and one with own values.
TEST(BlockOctets, OfShapedEntries) {
    SampleMap map;
    for (int i = 0; i < 20; ++i) {
        SampleRecord record{fmt::format("8.1/A{:02}", i), 100, {5, 1}, {}, ""};
        if (i % 4 == 0) {
            record.pattern.id = 2;
            record.columns = {fmt::format("https://a/{}zZ", i / 4), i == 8 ? "/" : "abc"};
        }
        if (i == 19) record.own = own_octets(1, "w");
        add_sample(map, record);
    }
    EXPECT_EQ(to_lines(pack(map)),
              "42 01 04 00 2D D9 FF E3 9A 00 00 00 14 00 05 00 02 01 00 13 64 00 00 00 06 00 "
              "2D 00 4E 00 4E 00 4E 00 4E 00 62 00 6D 00 \n"
              "38 2E 31 2F 41 \n"
              "05 00 00 00 02 00 02 05 00 00 00 01 00 00 13 00 13 00 "
              "06 0A 68 74 74 70 73 3A 2F 2F 61 2F 03 00 00 \n"
              "\n\n\n"
              "02 01 01 00 00 00 00 00 00 00 00 00 14 00 00 55 55 55 55 55 \n"
              "00 00 11 11 09 06 00 02 59 9E 09 \n"
              "00 40 3F 02 06 61 62 63 00 41 3F 02 06 61 62 63 00 42 3F 02 02 2F "
              "00 43 3F 02 06 61 62 63 00 44 3F 02 06 61 62 63 21 01 00 01 01 01 77 \n");
}

// Two kinds of entries, more than there are between checkpoints.
TEST(BlockOctets, OfCodedEntries) {
    SampleMap map;
    for (int i = 0; i < 54; ++i) {
        SampleRecord record{fmt::format("8.1/A{:02}", i), 100, {5, 1}, {}, ""};
        if (i % 3 == 0) {
            record.pattern.id = 2;
            record.columns = {fmt::format("n{:02}", i)};
        }
        if (i == 9) record.time = 7;
        add_sample(map, record);
    }
    EXPECT_EQ(to_lines(pack(map)),
              "42 01 03 00 8A 15 DB 65 9C 00 00 00 36 00 05 00 02 01 00 23 64 00 00 00 12 00 "
              "2D 00 43 00 43 00 43 00 43 00 5D 00 74 00 \n"
              "38 2E 31 2F 41 \n"
              "05 00 00 00 02 00 01 05 00 00 00 01 00 00 08 00 08 00 06 01 6E 02 \n"
              "\n\n\n"
              "02 01 01 00 00 00 00 00 00 00 00 00 00 36 00 01 00 00 00 FF FF FF FF FF FF 3F \n"
              "00 00 49 92 24 49 92 24 09 02 00 00 02 00 80 00 06 00 24 00 08 00 00 \n"
              "00 00 C0 00 80 01 07 00 00 00 40 02 81 00 41 01 01 02 42 00 02 01 C2 01 03 00 C3 00 "
              "83 01 43 02 84 00 44 01 04 02 45 00 \n");
}

// The checksum stands for the octets; runs, dictionaries and bitmaps of several cells are in these.
TEST(BlockOctets, OfSamplesOfEveryKind) {
    std::string checksums;
    for (const SampleKind kind : kSampleKinds) {
        const SampleMap map = sample_map(kind, 2'000, 1);
        const SampleViews views(map);
        for (const auto& block : pack_all(views.records().first(600), kBlockSize)) {
            const std::size_t used = BlockView::open(block)->used_size();
            checksums += fmt::format("{:08X} ", block_checksum(ByteSpan(block).first(used)));
        }
        checksums += '\n';
    }
    EXPECT_EQ(checksums,
              "3B8FF0BC 95DEEFA9 \n"
              "C0586B7A ACEC3192 \n"
              "D4173BBC 8A427DDF F7D605CF \n"
              "19BE4F88 4DAF96C5 DD522D95 \n"
              "97D360C2 381F03FD C0514B46 \n"
              "3F37E847 990E2B0B EC6D7098 C778901F 17366004 8684CBA2 \n"
              "97D0083D 6BA1C39F 37EDA976 46703268 3A5DE41D \n");
}

}  // namespace
}  // namespace idnode::registry
