#include "registry/wire_pattern.h"

#include <string>

#include "protocol/handle/value.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kTimeAt = 4;  // In the head of a value.
constexpr std::size_t kLineSize = 64;
// Of the octets of a usual pattern.
constexpr std::size_t kLinesPrefetched = 5;

template <class T>
void append(std::vector<std::uint8_t>& to, const T& value) {
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(&value);
    to.insert(to.end(), octets, octets + sizeof value);
}

void append_text(std::vector<std::uint8_t>& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}

template <class T>
T take(const std::uint8_t*& from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    from += sizeof value;
    return value;
}

// The value as it stands on the wire up to its data, with no time and no data.
std::vector<std::uint8_t> head_of(const PatternValue& value) {
    StoredValue head;
    head.index = value.index;
    head.ttl_type = value.ttl_type;
    head.permissions = value.permissions;
    head.ttl = value.ttl;
    head.type = value.type;
    std::vector<std::uint8_t> octets(handle::kValueSizeMin + value.type.size());
    Writer out(octets);
    encode_stored_value(out, head);
    octets.resize(out.position());
    return octets;
}

// The octets of a piece that are the same in all records.
std::string_view literal_of(const Piece& piece) {
    return piece.kind == PieceKind::kLiteral ? std::string_view(piece.literal) : std::string_view();
}

}  // namespace

WirePattern::WirePattern(const Pattern& pattern)
    : value_count_(static_cast<std::uint32_t>(pattern.values.size())),
      column_count_(pattern.column_count) {
    for (const PatternValue& value : pattern.values) {
        is_public_ = is_public_ && (value.permissions & handle::kPublicRead) != 0;
        append_value(value);
    }
}

void WirePattern::append_value(const PatternValue& value) {
    const std::vector<std::uint8_t> head = head_of(value);
    std::vector<Hole> holes;
    std::string literals;
    std::size_t told = 0;  // Of the literals: in front of a hole.
    for (const Piece& piece : value.data) {
        literals += literal_of(piece);
        if (piece.kind == PieceKind::kLiteral) continue;
        std::uint32_t source = kFirstColumn + piece.column;
        if (piece.kind == PieceKind::kIdentifier) source = kIdentifier;
        if (piece.kind == PieceKind::kSuffix) source = kSuffix;
        holes.push_back({static_cast<std::uint32_t>(literals.size() - told), source});
        sources_.push_back(source);
        told = literals.size();
    }
    append(octets_,
           Value{static_cast<std::uint32_t>(head.size()),
                 static_cast<std::uint32_t>(literals.size() - told + value.references.size()),
                 static_cast<std::uint32_t>(value.references.size()),
                 static_cast<std::uint32_t>(holes.size())});
    for (const Hole& hole : holes) append(octets_, hole);
    octets_.insert(octets_.end(), head.begin(), head.end());
    append_text(octets_, literals);
    append_text(octets_, value.references);
    fixed_size_ += head.size() + literals.size() + value.references.size();
}

void WirePattern::prefetch() const {
    for (std::size_t line = 0; line < kLinesPrefetched; ++line) {
        __builtin_prefetch(octets_.data() + line * kLineSize);
    }
}

bool WirePattern::write(Writer& out, const RecordFields& fields) const {
    if (fields.columns.size() != column_count_) return false;
    const std::string_view suffix = suffix_of(fields.identifier);
    const auto text_of = [&](std::uint32_t source) {
        if (source >= kFirstColumn) return fields.columns[source - kFirstColumn];
        return source == kSuffix ? suffix : fields.identifier;
    };
    std::size_t size = fixed_size_;
    for (const std::uint32_t source : sources_) size += text_of(source).size();
    std::uint8_t* to = out.take(size);
    if (to == nullptr) return true;

    const std::uint8_t* from = octets_.data();
    const auto copy = [&to](const std::uint8_t* octets, std::size_t count) {
        copy_octets(to, octets, count);
        to += count;
    };
    for (std::uint32_t i = 0; i < value_count_; ++i) {
        const auto value = take<Value>(from);
        const std::uint8_t* hole_at = from;
        from += value.hole_count * sizeof(Hole);
        std::uint8_t* const head = to;
        copy(from, value.head_size);
        from += value.head_size;
        store_u32(head + kTimeAt, fields.time);
        std::uint8_t* const data = to;
        for (std::uint32_t j = 0; j < value.hole_count; ++j) {
            const auto hole = take<Hole>(hole_at);
            copy(from, hole.literal_size);
            from += hole.literal_size;
            const ByteSpan text = to_bytes(text_of(hole.source));
            copy(text.data(), text.size());
        }
        copy(from, value.tail_size);
        from += value.tail_size;
        store_u32(data - 4, static_cast<std::uint32_t>(to - data) - value.references_size);
    }
    return true;
}

}  // namespace idnode::registry
