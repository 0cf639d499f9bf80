#include "registry/learned_patterns.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "protocol/handle/value.h"
#include "registry/own_values.h"
#include "registry/pattern_fit.h"
#include "registry/text_forms.h"
#include "registry/varint.h"
#include "registry/writer.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kExactCountMax = 32;
constexpr std::size_t kWideCountMax = 16;  // Of each of the two kinds.
static_assert(kExactCountMax + 2 * kWideCountMax <= kLearnedPatternCountMax);
// Combinations of forms that are looked at closely: those that most records have.
constexpr std::size_t kCombinationCountMax = 128;
// Records of a shape that make wider patterns worth having.
constexpr std::size_t kWideRecordsMin = 32;
// A pattern is an entry of a table: about so much beside its own octets.
constexpr std::size_t kEntryOverhead = 24;
// Octets of an own value beside type and data, of a column's text, about.
constexpr std::size_t kOwnOverhead = 4;
constexpr std::size_t kTextOverhead = 1;
// Octets of a pattern's piece beside its literal, at most.
constexpr std::size_t kPieceOverhead = 8;
// Of larger samples so many are looked at.
constexpr std::size_t kCloseLooksMax = 2'500;
// What all texts of a column begin or end with goes into the pattern from these sizes on.
constexpr std::size_t kSharedStartMin = 8;
constexpr std::size_t kSharedEndMin = 3;

bool is_shareable(const handle::ValueView& value, std::uint32_t time) {
    return value.timestamp == time;
}

void append_form(std::string& key, const handle::ValueView& value) {
    append_varint(key, value.index);
    append_varint(key, value.ttl);
    key.push_back(static_cast<char>(value.ttl_type));
    key.push_back(static_cast<char>(value.permissions));
    append_sized(key, value.type);
    append_sized(key, to_text(value.references));
}

PatternValue value_without_data(const handle::ValueView& value) {
    PatternValue made;
    made.index = value.index;
    made.ttl_type = value.ttl_type;
    made.permissions = value.permissions;
    made.ttl = value.ttl;
    made.type = value.type;
    made.references = to_text(value.references);
    return made;
}

// Records whose values differ in their data alone.
struct Shape {
    std::vector<PatternValue> values;  // Without data.
    std::vector<std::string_view> identifiers;
    std::vector<std::size_t> records;     // In the sample.
    std::vector<std::string_view> texts;  // Of all records, value by value.
    std::vector<TextForms> places;        // By value.

    [[nodiscard]] std::string_view text(std::size_t record, std::size_t place) const {
        return texts[record * values.size() + place];
    }
};

// One combination of forms of a shape, and the records that have it.
struct FormSet {
    const Shape* shape = nullptr;
    std::string choice;                // The form at each place.
    std::vector<std::size_t> records;  // In the shape.
};

bool is_constant(std::span<const Piece> form) {
    return std::ranges::all_of(
        form, [](const Piece& piece) { return piece.kind == PieceKind::kLiteral; });
}

// Builds a pattern value by value, leaving out what would take it beyond a limit.
class PatternBuilder {
public:
    void add(const PatternValue& value, std::span<const Piece> form, std::string_view identifier) {
        const bool has_column =
            std::ranges::find(form, PieceKind::kColumn, &Piece::kind) != form.end();
        std::size_t size = 32 + value.type.size() + value.references.size();
        for (const Piece& piece : form) size += kPieceOverhead + piece.literal.size();
        if (pattern_.values.size() == kPatternValueCountMax || size_ + size > kPatternSizeMax ||
            (has_column && pattern_.column_count == kPatternColumnCountMax)) {
            return;
        }
        size_ += size;
        PatternValue& added = pattern_.values.emplace_back(value);
        const std::string_view prefix =
            identifier.substr(0, identifier.size() - suffix_in(identifier).size());
        for (const Piece& piece : form) add_piece(added, piece, prefix);
        if (has_column) ++pattern_.column_count;
    }
    Pattern take() { return std::move(pattern_); }

private:
    // The suffix behind the prefix is the identifier.
    void add_piece(PatternValue& value, const Piece& piece, std::string_view prefix) {
        if (piece.kind == PieceKind::kSuffix && !value.data.empty() &&
            value.data.back().literal.ends_with(prefix)) {
            std::string& before = value.data.back().literal;
            before.resize(before.size() - prefix.size());
            if (before.empty()) value.data.pop_back();
            value.data.push_back({PieceKind::kIdentifier, 0, {}});
            return;
        }
        Piece& added = value.data.emplace_back(piece);
        if (piece.kind == PieceKind::kColumn) added.column = pattern_.column_count;
    }

