#include "registry/pack_columns.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace idnode::registry {
namespace {

unsigned width_of(std::size_t number) { return static_cast<unsigned>(std::bit_width(number)); }

// A table of `count` texts of `octets` altogether.
std::size_t table_size(std::size_t count, std::size_t octets) {
    return 1 + bits_size(count, width_of(octets)) + octets;
}

// text_at(i) gives each text, empty ones too.
template <class TextAt>
void write_table(std::size_t count, std::size_t octets, TextAt text_at, BlockWriter& out) {
    out.u8(width_of(octets));
    std::size_t end = 0;
    out.bits(count, width_of(octets), [&](std::size_t i) { return end += text_at(i).size(); });
    for (std::size_t i = 0; i < count; ++i) out.text(text_at(i));
}

unsigned code_width(std::size_t words) { return width_of(words - 1); }

// A dictionary is given up when more than these are distinct among so many.
constexpr std::size_t words_max(std::size_t position) { return 32 + position / 2; }

}  // namespace

void PackColumn::scan(std::span<const PackRecord> records, const PackSlots& slots,
                      std::size_t column) {
    const std::size_t count = records.size();
    texts_.resize(count);
    sums_.resize(count);
    is_own_.resize(count);
    codes_.resize(count);
    words_.clear();
    table_.assign(64, 0);
    has_words_ = true;
    survey_ = {};
    const auto is_dominant = [&](std::size_t i) { return slots.slot(i) == slots.dominant(); };
    std::size_t first = 0;
    while (!is_dominant(first)) ++first;  // There is one: it was chosen among these records.
    std::string_view text = records[first].fields.columns[column];
    Sums sums;
    for (std::size_t i = 0; i < count; ++i) {
        is_own_[i] = is_dominant(i) ? 1 : 0;
        if (is_own_[i] != 0) {
            text = records[i].fields.columns[column];
            survey_.take(text);
        }
        take_text(i, text, sums);
    }
}

void PackColumn::take_text(std::size_t position, std::string_view text, Sums& sums) {
    const std::string_view before = position == 0 ? std::string_view{} : texts_[position - 1];
    const bool starts_run = position == 0 || text != before;
    texts_[position] = text;
    if (is_own_[position] != 0) {
        sums.octets += static_cast<std::uint32_t>(text.size());
        ++sums.own;
    }
    sums.even = sums.even && text.size() == texts_[0].size();
    if (starts_run) {
        ++sums.runs;
        sums.run_octets += static_cast<std::uint32_t>(text.size());
    }
    if (has_words_) {
        codes_[position] = starts_run ? word_of(text, sums) : codes_[position - 1];
        has_words_ = sums.words <= words_max(position);
    }
    sums_[position] = sums;
}

std::uint16_t PackColumn::word_of(std::string_view text, Sums& sums) {
    if (2 * words_.size() >= table_.size()) grow_dictionary();
    std::size_t at = XXH3_64bits(text.data(), text.size());
    for (;; ++at) {
        std::uint16_t& place = table_[at % table_.size()];
        if (place != 0 && words_[place - 1U] == text) return static_cast<std::uint16_t>(place - 1);
        if (place != 0) continue;
        words_.push_back(text);
        place = static_cast<std::uint16_t>(words_.size());
        sums.words = place;
        sums.word_octets += static_cast<std::uint32_t>(text.size());
        return static_cast<std::uint16_t>(place - 1);
    }
}

void PackColumn::grow_dictionary() {
    table_.assign(2 * table_.size(), 0);
    for (std::size_t i = 0; i < words_.size(); ++i) {
        std::size_t at = XXH3_64bits(words_[i].data(), words_[i].size());
        while (table_[at % table_.size()] != 0) ++at;
        table_[at % table_.size()] = static_cast<std::uint16_t>(i + 1);
    }
}

PackColumn::Choice PackColumn::choose(std::size_t count) const {
    const Sums& sums = sums_[count - 1];
    if (sums.runs == 1) return {ColumnForm::kOne, 1 + texts_[0].size()};
    Choice best{ColumnForm::kPlain, 1 + table_size(count, sums.octets)};
    const auto consider = [&best](ColumnForm form, std::size_t size) {
        if (size < best.size) best = {form, size};
    };
    if (sums.even) consider(ColumnForm::kFixed, 1 + count * texts_[0].size());
    consider(ColumnForm::kRuns, 1 + 2 + 2U * sums.runs + table_size(sums.runs, sums.run_octets));
    if (has_words_) {
        consider(ColumnForm::kDictionary, 1 + 2 + 1 + bits_size(count, code_width(sums.words)) +
                                              table_size(sums.words, sums.word_octets));
    }
    consider_shared(count, best);
    return best;
}

