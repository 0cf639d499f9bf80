#include "protocol/core/identifier.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode {
namespace {

using test::Block;

TEST(Identifier, SplitsAtTheFirstSlash) {
    const FoldedIdentifier folded("88.118.8/a/b");
    EXPECT_EQ(folded.prefix(), "88.118.8");
    EXPECT_EQ(folded.suffix(), "A/B");
    EXPECT_EQ(folded.text(), "88.118.8/A/B");
    EXPECT_FALSE(folded.too_long());
}

TEST(Identifier, FindsTheFirstSlashAtEachPlace) {
    for (std::size_t size = 1; size <= 60; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            std::string text(size, 'a');
            text[place] = '/';
            text.back() = '/';
            const FoldedIdentifier folded(text);
            EXPECT_EQ(folded.prefix().size(), place) << size;
            EXPECT_EQ(folded.suffix().size(), size - place - 1);
        }
    }
}

TEST(Identifier, FoldsAsciiLettersAndNothingElse) {
    EXPECT_EQ(FoldedIdentifier("ab.yz/@`[{az\xC3\xA9").text(), "AB.YZ/@`[{AZ\xC3\xA9");
}

TEST(Identifier, FoldsEachOctetAtEachPlaceAlike) {
    for (std::size_t at = 0; at < 20; ++at) {
        for (int octet = 0; octet < 256; ++octet) {
            std::string text = "1/zZ{`@[aA\xFF\x80\x7F\xE1z9aZ";
            text.insert(std::min(at, text.size()), 1, static_cast<char>(octet));
            std::string expected = "1/ZZ{`@[AA\xFF\x80\x7F\xE1Z9AZ";
            expected.insert(std::min(at, expected.size()), 1, fold_ascii(static_cast<char>(octet)));
            ASSERT_EQ(FoldedIdentifier(text).text(), expected) << at << ' ' << octet;
        }
    }
}

TEST(Identifier, WithoutSlashIsAPrefixHandle) {
    const FoldedIdentifier folded("88.118.8a");
    EXPECT_EQ(folded.text(), "0.NA/88.118.8A");
    EXPECT_EQ(folded.prefix(), "0.NA");
    EXPECT_EQ(folded.suffix(), "88.118.8A");
    EXPECT_EQ(FoldedIdentifier("0.na/88.118.8A").text(), folded.text());
}

TEST(Identifier, KeepsSegmentsAsText) {
    EXPECT_NE(FoldedIdentifier("88.0042/x").text(), FoldedIdentifier("88.42/x").text());
}

TEST(Identifier, EmptyTextAndEmptyPartsAreTakenAsTheyAre) {
    EXPECT_EQ(FoldedIdentifier("").text(), "0.NA/");
    EXPECT_EQ(FoldedIdentifier("").suffix(), "");
    EXPECT_EQ(FoldedIdentifier("/x").prefix(), "");
    EXPECT_EQ(FoldedIdentifier("/x").suffix(), "X");
    EXPECT_EQ(FoldedIdentifier("88/").prefix(), "88");
    EXPECT_EQ(FoldedIdentifier("88/").suffix(), "");
}

TEST(Identifier, IsCutBeyondItsLimitButKeepsItsPrefix) {
    const std::string longest = "88/" + std::string(kIdentifierSizeMax - 3, 'x');
    EXPECT_FALSE(FoldedIdentifier(longest).too_long());
    EXPECT_EQ(FoldedIdentifier(longest).text().size(), kIdentifierSizeMax);
    const FoldedIdentifier cut(longest + "x");
    EXPECT_TRUE(cut.too_long());
    EXPECT_EQ(cut.text().size(), kIdentifierSizeMax);
    EXPECT_EQ(cut.prefix(), "88");
}

TEST(Identifier, SlashlessOneIsCutWithItsPrefixHandle) {
    const std::string longest(kIdentifierSizeMax - kPrefixHandleStart.size(), '8');
    EXPECT_FALSE(FoldedIdentifier(longest).too_long());
    EXPECT_TRUE(FoldedIdentifier(longest + "8").too_long());
}

TEST(Identifier, PrefixLongerThanTheLimitIsCutToo) {
    const FoldedIdentifier cut(std::string(kIdentifierSizeMax + 5, '8') + "/x");
    EXPECT_TRUE(cut.too_long());
    EXPECT_EQ(cut.prefix().size(), kIdentifierSizeMax);
    EXPECT_EQ(cut.suffix(), "");
}

TEST(Identifier, AssignedAgainForgetsWhatItWas) {
    FoldedIdentifier folded(std::string(kIdentifierSizeMax + 1, '/'));
    folded.assign("a/b");
    EXPECT_EQ(folded.text(), "A/B");
    EXPECT_FALSE(folded.too_long());
}

TEST(Identifier, ReadsNoOctetBeyondItsText) {
    const std::string text = "88.118.8/\xE4\xBD\xA0\xE5\xA5\xBD";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const Block block(to_bytes(text).first(size));
        const FoldedIdentifier folded(block.text());
        EXPECT_GE(folded.text().size(), size);
        is_utf8(block.text());
        registration_fault(block.text());
        is_doubtful(block.text());
    }
}