    Pattern pattern_;
    std::size_t size_ = 16;
};

bool is_word_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// What texts have in common at both ends, as far as whole words go.
class CommonEnds {
public:
    explicit CommonEnds(std::string_view text) : start_(text), end_(text) {}

    void narrow(std::string_view text) {
        const auto starts = std::ranges::mismatch(start_, text);
        start_ = start_.substr(0, static_cast<std::size_t>(starts.in1 - start_.begin()));
        std::size_t same = 0;
        while (same < end_.size() && same < text.size() &&
               end_[end_.size() - 1 - same] == text[text.size() - 1 - same]) {
            ++same;
        }
        end_ = end_.substr(end_.size() - same);
        shortest_ = std::min(shortest_, text.size());
    }
    [[nodiscard]] std::string start() const {
        std::size_t size = std::min(start_.size(), shortest_);
        while (size > 0 && is_word_character(start_[size - 1])) --size;
        return std::string(start_.substr(0, size < kSharedStartMin ? 0 : size));
    }
    // Of what start() leaves of the shortest text.
    [[nodiscard]] std::string end() const {
        std::size_t size = std::min(end_.size(), shortest_ - start().size());
        while (size > 0 && is_word_character(end_[end_.size() - size])) --size;
        if (size < kSharedEndMin) size = 0;
        return std::string(end_.substr(end_.size() - size));
    }

private:
    std::string_view start_;
    std::string_view end_;
    std::size_t shortest_ = std::string_view::npos;
};

// One of every few records, at no regular distance: what repeats itself is not missed.
std::vector<SampleRecord> thinned(std::span<const SampleRecord> sample, std::size_t stride) {
    std::vector<SampleRecord> some;
    for (std::size_t begin = 0; begin + stride <= sample.size(); begin += stride) {
        const auto mixed = static_cast<std::uint32_t>(begin / stride) * 0x9E37'79B1U;
        some.push_back(sample[begin + (mixed >> 16) % stride]);
    }
    return some;
}

class Learner {
public:
    Learner(std::span<const SampleRecord> sample, std::span<const Pattern> known)
        : weight_(std::max<std::size_t>(1, sample.size() / kCloseLooksMax)),
          sample_(thinned(sample, weight_)) {
        for (const Pattern& pattern : known) {
            fits_.emplace_back(pattern);
            taken_.insert(encode_pattern(pattern));
        }
    }

    std::vector<Pattern> run(SampleEnd end);

private:
    void take_shapes();
    void take_places(Shape& shape);
    void take_sets(const Shape& shape);
    void take_exact();
    void take_wide();
    void offer(Pattern pattern);
    [[nodiscard]] Pattern pattern_of(const FormSet& set, bool with_constants) const;
    static Pattern columns_alone(const Shape& shape);
    std::size_t saving_of(const FormSet& set, const Pattern& pattern);
    std::size_t cost_now(const PlainRecord& record);
    [[nodiscard]] std::size_t cost_of(std::span<const std::string_view> columns) const;
    std::span<const handle::ValueView> values_of(std::size_t record);
    void share_ends(const FormSet& set, Pattern& pattern);

    std::size_t weight_;  // Records for which one is looked at.
    std::vector<SampleRecord> sample_;
    std::vector<PatternFit> fits_;  // Of the known patterns.
    std::vector<Shape> shapes_;     // The most frequent first.
    std::vector<FormSet> sets_;     // The same.
    std::unordered_set<std::string_view> constants_;
    std::vector<handle::ValueView> values_;
    std::unordered_set<std::string> taken_;  // Stored forms.
    std::vector<Pattern> learned_;
};