// Characters of the rests that records have.
std::size_t PackColumn::characters(std::size_t count) const {
    return sums_[count - 1].octets - sums_[count - 1].own * survey_.start().size();
}

void PackColumn::consider_shared(std::size_t count, Choice& best) const {
    if (!survey_.may_join()) return;
    const unsigned bits = survey_.bits();
    const std::size_t head = 1 + 2 + survey_.start().size() + 1;
    const std::size_t length = characters(count);
    const std::size_t plain = head + bits_size(count, width_of(length)) + bits_size(length, bits);
    if (plain < best.size) best = {ColumnForm::kPlainShared, plain};
    if (!sums_[count - 1].even) return;
    const std::size_t fixed = head + bits_size(count * survey_.rest_of(texts_[0]).size(), bits);
    if (fixed < best.size) best = {ColumnForm::kFixedShared, fixed};
}

void PackColumn::write(std::size_t count, BlockWriter& out) const {
    const Choice choice = choose(count);
    out.u8(static_cast<std::uint8_t>(choice.form));
    switch (choice.form) {
        case ColumnForm::kOne:
            return out.text(texts_[0]);
        case ColumnForm::kFixed:
            for (std::size_t i = 0; i < count; ++i) out.text(texts_[i]);
            return;
        case ColumnForm::kPlain:
            return write_table(
                count, sums_[count - 1].octets,
                [this](std::size_t i) { return is_own_[i] != 0 ? texts_[i] : std::string_view{}; },
                out);
        case ColumnForm::kRuns:
            return write_runs(count, out);
        case ColumnForm::kDictionary:
            return write_words(count, out);
        case ColumnForm::kFixedShared:
        case ColumnForm::kPlainShared:
            return write_shared(choice.form, count, out);
    }
}

void PackColumn::write_shared(ColumnForm form, std::size_t count, BlockWriter& out) const {
    const std::string_view start = survey_.start();
    const bool is_fixed = form == ColumnForm::kFixedShared;
    out.u8(survey_.bits());
    out.u8(start.size());
    out.text(start);
    std::string rests;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < count; ++i) {
        if (is_fixed || is_own_[i] != 0) rests += survey_.rest_of(texts_[i]);
        ends.push_back(rests.size());
    }
    if (is_fixed) {
        out.u8(ends.front());
    } else {
        out.u8(width_of(rests.size()));
        out.bits(count, width_of(rests.size()), [&](std::size_t i) { return ends[i]; });
    }
    write_characters(rests, survey_.bits(), out);
}

void PackColumn::write_runs(std::size_t count, BlockWriter& out) const {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || sums_[i].runs != sums_[i - 1].runs) starts.push_back(i);
    }
    out.u16(starts.size());
    for (const std::size_t start : starts) out.u16(start);
    write_table(
        starts.size(), sums_[count - 1].run_octets,
        [&](std::size_t i) { return texts_[starts[i]]; }, out);
}

void PackColumn::write_words(std::size_t count, BlockWriter& out) const {
    const Sums& sums = sums_[count - 1];
    const unsigned width = code_width(sums.words);
    out.u16(sums.words);
    out.u8(width);
    out.bits(count, width, [this](std::size_t i) -> std::uint64_t { return codes_[i]; });
    write_table(
        sums.words, sums.word_octets, [this](std::size_t i) { return words_[i]; }, out);
}

void PackColumns::scan(std::span<const PackRecord> records, const PackSlots& slots) {
    column_count_ = slots.dominant_column_count();
    if (columns_.size() < column_count_) columns_.resize(column_count_);
    for (std::size_t i = 0; i < column_count_; ++i) columns_[i].scan(records, slots, i);
}

std::size_t PackColumns::size(std::size_t count) const {
    std::size_t size = 2 * column_count_;
    for (std::size_t i = 0; i < column_count_; ++i) size += columns_[i].size(count);
    return size;
}

void PackColumns::write(std::size_t count, BlockWriter& out) const {
    BlockWriter ends({out.take(2 * column_count_), 2 * column_count_});
    std::size_t end = 2 * column_count_;
    for (std::size_t i = 0; i < column_count_; ++i) {
        end += columns_[i].size(count);
        ends.u16(end);
        columns_[i].write(count, out);
    }
}

}  // namespace idnode::registry
