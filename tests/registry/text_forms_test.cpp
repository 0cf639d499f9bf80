#include "registry/text_forms.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/registry/plain_values.h"

namespace idnode::registry {
namespace {

// Texts of identifiers 88.1/SN10000, 88.1/SN10001, …; "*" in a text stands for the suffix.
struct Sample {
    std::vector<std::string> identifiers;
    std::vector<std::string> texts;

    void add(std::string_view text, std::string_view suffix_text = {}) {
        std::string whole;
        const std::string suffix = suffix_text.empty()
                                       ? fmt::format("SN{}", 10'000 + identifiers.size())
                                       : std::string(suffix_text);
        for (const char c : text) whole += c == '*' ? suffix : std::string(1, c);
        identifiers.push_back("88.1/" + suffix);
        texts.push_back(std::move(whole));
    }
    [[nodiscard]] TextForms found() const {
        const std::vector<std::string_view> names(identifiers.begin(), identifiers.end());
        const std::vector<std::string_view> views(texts.begin(), texts.end());
        return find_text_forms(names, views);
    }
    // The form of the text at `at` as text: slots "*", columns "#".
    static std::string shown(const TextForms& found, std::size_t at) {
        std::string out;
        for (const Piece& piece : found.forms[found.form_of[at]]) {
            out += piece.kind == PieceKind::kLiteral  ? piece.literal
                   : piece.kind == PieceKind::kColumn ? "#"
                                                      : "*";
        }
        return out;
    }
};

TEST(TextForms, FindsAConstant) {
    Sample sample;
    for (int i = 0; i < 64; ++i) sample.add(i == 5 ? "other" : "same");
    const TextForms found = sample.found();
    EXPECT_EQ(Sample::shown(found, 0), "same");
    EXPECT_EQ(Sample::shown(found, 5), "#");
    sample.texts[6] = "other";
    EXPECT_EQ(Sample::shown(sample.found(), 0), "#");  // Two of 64: it differs.
}

TEST(TextForms, FindsTheSuffixInOnePlaceOrSeveral) {
    Sample sample;
    for (int i = 0; i < 40; ++i) sample.add(i % 4 == 0 ? "x/*?id=*" : "https://y/*.html");
    const TextForms found = sample.found();
    EXPECT_EQ(Sample::shown(found, 0), "x/*?id=*");
    EXPECT_EQ(Sample::shown(found, 1), "https://y/*.html");
}

TEST(TextForms, IsNotMisledByShortSuffixes) {
    Sample sample;
    for (int i = 0; i < 40; ++i) sample.add("https://1.2.3/*/12", std::to_string(i));
    const TextForms found = sample.found();
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(Sample::shown(found, i), "https://1.2.3/*/12");
}

TEST(TextForms, KeepsTheSuffixBehindTextsThatDiffer) {
    Sample sample;
    for (int i = 0; i < 40; ++i) sample.add(fmt::format("https://h{}/*/", i));
    EXPECT_EQ(Sample::shown(sample.found(), 3), "#*/");
}

TEST(TextForms, LeavesRareTemplatesToColumns) {
    Sample sample;
    for (int i = 0; i < 64; ++i) sample.add(i < 3 ? "rare/*" : "x/*");
    const TextForms found = sample.found();
    EXPECT_EQ(Sample::shown(found, 3), "x/*");
    EXPECT_EQ(Sample::shown(found, 0), "#");
    sample.add("rare/*");  // Four of 65.
    EXPECT_EQ(Sample::shown(sample.found(), 0), "rare/*");
}

TEST(TextForms, DependsNotOnTheOrder) {
    Sample sample;
    for (int i = 0; i < 90; ++i) {
        sample.add(std::array{"a/*", "b/*", "c", "*", "d*d", ""}[static_cast<std::size_t>(i % 6)]);
    }
    const TextForms found = sample.found();
    Sample turned = sample;
    std::ranges::reverse(turned.identifiers);
    std::ranges::reverse(turned.texts);
    const TextForms found_turned = turned.found();
    EXPECT_EQ(found.forms, found_turned.forms);
    for (std::size_t i = 0; i < 90; ++i) {
        EXPECT_EQ(Sample::shown(found, i), Sample::shown(found_turned, 89 - i));
    }
}

TEST(TextForms, TakesEmptyTextsAndSuffixes) {
    Sample sample;
    for (int i = 0; i < 4; ++i) sample.add("");
    EXPECT_EQ(Sample::shown(sample.found(), 0), "");
    EXPECT_EQ(suffix_in("88.1"), "");
    EXPECT_EQ(suffix_in("88.1/"), "");
    EXPECT_EQ(suffix_in("88.1/a/b"), "a/b");
}

}  // namespace
}  // namespace idnode::registry
