#include "registry/index_shape.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::registry {
namespace {

IndexShape shape_of(const std::vector<std::string>& keys) {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    return IndexShape(views);
}

TEST(IndexShape, KeepsTheOrderOfItsKeys) {
    const std::vector<std::string> keys = {"SN2018A0000", "SN2018A01", "SN2019", "SN2019B0042"};
    const IndexShape shape = shape_of(keys);
    for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
        EXPECT_LT(shape.number_of(keys[i]), shape.number_of(keys[i + 1])) << keys[i];
        EXPECT_TRUE(shape.covers(keys[i]));
    }
}

TEST(IndexShape, TextsWithoutTheLiteralLieOutside) {
    const IndexShape shape = shape_of({"SN10", "SN20"});
    EXPECT_EQ(shape.number_of(""), IndexShape::kBelow);
    EXPECT_EQ(shape.number_of("S"), IndexShape::kBelow);
    EXPECT_EQ(shape.number_of("SM99"), IndexShape::kBelow);
    EXPECT_EQ(shape.number_of("SO"), IndexShape::kAbove);
    EXPECT_EQ(shape.number_of("T"), IndexShape::kAbove);
    EXPECT_GT(shape.number_of("SN"), IndexShape::kBelow);
    EXPECT_LT(shape.number_of("SN\xFF\xFF"), IndexShape::kAbove);
}

TEST(IndexShape, OctetsBetweenThoseOfAClassShareANumber) {
    const IndexShape shape = shape_of({"0", "9"});
    EXPECT_EQ(shape.number_of("5"), shape.number_of("5X") /* behind the places */);
    EXPECT_LT(shape.number_of("9"), shape.number_of("A"));
    EXPECT_EQ(shape.number_of("A"), shape.number_of("Z"));
    EXPECT_LT(shape.number_of("-"), shape.number_of("0"));
}

TEST(IndexShape, AKeyLongerThanItsPlacesIsNotCovered) {
    const std::vector<std::string> keys = {"a" + std::string(40, '1'), "b" + std::string(40, '2')};
    const IndexShape shape = shape_of(keys);
    EXPECT_FALSE(shape.covers(keys[0]));
    EXPECT_TRUE(shape.covers("a1"));
}

TEST(IndexShape, OneKeyIsALiteral) {
    const IndexShape shape = shape_of({"ABC"});
    EXPECT_EQ(shape.number_of("AB"), IndexShape::kBelow);
    EXPECT_EQ(shape.number_of("ABC"), shape.number_of("ABCD"));
    EXPECT_EQ(shape.number_of("ABD"), IndexShape::kAbove);
    EXPECT_TRUE(shape.covers("ABC"));
    EXPECT_EQ(shape_of({""}).number_of("anything"), shape_of({""}).number_of(""));
}

TEST(IndexShape, IdentityTellsShapesApart) {
    EXPECT_EQ(shape_of({"A0", "A9"}).identity(), shape_of({"A1", "A2"}).identity());
    EXPECT_NE(shape_of({"A0", "A9"}).identity(), shape_of({"A0", "AF"}).identity());
    EXPECT_NE(shape_of({"A0", "A9"}).identity(), shape_of({"A0", "A10"}).identity());
    EXPECT_NE(shape_of({"A"}).identity(), shape_of({"A\x01"}).identity());
}

// Texts over a small alphabet with many shared starts, so that all cases come up.
std::string random_text(std::mt19937_64& random, std::string_view alphabet) {
    std::string text;
    const std::size_t size = random() % 24;
    while (text.size() < size) text.push_back(alphabet[random() % alphabet.size()]);
    return text;
}

void expect_apart(const IndexShape& shape, const std::set<std::string>& chosen,
                  const std::set<std::string>& texts) {
    const std::string* before = nullptr;
    for (const std::string& text : texts) {
        if (before != nullptr) {
            ASSERT_LE(shape.number_of(*before), shape.number_of(text));
        }
        // A text that has the number of a covered key is not below that key.
        for (const std::string& key : chosen) {
            if (!shape.covers(key) || shape.number_of(key) != shape.number_of(text)) {
                continue;
            }
            ASSERT_GE(text, key);
        }
        before = &text;
    }
}

TEST(IndexShape, NeverFallsAndTellsAllCoveredKeysApart) {
    std::mt19937_64 random(11);
    for (const std::string_view alphabet :
         {std::string_view("01"), std::string_view("09AF"), std::string_view("A0Z"),
          std::string_view("-0\x01\xFFz")}) {
        for (int round = 0; round < 50; ++round) {
            std::set<std::string> chosen;
            while (chosen.size() < 20) chosen.insert("P" + random_text(random, alphabet));
            const IndexShape shape = shape_of({chosen.begin(), chosen.end()});
            std::set<std::string> texts = chosen;
            for (int i = 0; i < 200; ++i) texts.insert(random_text(random, "P01-9AFZ\x01\xFF"));
            for (int i = 0; i < 50; ++i) texts.insert("P" + random_text(random, "01-9AFZ\x01"));
            expect_apart(shape, chosen, texts);
        }
    }
}

}  // namespace
}  // namespace idnode::registry
