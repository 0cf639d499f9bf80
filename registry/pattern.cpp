#include "registry/pattern.h"

#include "protocol/handle/value.h"
#include "registry/tlv.h"
#include "registry/varint.h"

namespace idnode::registry {
namespace {

constexpr std::uint8_t kPatternKind = 'P';
constexpr std::uint8_t kPatternVersion = 1;
constexpr std::uint8_t kPieceKindLast = static_cast<std::uint8_t>(PieceKind::kColumn);

void append_piece(std::string& out, const Piece& piece) {
    out.push_back(static_cast<char>(piece.kind));
    if (piece.kind == PieceKind::kLiteral) append_sized(out, piece.literal);
    if (piece.kind == PieceKind::kColumn) out.push_back(static_cast<char>(piece.column));
}

void append_value(std::string& out, const PatternValue& value) {
    append_varint(out, value.index);
    out.push_back(static_cast<char>(value.ttl_type));
    append_varint(out, value.ttl);
    out.push_back(static_cast<char>(value.permissions));
    append_sized(out, value.type);
    append_sized(out, value.references);
    out.push_back(static_cast<char>(value.data.size()));
    for (const Piece& piece : value.data) append_piece(out, piece);
}

bool take_text(ByteSpan& rest, std::string& text) {
    ByteSpan octets;
    if (!take_sized(rest, octets)) return false;
    text = to_text(octets);
    return true;
}

bool take_piece(ByteSpan& rest, Piece& piece) {
    std::uint8_t kind = 0;
    if (!take_u8(rest, kind) || kind > kPieceKindLast) return false;
    piece.kind = static_cast<PieceKind>(kind);
    if (piece.kind == PieceKind::kLiteral) return take_text(rest, piece.literal);
    if (piece.kind == PieceKind::kColumn) return take_u8(rest, piece.column);
    return true;
}

bool take_value(ByteSpan& rest, PatternValue& value) {
    std::uint8_t piece_count = 0;
    if (!take_varint(rest, value.index) || !take_u8(rest, value.ttl_type) ||
        !take_varint(rest, value.ttl) || !take_u8(rest, value.permissions) ||
        !take_text(rest, value.type) || !take_text(rest, value.references) ||
        !take_u8(rest, piece_count) || piece_count > kPatternPieceCountMax) {
        return false;
    }
    for (std::uint8_t i = 0; i < piece_count; ++i) {
        if (!take_piece(rest, value.data.emplace_back())) return false;
    }
    return true;
}

// The wire form of a list: a count and as many handles with index.
bool is_reference_list(std::string_view references) {
    Reader in(to_bytes(references));
    const std::uint32_t count = in.count(handle::kReferenceSizeMin);
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        in.sized_bytes();
        in.u32();
    }
    return in.at_end();
}

// Ascending indexes, whole reference lists, and columns without a gap.
bool is_sound(const Pattern& pattern) {
    std::uint64_t index_min = 0;
    std::uint64_t columns = 0;
    for (const PatternValue& value : pattern.values) {
        if (value.index < index_min || !is_reference_list(value.references)) return false;
        index_min = std::uint64_t{value.index} + 1;
        for (const Piece& piece : value.data) {
            if (piece.kind != PieceKind::kColumn) continue;
            if (piece.column >= pattern.column_count) return false;
            columns |= std::uint64_t{1} << piece.column;
        }
    }
    return columns == (std::uint64_t{1} << pattern.column_count) - 1;
}

tl::unexpected<Error> corrupt(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kCorrupt, where});
}

}  // namespace

std::string encode_pattern(const Pattern& pattern) {
    std::string out;
    out.push_back(static_cast<char>(kPatternKind));
    out.push_back(static_cast<char>(kPatternVersion));
    out.push_back(static_cast<char>(pattern.column_count));
    append_varint(out, static_cast<std::uint32_t>(pattern.values.size()));
    for (const PatternValue& value : pattern.values) append_value(out, value);
    return out;
}

Result<Pattern> decode_pattern(ByteSpan stored) {
    ByteSpan rest = stored;
    std::uint8_t kind = 0;
    std::uint8_t version = 0;
    if (!take_u8(rest, kind) || !take_u8(rest, version)) return corrupt("pattern cut short");
    if (kind != kPatternKind || version != kPatternVersion) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "pattern's kind or version"});
    }
    Pattern pattern;
    std::uint32_t value_count = 0;
    if (!take_u8(rest, pattern.column_count) || !take_varint(rest, value_count) ||
        pattern.column_count > kPatternColumnCountMax || value_count > kPatternValueCountMax) {
        return corrupt("pattern's counts");
    }
    for (std::uint32_t i = 0; i < value_count; ++i) {
        if (!take_value(rest, pattern.values.emplace_back())) return corrupt("pattern's value");
    }
    if (!is_sound(pattern)) return corrupt("pattern contradicts itself");
    const auto tlvs = check_tlvs(rest);
    if (!tlvs) return tl::unexpected(tlvs.error());
    return pattern;
}

}  // namespace idnode::registry