std::span<const handle::ValueView> Learner::values_of(std::size_t record) {
    values_.clear();
    OwnValueReader reader(sample_[record].own, sample_[record].time);
    for (handle::ValueView value; reader.next(value);) values_.push_back(value);
    return values_;
}

std::vector<Pattern> Learner::run(SampleEnd end) {
    take_shapes();
    for (Shape& shape : shapes_) take_places(shape);
    for (const Shape& shape : shapes_) take_sets(shape);
    std::ranges::stable_sort(sets_, [](const FormSet& a, const FormSet& b) {
        return a.records.size() > b.records.size();
    });
    if (sets_.size() > kCombinationCountMax) sets_.resize(kCombinationCountMax);
    take_exact();
    if (end == SampleEnd::kMoreToCome) take_wide();
    return std::move(learned_);
}

void Learner::take_shapes() {
    std::map<std::string, Shape> by_key;
    std::string key;
    for (std::size_t record = 0; record < sample_.size(); ++record) {
        const auto values = values_of(record);
        const std::uint32_t time = sample_[record].time;
        key.clear();
        for (const handle::ValueView& value : values) {
            if (is_shareable(value, time)) append_form(key, value);
        }
        if (key.empty()) continue;
        Shape& shape = by_key[key];
        const bool is_new = shape.records.empty();
        shape.records.push_back(record);
        shape.identifiers.push_back(sample_[record].identifier);
        for (const handle::ValueView& value : values) {
            if (!is_shareable(value, time)) continue;
            if (is_new) shape.values.push_back(value_without_data(value));
            shape.texts.push_back(to_text(value.data));
        }
    }
    for (auto& [form, shape] : by_key) shapes_.push_back(std::move(shape));
    std::ranges::stable_sort(shapes_, [](const Shape& a, const Shape& b) {
        return a.records.size() > b.records.size();
    });
    if (shapes_.size() > kLearnedPatternCountMax) shapes_.resize(kLearnedPatternCountMax);
}

void Learner::take_places(Shape& shape) {
    std::vector<std::string_view> texts(shape.records.size());
    for (std::size_t place = 0; place < shape.values.size(); ++place) {
        for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = shape.text(i, place);
        shape.places.push_back(find_text_forms(shape.identifiers, texts));
        const TextForms& found = shape.places.back();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (is_constant(found.forms[found.form_of[i]])) constants_.insert(texts[i]);
        }
    }
}

void Learner::take_sets(const Shape& shape) {
    std::map<std::string, FormSet> by_choice;
    std::string choice;
    for (std::size_t i = 0; i < shape.records.size(); ++i) {
        choice.clear();
        for (const TextForms& place : shape.places) {
            choice.push_back(static_cast<char>(place.form_of[i]));
        }
        FormSet& set = by_choice[choice];
        set.records.push_back(i);
    }
    for (auto& [chosen, set] : by_choice) {
        set.shape = &shape;
        set.choice = chosen;
        sets_.push_back(std::move(set));
    }
}

Pattern Learner::pattern_of(const FormSet& set, bool with_constants) const {
    const Shape& shape = *set.shape;
    const std::vector<Piece> column = {Piece{PieceKind::kColumn, 0, {}}};
    PatternBuilder builder;
    for (std::size_t place = 0; place < shape.values.size(); ++place) {
        const auto& form = shape.places[place].forms[static_cast<std::uint8_t>(set.choice[place])];
        const bool widen = !with_constants && is_constant(form);
        builder.add(shape.values[place], widen ? column : form, shape.identifiers.front());
    }
    return builder.take();
}

Pattern Learner::columns_alone(const Shape& shape) {
    const std::vector<Piece> column = {Piece{PieceKind::kColumn, 0, {}}};
    PatternBuilder builder;
    for (const PatternValue& value : shape.values) {
        builder.add(value, column, shape.identifiers.front());
    }
    return builder.take();
}

void Learner::offer(Pattern pattern) {
    if (pattern.values.empty()) return;
    if (taken_.insert(encode_pattern(pattern)).second) learned_.push_back(std::move(pattern));
}

