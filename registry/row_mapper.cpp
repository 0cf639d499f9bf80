#include "registry/row_mapper.h"

#include <algorithm>
#include <utility>

#include "protocol/core/identifier.h"

namespace idnode::registry {

namespace {

// What a column's text is to its row: two bits of a combination's key for each column.
enum class TextKind : std::uint8_t { kNone = 0, kOwn = 1, kIdentifier = 2, kSuffix = 3 };

TextKind kind_in(std::uint64_t key, std::uint8_t column) {
    return static_cast<TextKind>(key >> (2 * column) & 3);
}

TextKind kind_of(std::string_view text, std::string_view identifier, std::string_view suffix) {
    if (text.empty()) return TextKind::kNone;
    if (text.size() == identifier.size() && text == identifier) return TextKind::kIdentifier;
    if (text.size() == suffix.size() && text == suffix) return TextKind::kSuffix;
    return TextKind::kOwn;
}

}  // namespace

RowMapper::RowMapper(Mapping mapping) : mapping_(std::move(mapping)) {
    for (const MappedValue& value : mapping_.values) {
        for (const MappedPiece& piece : value.text) {
            const bool is_new =
                piece.column != kNoColumn &&
                std::ranges::find(value_columns_, piece.column) == value_columns_.end();
            if (is_new) value_columns_.push_back(piece.column);
        }
    }
}

void RowMapper::map(std::span<const std::uint32_t> places, std::span<const std::string_view> fields,
                    MappedRow& row) {
    take_columns(places, fields);
    row.identifier = joined(mapping_.identifier, identifier_);
    row.timestamp = joined(mapping_.timestamp, timestamp_);
    const std::string_view suffix = suffix_of(row.identifier);
    std::uint64_t key = 0;
    for (const std::uint8_t column : value_columns_) {
        const TextKind kind = kind_of(texts_[column], row.identifier, suffix);
        key |= static_cast<std::uint64_t>(kind) << (2 * column);
    }
    const Combination& combination = combination_of(key);
    row.combination = &combination;
    row.values_size = combination.fixed_size + combination.suffix_uses * suffix.size() +
                      combination.identifier_uses * row.identifier.size();
    for (std::size_t i = 0; i < combination.columns.size(); ++i) {
        pattern_texts_[i] = texts_[combination.columns[i]];
        row.values_size += combination.column_uses[i] * pattern_texts_[i].size();
    }
    row.columns = {pattern_texts_.data(), combination.columns.size()};
}

void RowMapper::take_columns(std::span<const std::uint32_t> places,
                             std::span<const std::string_view> fields) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string_view text = fields[places[i]];
        texts_[i] = is_null(text) ? std::string_view{} : text;
    }
}

bool RowMapper::is_null(std::string_view text) const {
    return std::ranges::any_of(mapping_.defaults.nulls,
                               [text](const std::string& null) { return text == null; });
}

// The text for the row at hand, in `room` unless it is just a column; empty when a column is.
std::string_view RowMapper::joined(const MappedText& text, std::string& room) const {
    if (text.size() == 1 && text[0].column != kNoColumn) return texts_[text[0].column];
    room.clear();
    for (const MappedPiece& piece : text) {
        if (piece.column == kNoColumn) {
            room += piece.literal;
        } else {
            if (texts_[piece.column].empty()) return {};
            room += texts_[piece.column];
        }
    }
    return room;
}

const Combination& RowMapper::combination_of(std::uint64_t key) {
    if (last_ != nullptr && key == last_key_) return *last_;
    last_key_ = key;
    const auto found = combinations_.find(key);
    if (found != combinations_.end()) return *(last_ = found->second.get());

    auto made = std::make_unique<Combination>();
    made->number = static_cast<std::uint32_t>(combinations_.size());
    for (const MappedValue& value : mapping_.values) {
        if (is_filled(value, key)) add_value(*made, value, key);
    }
    made->pattern.column_count = static_cast<std::uint8_t>(made->columns.size());
    made->kept = combinations_.size() < kCombinationCountMax;
    last_ = made.get();
    if (made->kept) {
        combinations_.emplace(key, std::move(made));
    } else {
        passing_ = std::move(made);
    }
    return *last_;
}

bool RowMapper::is_filled(const MappedValue& value, std::uint64_t key) const {
    return std::ranges::all_of(value.text, [key](const MappedPiece& piece) {
        return piece.column == kNoColumn || kind_in(key, piece.column) != TextKind::kNone;
    });
}

void RowMapper::add_value(Combination& made, const MappedValue& value, std::uint64_t key) const {
    std::vector<PatternValue>& values = made.pattern.values;
    if (!values.empty() && values.back().index == value.index) made.index_twice = true;
    PatternValue& added = values.emplace_back();
    added.index = value.index;
    added.ttl_type = handle::kTtlRelative;
    added.ttl = mapping_.defaults.ttl;
    added.permissions = mapping_.defaults.permissions;
    added.type = value.type;
    added.references.assign(std::begin(handle::kNoReferences), std::end(handle::kNoReferences));
    for (const MappedPiece& piece : value.text) added.data.push_back(piece_of(made, piece, key));
    handle::ValueView empty;
    empty.type = value.type;
    made.fixed_size += handle::encoded_size(empty);
}

Piece RowMapper::piece_of(Combination& made, const MappedPiece& mapped, std::uint64_t key) const {
    Piece piece;
    if (mapped.column == kNoColumn) {
        piece.literal = mapped.literal;
        made.fixed_size += mapped.literal.size();
        return piece;
    }
    const TextKind kind = kind_in(key, mapped.column);
    if (kind == TextKind::kIdentifier) {
        piece.kind = PieceKind::kIdentifier;
        ++made.identifier_uses;
    } else if (kind == TextKind::kSuffix) {
        piece.kind = PieceKind::kSuffix;
        ++made.suffix_uses;
    } else {
        piece.kind = PieceKind::kColumn;
        auto found = std::ranges::find(made.columns, mapped.column);
        if (found == made.columns.end()) {
            found = made.columns.insert(made.columns.end(), mapped.column);
        }
        piece.column = static_cast<std::uint8_t>(found - made.columns.begin());
        ++made.column_uses[piece.column];
    }
    return piece;
}

}  // namespace idnode::registry
