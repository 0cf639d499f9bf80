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

}  // namespace

// Not in the header: otherwise Record() would fill the buffers with zeros first.
Record::Record() = default;

void encode_stored_value(Writer& out, const StoredValue& value) {
    if (std::uint8_t* const octets = out.take<18>(); octets != nullptr) {
        store_u32(octets, value.index);
        store_u32(octets + 4, value.timestamp);
        octets[8] = value.ttl_type;
        store_u32(octets + 9, value.ttl);
        octets[13] = value.permissions;
        store_u32(octets + 14, static_cast<std::uint32_t>(value.type.size()));
    }
    out.text(value.type);
    out.u32(value.data_size);
    for (std::size_t i = 0; i < value.piece_count; ++i) out.bytes(value.pieces[i]);
    out.bytes(value.references);
}

ValueCursor::ValueCursor(const RecordFields& fields, const Pattern* pattern)
    : fields_(fields), pattern_(pattern), own_(fields.own, fields.time) {
    advance_own();
}

void ValueCursor::advance_own() {
    handle::ValueView value;
    next_own_.reset();
    if (own_.next(value)) next_own_ = value;
}

bool ValueCursor::next(StoredValue& value) {
    if (!ok()) return false;
    const PatternValue* shared = nullptr;
    if (pattern_ != nullptr && next_pattern_value_ < pattern_->values.size()) {
        shared = &pattern_->values[next_pattern_value_];
    }
    if (next_own_.has_value() && (shared == nullptr || next_own_->index <= shared->index)) {
        if (shared != nullptr && next_own_->index == shared->index) ++next_pattern_value_;
        take_own_value(value);
        return true;
    }
    if (shared == nullptr) return false;
    take_pattern_value(value, *shared);
    return columns_ok_;
}

void ValueCursor::take_pattern_value(StoredValue& value, const PatternValue& shared) {
    ++next_pattern_value_;
    value.index = shared.index;
    value.timestamp = fields_.time;
    value.ttl_type = shared.ttl_type;
    value.permissions = shared.permissions;
    value.ttl = shared.ttl;
    value.type = shared.type;
    value.references = to_bytes(shared.references);
    value.piece_count = 0;
    value.data_size = 0;
    for (const Piece& piece : shared.data) {
        const std::optional<ByteSpan> octets = octets_of(piece, fields_);
        columns_ok_ = octets.has_value() && value.piece_count < value.pieces.size();
        if (!columns_ok_) return;
        value.pieces[value.piece_count++] = *octets;
        value.data_size += static_cast<std::uint32_t>(octets->size());
    }
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