std::size_t Learner::cost_of(std::span<const std::string_view> columns) const {
    std::size_t cost = 0;
    for (const std::string_view text : columns) {
        if (!constants_.contains(text)) cost += kTextOverhead + text.size();
    }
    return cost;
}

// By the best of the known patterns, or stored whole.
std::size_t Learner::cost_now(const PlainRecord& record) {
    std::size_t best = 0;
    for (const handle::ValueView& value : record.values) {
        best += kOwnOverhead + value.data.size();
    }
    for (PatternFit& fit : fits_) {
        if (fit.fits_all(record)) best = std::min(best, cost_of(fit.columns()));
    }
    return best;
}

std::size_t Learner::saving_of(const FormSet& set, const Pattern& pattern) {
    PatternFit fit(pattern);
    std::size_t saving = 0;
    for (const std::size_t i : set.records) {
        const std::size_t number = set.shape->records[i];
        const SampleRecord& sampled = sample_[number];
        const PlainRecord record{sampled.identifier, sampled.time, values_of(number)};
        if (!fit.fits_some(record)) continue;
        std::size_t cost = cost_of(fit.columns());
        for (const handle::ValueView& value : fit.own()) cost += kOwnOverhead + value.data.size();
        const std::size_t now = cost_now(record);
        saving += now > cost ? now - cost : 0;
    }
    return saving * weight_;
}

void Learner::take_exact() {
    struct Gain {
        std::size_t saving = 0;
        const FormSet* set = nullptr;
        Pattern pattern;
    };
    std::vector<Gain> gains;
    for (const FormSet& set : sets_) {
        Pattern pattern = pattern_of(set, true);
        const std::size_t saving = saving_of(set, pattern);
        if (saving <= encode_pattern(pattern).size() + kEntryOverhead) continue;
        gains.push_back({saving, &set, std::move(pattern)});
    }
    std::ranges::stable_sort(gains,
                             [](const Gain& a, const Gain& b) { return a.saving > b.saving; });
    if (gains.size() > kExactCountMax) gains.resize(kExactCountMax);
    for (Gain& gain : gains) {
        share_ends(*gain.set, gain.pattern);
        offer(std::move(gain.pattern));
    }
}

// What all texts of a column begin and end with goes into the pattern, as far as it has room.
void Learner::share_ends(const FormSet& set, Pattern& pattern) {
    if (set.records.size() < kWideRecordsMin) return;
    std::size_t size = encode_pattern(pattern).size();
    const auto has_room = [&size](std::string_view literal) {
        const std::size_t with_it = size + kPieceOverhead + literal.size();
        if (literal.empty() || with_it > kPatternSizeMax) return false;
        size = with_it;
        return true;
    };
    const Shape& shape = *set.shape;
    for (std::size_t place = 0; place < shape.values.size(); ++place) {
        const auto value =
            std::ranges::find(pattern.values, shape.values[place].index, &PatternValue::index);
        if (value == pattern.values.end() || value->data.size() != 1 ||
            value->data.front().kind != PieceKind::kColumn) {
            continue;
        }
        CommonEnds ends(shape.text(set.records.front(), place));
        for (const std::size_t i : set.records) ends.narrow(shape.text(i, place));
        if (has_room(ends.start())) {
            value->data.insert(value->data.begin(), Piece{PieceKind::kLiteral, 0, ends.start()});
        }
        if (has_room(ends.end())) value->data.push_back({PieceKind::kLiteral, 0, ends.end()});
    }
}

void Learner::take_wide() {
    const std::size_t exact = learned_.size();
    for (const FormSet& set : sets_) {
        if (learned_.size() == exact + kWideCountMax) break;
        if (set.records.size() >= kWideRecordsMin) offer(pattern_of(set, false));
    }
    const std::size_t wider = learned_.size();
    for (const Shape& shape : shapes_) {
        if (learned_.size() == wider + kWideCountMax) break;
        if (shape.records.size() >= kWideRecordsMin) offer(columns_alone(shape));
    }
}

}  // namespace

std::vector<Pattern> learn_patterns(std::span<const SampleRecord> sample,
                                    std::span<const Pattern> known, SampleEnd end) {
    return Learner(sample, known).run(end);
}

}  // namespace idnode::registry
