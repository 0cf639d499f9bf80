#include "registry/text_forms.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/core/identifier.h"

namespace idnode::registry {

namespace {

constexpr std::uint8_t kNoForm = 0xFF;
constexpr std::size_t kTemplateCountMax = 8;
// Of one text, the places of the suffix that are tried.
constexpr std::size_t kPlaceCountMax = 4;
// A suffix behind a text that differs is looked for from this size on: short ones occur by chance.
constexpr std::size_t kSuffixSizeMin = 6;

// Texts that are not one of these few leave the place to a constant.
std::size_t constant_count_min(std::size_t count) { return count - count / 64; }
std::size_t template_count_min(std::size_t count) { return std::max<std::size_t>(2, count / 16); }

Piece literal_piece(std::string_view text) {
    Piece piece;
    piece.literal = text;
    return piece;
}

Piece other_piece(PieceKind kind) {
    Piece piece;
    piece.kind = kind;
    return piece;
}

std::uint64_t hash_of(std::string_view head, std::string_view tail, std::uint64_t seed) {
    return XXH3_64bits_withSeed(tail.data(), tail.size(),
                                XXH3_64bits_withSeed(head.data(), head.size(), seed));
}

// The text most records have; of equally many the first by content.
struct MostFrequent {
    std::string_view text;
    std::size_t count = 0;
};

class TextCounts {
public:
    void add(std::string_view text) { ++counts_[text]; }
    [[nodiscard]] MostFrequent most_frequent() const {
        MostFrequent most;
        for (const auto& [text, count] : counts_) {
            if (count > most.count || (count == most.count && text < most.text)) {
                most = {text, count};
            }
        }
        return most;
    }

private:
    std::unordered_map<std::string_view, std::size_t> counts_;
};

// Where a suffix occurs in a text, one behind the other.
struct Places {
    std::array<std::size_t, kPlaceCountMax> at{};
    std::size_t count = 0;
};

Places places_of(std::string_view suffix, std::string_view text) {
    Places places;
    if (suffix.empty()) return places;
    for (std::size_t at = text.find(suffix);
         at != std::string_view::npos && places.count < kPlaceCountMax;
         at = text.find(suffix, at + suffix.size())) {
        places.at[places.count++] = at;
    }
    return places;
}

// A text with the suffix taken out at one place, or at all of them.
struct Template {
    std::uint64_t hash = 0;
    std::size_t text = 0;  // One that has it.
    std::size_t first = 0;
    std::size_t last = 0;  // Places [first, last).
    std::size_t count = 0;
};

class Survey {
public:
    Survey(std::span<const std::string_view> identifiers, std::span<const std::string_view> texts)
        : identifiers_(identifiers), texts_(texts), form_of_(texts.size(), kNoForm) {}

    TextForms run() {
        if (!take_constant()) {
            take_templates();
            take_headed();
            take_constant();
        }
        take_rest();
        return {std::move(forms_), std::move(form_of_)};
    }

private:
    bool take_constant();
    void take_templates();
    std::vector<Template> count_templates() const;
    void take_headed();
    void take_rest();
    std::uint8_t add_form(std::vector<Piece> pieces);
    [[nodiscard]] std::vector<Piece> pieces_of(const Template& found) const;
    template <class OnTemplate>
    void each_template(std::size_t text, OnTemplate on_template) const;

    std::span<const std::string_view> identifiers_;
    std::span<const std::string_view> texts_;
    std::vector<std::vector<Piece>> forms_;
    std::vector<std::uint8_t> form_of_;
};

std::uint8_t Survey::add_form(std::vector<Piece> pieces) {
    forms_.push_back(std::move(pieces));
    return static_cast<std::uint8_t>(forms_.size() - 1);
}

// Nearly all texts that have no form yet are one: true.
bool Survey::take_constant() {
    TextCounts counts;
    std::size_t left = 0;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        if (form_of_[i] != kNoForm) continue;
        counts.add(texts_[i]);
        ++left;
    }
    const MostFrequent most = counts.most_frequent();
    if (left == 0 || most.count < constant_count_min(left)) return false;
    std::vector<Piece> pieces;
    if (!most.text.empty()) pieces.push_back(literal_piece(most.text));
    const std::uint8_t form = add_form(std::move(pieces));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        if (form_of_[i] == kNoForm && texts_[i] == most.text) form_of_[i] = form;
    }
    return true;
}

