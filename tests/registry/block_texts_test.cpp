// Texts whose start is said once and whose rest is packed come back as they were, in columns of the
// dominant pattern and in the entries of others.
#include "registry/block_texts.h"

#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/registry/block_samples.h"

namespace idnode::registry {
namespace {

using TextOf = std::function<std::string(std::size_t)>;

constexpr PatternRef kBare{1, 0};  // Has no columns.
constexpr PatternRef kNoted{1, 1};

// Every `step`th record has a text, the others none.
SampleMap with_texts(std::size_t count, std::size_t step, const TextOf& text_of) {
    SampleMap map;
    for (std::size_t i = 0; i < count; ++i) {
        SampleRecord record{fmt::format("8.1/{:05}", i), 50, kBare, {}, ""};
        if (i % step == 0) {
            record.pattern = kNoted;
            record.columns = {text_of(i / step)};
        }
        add_sample(map, record);
    }
    return map;
}

std::vector<std::uint8_t> pack_whole(const SampleMap& map) {
    check_map(map, kBlockSize);
    const SampleViews views(map);
    std::vector<std::uint8_t> octets;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, octets).value(), map.size());
    return octets;
}

EntryForm entry_form(const SampleMap& map) { return parse_block(pack_whole(map))->head.entry_form; }

// Octets of the entries of a block that holds the whole map.
std::size_t entries_size(const SampleMap& map) {
    const auto octets = pack_whole(map);
    return parse_block(octets)->section(Section::kEntries).size();
}

std::string random_letters(std::mt19937_64& random, std::size_t size,
                           std::string_view alphabet = kPackedLetters) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(alphabet[random() % alphabet.size()]);
    return text;
}

TEST(PackedLetters, HaveACodeEachAndNothingElseHas) {
    std::size_t letters = 0;
    for (std::size_t octet = 0; octet < kPackedCodes.size(); ++octet) {
        if (kPackedCodes[octet] == kNoCode) continue;
        EXPECT_EQ(static_cast<std::uint8_t>(kPackedLetters[kPackedCodes[octet]]), octet);
        ++letters;
    }
    EXPECT_EQ(letters, 64U);
}

// In entries (each third record) and in the column of the dominant pattern (each one).
TEST(BlockTexts, ComeBackWhateverTheirLettersAndLengths) {
    std::mt19937_64 random(1);
    for (const std::string_view alphabet :
         {kPackedLetters, std::string_view("0"), std::string_view("aA"),
          std::string_view("abcdefghijklmnopqrstuvwxyz."),
          std::string_view("\x00\x80\xFF-_z", 6)}) {
        for (const std::size_t step : {1U, 3U}) {
            for (std::size_t length = 0; length <= 300; length += length < 30 ? 3 : 17) {
                check_map(with_texts(40, step,
                                     [&](std::size_t) {
                                         return random_letters(random, length, alphabet);
                                     }),
                          kBlockSize);
            }
            for (const std::string_view start : {"", "https://", "https://example.com/a/b?c="}) {
                check_map(with_texts(301, step,
                                     [&](std::size_t i) {
                                         return std::string(start) +
                                                random_letters(random, step == 1 ? i : 3 * i,
                                                               alphabet);
                                     }),
                          kBlockSize);
            }
        }
    }
}

TEST(BlockTexts, OfOneSizeTakeSixBitsALetterAndNothingElse) {
    std::mt19937_64 random(2);
    for (const std::size_t size : {1U, 3U, 4U, 11U, 40U}) {
        const SampleMap map =
            with_texts(150, 3, [&](std::size_t) { return random_letters(random, size); });
        EXPECT_EQ(entry_form(map), EntryForm::kCoded);
        EXPECT_EQ(entries_size(map), 50 * ((size * 6 + 7) / 8));
    }
}

TEST(BlockTexts, SayTheirStartOnce) {
    std::mt19937_64 random(3);
    const SampleMap map = with_texts(150, 3, [&](std::size_t i) {
        return "https://example.com/" + std::string(1, kPackedLetters[i]) +
               random_letters(random, 7);
    });
    EXPECT_EQ(entries_size(map), 50U * 6);
}

TEST(BlockTexts, ThatAreAllTheSameHaveNoRest) {
    for (const char* text : {"", "x", "https://example.com/the same for all"}) {
        EXPECT_EQ(entries_size(with_texts(150, 3, [&](std::size_t) { return std::string(text); })),
                  0U);
    }
    // One is all of the start, the others have more.
    check_map(with_texts(90, 3, [](std::size_t i) { return "start" + std::string(i % 3, 'x'); }),
              kBlockSize);
}

TEST(BlockTexts, KeepTheirCase) {
    check_map(with_texts(128, 2,
                         [](std::size_t i) {
                             std::string text = "abcdef";
                             for (std::size_t k = 0; k < 6; ++k) {
                                 if ((i >> k & 1) != 0) text[k] = static_cast<char>(text[k] - 32);
                             }
                             return text;
                         }),
              kBlockSize);
}

