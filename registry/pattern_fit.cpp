#include "registry/pattern_fit.h"

#include <algorithm>

#include "registry/text_forms.h"

namespace idnode::registry {

namespace {

// What a slot counts for: identifiers are about so long.
constexpr std::size_t kSlotSize = 12;

bool is_column(const Piece& piece) { return piece.kind == PieceKind::kColumn; }

bool has_neighbouring_columns(const PatternValue& value) {
    const auto both = [](const Piece& a, const Piece& b) { return is_column(a) && is_column(b); };
    return std::ranges::adjacent_find(value.data, both) != value.data.end();
}

}  // namespace

PatternFit::PatternFit(const Pattern& pattern) : pattern_(&pattern) {
    for (const PatternValue& value : pattern.values) {
        usable_ = usable_ && !has_neighbouring_columns(value);
        for (const Piece& piece : value.data) {
            if (is_column(piece)) continue;
            fixed_size_ += piece.kind == PieceKind::kLiteral ? piece.literal.size() : kSlotSize;
        }
    }
}

bool PatternFit::begin(const PlainRecord& record) {
    identifier_ = record.identifier;
    suffix_ = suffix_in(identifier_);
    time_ = record.time;
    known_ = 0;
    return usable_;
}

bool PatternFit::fits_all(const PlainRecord& record) {
    const auto& shared = pattern_->values;
    if (shared.size() != record.values.size() || !begin(record)) return false;
    own_.clear();
    for (std::size_t i = 0; i < shared.size(); ++i) {
        if (!fits(shared[i], record.values[i])) return false;
    }
    return true;
}

bool PatternFit::fits_some(const PlainRecord& record) {
    if (!begin(record)) return false;
    own_.clear();
    auto value = record.values.begin();
    for (const PatternValue& shared : pattern_->values) {
        while (value != record.values.end() && value->index < shared.index) {
            own_.push_back(*value++);
        }
        // A value of the pattern can be put another in its place, but not be left out.
        if (value == record.values.end() || value->index != shared.index) return false;
        if (!fits(shared, *value)) own_.push_back(*value);
        ++value;
    }
    own_.insert(own_.end(), value, record.values.end());
    // A column of values that are all replaced has no text: such a pattern serves another record.
    const std::uint64_t all = (std::uint64_t{1} << pattern_->column_count) - 1;
    return own_.size() < record.values.size() && known_ == all;
}

bool PatternFit::fits(const PatternValue& shared, const handle::ValueView& value) {
    if (value.index != shared.index || value.timestamp != time_ || value.ttl != shared.ttl ||
        value.ttl_type != shared.ttl_type || value.permissions != shared.permissions ||
        value.type != shared.type || to_text(value.references) != shared.references) {
        return false;
    }
    const std::uint32_t known_before = known_;
    if (fits_data(shared.data, to_text(value.data))) return true;
    known_ = known_before;
    return false;
}

bool PatternFit::is_fixed(const Piece& piece) const {
    return !is_column(piece) || (known_ >> piece.column & 1) != 0;
}

std::string_view PatternFit::text_of(const Piece& piece) const {
    switch (piece.kind) {
        case PieceKind::kLiteral:
            return piece.literal;
        case PieceKind::kIdentifier:
            return identifier_;
        case PieceKind::kSuffix:
            return suffix_;
        case PieceKind::kColumn:
            break;
    }
    return columns_[piece.column];
}

bool PatternFit::fits_data(std::span<const Piece> pieces, std::string_view data) {
    while (!pieces.empty()) {
        const Piece& piece = pieces.front();
        pieces = pieces.subspan(1);
        if (is_fixed(piece)) {
            const std::string_view text = text_of(piece);
            if (!data.starts_with(text)) return false;
            data.remove_prefix(text.size());
            continue;
        }
        std::string_view& column = columns_[piece.column];
        if (std::ranges::all_of(pieces, [this](const Piece& next) { return is_fixed(next); })) {
            if (!fits_end(pieces, column, data)) return false;
            known_ |= std::uint32_t{1} << piece.column;
            return true;
        }
        const std::size_t found = data.find(text_of(pieces.front()));
        if (found == std::string_view::npos) return false;
        column = data.substr(0, found);
        known_ |= std::uint32_t{1} << piece.column;
        data.remove_prefix(found);
    }
    return data.empty();
}

// The column takes all but what the fixed pieces behind it say.
bool PatternFit::fits_end(std::span<const Piece> pieces, std::string_view& column,
                          std::string_view data) {
    for (; !pieces.empty(); pieces = pieces.first(pieces.size() - 1)) {
        const std::string_view text = text_of(pieces.back());
        if (!data.ends_with(text)) return false;
        data.remove_suffix(text.size());
    }
    column = data;
    return true;
}

}  // namespace idnode::registry