template <class OnTemplate>
void Survey::each_template(std::size_t text, OnTemplate on_template) const {
    const std::string_view suffix = suffix_in(identifiers_[text]);
    const std::string_view whole = texts_[text];
    const Places places = places_of(suffix, whole);
    const auto tell = [&](std::size_t first, std::size_t last) {
        std::uint64_t hash = last - first;
        std::size_t begin = 0;
        for (std::size_t i = first; i < last; ++i) {
            hash = hash_of(whole.substr(begin, places.at[i] - begin), {}, hash);
            begin = places.at[i] + suffix.size();
        }
        on_template(Template{hash_of({}, whole.substr(begin), hash), text, first, last, 1});
    };
    for (std::size_t i = 0; i < places.count; ++i) tell(i, i + 1);
    if (places.count > 1) tell(0, places.count);
}

// Those that are frequent, the most frequent ones first, of equally many by content.
std::vector<Template> Survey::count_templates() const {
    std::unordered_map<std::uint64_t, Template> counts;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        each_template(i, [&counts](const Template& found) {
            const auto [known, is_new] = counts.emplace(found.hash, found);
            if (!is_new) ++known->second.count;
        });
    }
    std::vector<Template> frequent;
    for (const auto& [hash, found] : counts) {
        if (found.count >= template_count_min(texts_.size())) frequent.push_back(found);
    }
    std::ranges::sort(frequent, [](const Template& a, const Template& b) {
        return a.count != b.count ? a.count > b.count : a.hash < b.hash;
    });
    if (frequent.size() > kTemplateCountMax) frequent.resize(kTemplateCountMax);
    return frequent;
}

void Survey::take_templates() {
    const std::vector<Template> frequent = count_templates();
    for (const Template& found : frequent) add_form(pieces_of(found));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        each_template(i, [&](const Template& found) {
            const auto known = std::ranges::find(frequent, found.hash, &Template::hash);
            const auto form = static_cast<std::uint8_t>(known - frequent.begin());
            if (known != frequent.end()) form_of_[i] = std::min(form_of_[i], form);
        });
    }
}

std::vector<Piece> Survey::pieces_of(const Template& found) const {
    const std::string_view suffix = suffix_in(identifiers_[found.text]);
    const std::string_view whole = texts_[found.text];
    const Places places = places_of(suffix, whole);
    std::vector<Piece> pieces;
    std::size_t begin = 0;
    for (std::size_t i = found.first; i < found.last; ++i) {
        const std::string_view before = whole.substr(begin, places.at[i] - begin);
        if (!before.empty()) pieces.push_back(literal_piece(before));
        pieces.push_back(other_piece(PieceKind::kSuffix));
        begin = places.at[i] + suffix.size();
    }
    if (begin < whole.size()) pieces.push_back(literal_piece(whole.substr(begin)));
    return pieces;
}

// A suffix with one text behind it and many before it: that which differs is a column.
void Survey::take_headed() {
    TextCounts tails;
    std::vector<std::optional<std::string_view>> tail_of(texts_.size());
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        const std::string_view suffix = suffix_in(identifiers_[i]);
        if (form_of_[i] != kNoForm || suffix.size() < kSuffixSizeMin) continue;
        const std::size_t at = texts_[i].rfind(suffix);
        if (at == std::string_view::npos) continue;
        tail_of[i] = texts_[i].substr(at + suffix.size());
        tails.add(*tail_of[i]);
    }
    const MostFrequent most = tails.most_frequent();
    if (most.count < template_count_min(texts_.size())) return;
    std::vector<Piece> pieces = {other_piece(PieceKind::kColumn), other_piece(PieceKind::kSuffix)};
    if (!most.text.empty()) pieces.push_back(literal_piece(most.text));
    const std::uint8_t form = add_form(std::move(pieces));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        if (tail_of[i] == most.text) form_of_[i] = form;
    }
}

void Survey::take_rest() {
    if (std::ranges::find(form_of_, kNoForm) == form_of_.end()) return;
    const std::uint8_t form = add_form({other_piece(PieceKind::kColumn)});
    std::ranges::replace(form_of_, kNoForm, form);
}

}  // namespace

TextForms find_text_forms(std::span<const std::string_view> identifiers,
                          std::span<const std::string_view> texts) {
    return Survey(identifiers, texts).run();
}

std::string_view suffix_in(std::string_view identifier) {
    return identifier.substr(std::min(identifier.size(), prefix_size_of(identifier) + 1));
}

}  // namespace idnode::registry