TEST(BlockTexts, PackedAndPlainOnesMayMix) {
    std::mt19937_64 random(4);
    for (const std::size_t plain_every : {1U, 2U, 5U, 50U}) {
        for (const std::size_t step : {1U, 3U}) {
            check_map(with_texts(90, step,
                                 [&](std::size_t i) {
                                     std::string text = random_letters(random, 20);
                                     if (i % plain_every == 0) text[i % 20] = '/';
                                     return text;
                                 }),
                      kBlockSize);
        }
    }
}

TEST(BlockTexts, LongerThanTheRoomForThemAreNotTakenApart) {
    for (const std::size_t longest : {254U, 255U, 256U, 300U}) {
        for (const std::size_t step : {1U, 2U}) {
            check_map(with_texts(10, step,
                                 [&](std::size_t i) {
                                     return std::string(longest - 5, 's') + std::string(i % 6, 'r');
                                 }),
                      kBlockSize);
        }
    }
}

// Where every 16th entry begins is said; the sizes of those between are summed up.
TEST(BlockTexts, EntriesAreFoundWhereverTheyBegin) {
    std::mt19937_64 random(5);
    for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 31U, 32U, 33U, 49U, 160U}) {
        const SampleMap map = with_texts(
            3 * count, 3, [&](std::size_t i) { return random_letters(random, 5 + i % 4); });
        check_map(map, kBlockSize);
        if (count > 16) {
            EXPECT_EQ(entry_form(map), EntryForm::kCoded);
        }
    }
}

TEST(BlockTexts, OfTooManySizesSayThemselvesWhatTheyAre) {
    std::mt19937_64 random(6);
    const auto text_of = [&](std::size_t sizes) {
        return [&random, sizes](std::size_t i) {
            return "https://example.com/" + random_letters(random, i % sizes);
        };
    };
    EXPECT_EQ(entry_form(with_texts(240, 4, text_of(4))), EntryForm::kCoded);
    EXPECT_EQ(entry_form(with_texts(240, 3, text_of(70))), EntryForm::kShaped);
}

TEST(BlockTexts, StandBesideTimesCasesAndOwnValues) {
    for (const std::size_t used_max : {300U, 1'000U, 4'080U}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) check_map(text_map(400, seed), used_max);
    }
    const SampleMap map = text_map(400, 7);
    const auto blocks = pack_all(SampleViews(map).records(), kBlockSize);
    EXPECT_EQ(parse_block(blocks.front())->head.entry_form, EntryForm::kCoded);
}

// A record with as many columns of the longest texts as can be: all of the room is needed.
TEST(BlockTexts, FillTheRoomToTheEnd) {
    std::mt19937_64 random(9);
    SampleMap map;
    for (std::size_t i = 0; i < 4; ++i) {
        SampleRecord record{fmt::format("8.1/{:05}", i), 50, i < 2 ? kNoted : kBare, {}, ""};
        if (i < 2) record.columns.assign(kPatternColumnCountMax, std::string(252, 'x'));
        for (std::string& text : record.columns) text += random_letters(random, 3);
        add_sample(map, record);
    }
    check_map(map, kBlockSize);
    map.at("8.1/00002").pattern = kNoted;
    map.at("8.1/00002").columns = map.at("8.1/00001").columns;
    check_map(map, kBlockSize);
}

// What a load says of a block whose octet `at` of the patterns' section is another.
std::optional<ErrorKind> load_with(const SampleMap& map, std::size_t at, std::uint8_t octet) {
    HeapCopy copy(pack_whole(map));
    const auto block = parse_block(copy.bytes());
    const std::size_t start = block->head.offsets[static_cast<std::size_t>(Section::kPatterns)];
    copy.writable()[start + at] = octet;
    Record record;
    const auto view = BlockView::open(copy.bytes());
    if (!view) return view.error().kind;
    const auto loaded = view->load(0, map.begin()->first, record);
    if (loaded) return std::nullopt;
    return loaded.error().kind;
}

TEST(BlockTexts, WithAnotherShapeAreRefused) {
    std::mt19937_64 random(10);
    const SampleMap map = with_texts(99, 3, [&](std::size_t i) {
        return "start" + std::string(1, kPackedLetters[i]) + random_letters(random, 19);
    });
    const std::size_t ends = 2 * kPatternEntrySize;
    const std::size_t shape = ends + 2 * 2;  // Bits, size and octets of the start, size of a rest.
    EXPECT_EQ(load_with(map, shape, 6), std::nullopt);
    EXPECT_EQ(load_with(map, shape, 7), ErrorKind::kCorrupt);        // Unknown bits.
    EXPECT_EQ(load_with(map, shape, 8), ErrorKind::kCorrupt);        // More than there is.
    EXPECT_EQ(load_with(map, shape + 1, 6), ErrorKind::kCorrupt);    // A start up to the end.
    EXPECT_EQ(load_with(map, shape + 7, 12), ErrorKind::kCorrupt);   // Less than there is,
    EXPECT_EQ(load_with(map, shape + 7, 255), ErrorKind::kCorrupt);  // and more.
    EXPECT_EQ(load_with(map, ends, 5), ErrorKind::kCorrupt);   // The shape begins in the ends, or
    EXPECT_EQ(load_with(map, ends, 11), ErrorKind::kCorrupt);  // behind its own.
    EXPECT_EQ(load_with(map, ends + 1, 1), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace idnode::registry