struct Utf8Case {
    std::string_view text;
    bool valid;
};

TEST(Utf8, KnowsTheBordersOfEachForm) {
    const Utf8Case cases[] = {
        {"", true},
        {"\x7F", true},
        {"\x80", false},              // A follower alone.
        {"\xC1\xBF", false},          // U+007F in two octets.
        {"\xC2\x80", true},           // U+0080
        {"\xDF\xBF", true},           // U+07FF
        {"\xDF", false},              // Cut short.
        {"\xDF\xC0", false},          // Not a follower.
        {"\xE0\x9F\xBF", false},      // U+07FF in three.
        {"\xE0\xA0\x80", true},       // U+0800
        {"\xED\x9F\xBF", true},       // U+D7FF
        {"\xED\xA0\x80", false},      // A surrogate.
        {"\xEE\x80\x80", true},       // U+E000
        {"\xEF\xBF\xBF", true},       // U+FFFF
        {"\xEF\xBF", false},          // Cut short.
        {"\xF0\x8F\xBF\xBF", false},  // U+FFFF in four.
        {"\xF0\x90\x80\x80", true},   // U+10000
        {"\xF4\x8F\xBF\xBF", true},   // U+10FFFF
        {"\xF4\x90\x80\x80", false},  // Above.
        {"\xF5\x80\x80\x80", false},
        {"\xF0\x90\x80", false},
        {"a\xFFz", false},
    };
    for (const auto& [text, valid] : cases) {
        EXPECT_EQ(is_utf8(text), valid) << testing::PrintToString(text);
    }
}

struct RegistrationCase {
    std::string_view identifier;
    std::string_view fault;  // Empty: may be registered.
};

TEST(Registration, NamesTheRuleThatAnIdentifierBreaks) {
    const RegistrationCase cases[] = {
        {"88.118.8/SN1", ""},
        {"10.1000_x-y/a b", ""},
        {"0.NA/88", ""},
        {"88", "no \"/\" between prefix and suffix"},
        {"88/\xFF", "invalid UTF-8"},
        {"88/a\tb", "control character"},
        {"88/a\x7F", "control character"},
        {"88/a\xC2\x85", "control character"},
        {"88/ a", "white space at an end"},
        {"88/a ", "white space at an end"},
        {" 88/a", "white space at an end"},
        {"88 /a", "white space at an end"},
        {"88/a\xC2\xA0", "white space at an end"},
        {"88/\xE3\x80\x80"
         "a",
         "white space at an end"},
        {"/a", "prefix segment outside [0-9A-Za-z_-]+"},
        {".88/a", "prefix segment outside [0-9A-Za-z_-]+"},
        {"88./a", "prefix segment outside [0-9A-Za-z_-]+"},
        {"88..1/a", "prefix segment outside [0-9A-Za-z_-]+"},
        {"8\xC3\xA9/a", "prefix segment outside [0-9A-Za-z_-]+"},
        {"88/", "empty suffix"},
    };
    for (const auto& [identifier, fault] : cases) {
        EXPECT_EQ(registration_fault(identifier).value_or(""), fault)
            << testing::PrintToString(identifier);
    }
}

TEST(Registration, KnowsWhiteSpaceAsUnicodeDoes) {
    for (const std::string space : {" ", "\u00A0", "\u1680", "\u2000", "\u2003", "\u200A", "\u2028",
                                    "\u2029", "\u202F", "\u205F", "\u3000"}) {
        EXPECT_EQ(registration_fault("88/" + space + "a"), "white space at an end") << space;
        EXPECT_EQ(registration_fault("88/a" + space), "white space at an end") << space;
        EXPECT_EQ(registration_fault("88" + space + "/a"), "white space at an end") << space;
        EXPECT_FALSE(registration_fault("88/a" + space + "b").has_value()) << space;
        EXPECT_TRUE(is_doubtful("88/a" + space + "b")) << space;
    }
    // Neighbours of them, and what only looks like nothing.
    for (const std::string other :
         {"\u00A1", "\u1681", "\u200B", "\u2027", "\u202A", "\u3001", "\u4F60", "\uFEFF"}) {
        EXPECT_FALSE(registration_fault("88/" + other).has_value()) << other;
        EXPECT_FALSE(is_doubtful("88/a" + other + "b")) << other;
    }
}

TEST(Registration, EndsAtTheSizeLimit) {
    const std::string longest = "88/" + std::string(kIdentifierSizeMax - 3, 'x');
    EXPECT_FALSE(registration_fault(longest).has_value());
    EXPECT_EQ(registration_fault(longest + "x").value_or(""), "identifier above 480 bytes");
}

TEST(Registration, DoubtsInnerSpacesAndSoftHyphens) {
    EXPECT_FALSE(is_doubtful("88/abc"));
    EXPECT_TRUE(is_doubtful("88/a b"));
    EXPECT_TRUE(
        is_doubtful("88/a\xC2\xAD"
                    "b"));
    EXPECT_TRUE(
        is_doubtful("88/a\xC2\xA0"
                    "b"));
    EXPECT_TRUE(
        is_doubtful("88/a\xE3\x80\x80"
                    "b"));
}

}  // namespace
}  // namespace idnode
