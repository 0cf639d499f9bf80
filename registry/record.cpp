#include "registry/record.h"

namespace idnode::registry {
namespace {

std::optional<ByteSpan> octets_of(const Piece& piece, const RecordFields& fields) {
    switch (piece.kind) {
        case PieceKind::kLiteral:
            return to_bytes(piece.literal);
        case PieceKind::kIdentifier:
            return to_bytes(fields.identifier);
        case PieceKind::kSuffix:
            return to_bytes(suffix_of(fields.identifier));
        case PieceKind::kColumn:
            if (piece.column < fields.columns.size()) return to_bytes(fields.columns[piece.column]);
            break;
    }
    return std::nullopt;
}

// False: a column that the pattern names is not there.
bool set_shared(StoredValue& value, const PatternValue& shared, const RecordFields& fields) {
    value.index = shared.index;
    value.timestamp = fields.time;
    value.ttl_type = shared.ttl_type;
    value.permissions = shared.permissions;
    value.ttl = shared.ttl;
    value.type = shared.type;
    value.references = to_bytes(shared.references);
    value.piece_count = 0;
    value.data_size = 0;
    for (const Piece& piece : shared.data) {
        const std::optional<ByteSpan> octets = octets_of(piece, fields);
        if (!octets || value.piece_count >= value.pieces.size()) return false;
        value.pieces[value.piece_count++] = *octets;
        value.data_size += static_cast<std::uint32_t>(octets->size());
    }
    return true;
}

}  // namespace

// Not in the header: otherwise Record() would fill the buffers with zeros first.
Record::Record() = default;

ValueCursor::ValueCursor(const RecordFields& fields, const Pattern* pattern)
    : fields_(fields), own_(fields.own, fields.time) {
    if (pattern != nullptr) decoded_ = pattern->values;
    advance_own();
}

ValueCursor::ValueCursor(const RecordFields& fields, WirePattern pattern)
    : fields_(fields), wire_(pattern), own_(fields.own, fields.time) {
    advance_own();
}

void ValueCursor::advance_own() {
    handle::ValueView value;
    next_own_.reset();
    if (own_.next(value)) next_own_ = value;
}

bool ValueCursor::has_shared() const { return !decoded_.empty() || !wire_.at_end(); }

std::uint32_t ValueCursor::shared_index() const {
    return decoded_.empty() ? wire_.index() : decoded_.front().index;
}

void ValueCursor::skip_shared() {
    if (decoded_.empty()) {
        wire_.skip();
    } else {
        decoded_ = decoded_.subspan(1);
    }
}

bool ValueCursor::next(StoredValue& value) {
    if (!ok()) return false;
    const bool has_shared = this->has_shared();
    if (next_own_.has_value() && (!has_shared || next_own_->index <= shared_index())) {
        if (has_shared && next_own_->index == shared_index()) skip_shared();
        take_own_value(value);
        return true;
    }
    if (!has_shared) return false;
    take_shared(value);
    return columns_ok_;
}

void ValueCursor::take_shared(StoredValue& value) {
    if (decoded_.empty()) {
        columns_ok_ = wire_.take(fields_, value);
        return;
    }
    columns_ok_ = set_shared(value, decoded_.front(), fields_);
    skip_shared();
}

void ValueCursor::take_own_value(StoredValue& value) {
    value.index = next_own_->index;
    value.timestamp = next_own_->timestamp;
    value.ttl_type = next_own_->ttl_type;
    value.permissions = next_own_->permissions;
    value.ttl = next_own_->ttl;
    value.type = next_own_->type;
    value.references = next_own_->references;
    value.pieces[0] = next_own_->data;
    value.piece_count = 1;
    value.data_size = static_cast<std::uint32_t>(next_own_->data.size());
    advance_own();
}

}  // namespace idnode::registry
