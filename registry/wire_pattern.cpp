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

// Two ways to copy what all records share: exactly, and in whole words, which writes and reads up
// to a word more. Types, for each is compiled into its loop.
constexpr std::size_t kWordSize = 16;
struct CopyExactly {
    void operator()(std::uint8_t* to, const std::uint8_t* from, std::size_t size) const {
        copy_octets(to, from, size);
    }
};
struct CopyWholeWords {
    void operator()(std::uint8_t* to, const std::uint8_t* from, std::size_t size) const {
        for (std::size_t at = 0; at < size; at += kWordSize) {
            std::memcpy(to + at, from + at, kWordSize);
        }
    }
};

// The octets of a piece that are the same in all records.
std::string_view literal_of(const Piece& piece) {
    return piece.kind == PieceKind::kLiteral ? std::string_view(piece.literal) : std::string_view();
}

}  // namespace

std::uint8_t WirePattern::source_of(const Piece& piece) {
    if (piece.kind == PieceKind::kIdentifier) return kIdentifier;
    if (piece.kind == PieceKind::kSuffix) return kSuffix;
    return static_cast<std::uint8_t>(kFirstColumn + piece.column);
}

WirePattern::WirePattern(const Pattern& pattern)
    : value_count_(static_cast<std::uint32_t>(pattern.values.size())),
      column_count_(pattern.column_count) {
    for (const PatternValue& value : pattern.values) {
        for (const Piece& piece : value.data) {
            if (piece.kind != PieceKind::kLiteral) octets_.push_back(source_of(piece));
        }
    }
    hole_count_ = static_cast<std::uint32_t>(octets_.size());
    for (const PatternValue& value : pattern.values) {
        is_public_ = is_public_ && (value.permissions & handle::kPublicRead) != 0;
        append_value(value);
    }
    octets_.resize(octets_.size() + kWordSize);
}

void WirePattern::append_value(const PatternValue& value) {
    const std::vector<std::uint8_t> head = head_of(value);
    std::vector<Hole> holes;
    std::string literals;
    std::size_t told = 0;  // Of the literals: in front of a hole.
    for (const Piece& piece : value.data) {
        literals += literal_of(piece);
        if (piece.kind == PieceKind::kLiteral) continue;
        holes.push_back({static_cast<std::uint32_t>(literals.size() - told), source_of(piece)});
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

bool WirePattern::write(Writer& out, const RecordFields& fields, std::size_t suffix_size) const {
    const std::size_t identifier_size = fields.identifier.size();
    if (fields.columns.size() != column_count_ || suffix_size > identifier_size) return false;
    const std::string_view suffix = fields.identifier.substr(identifier_size - suffix_size);
    std::size_t size = fixed_size_;
    for (const std::uint8_t source : std::span(octets_).first(hole_count_)) {
        size += text_of(source, fields, suffix).size();
    }
    std::uint8_t* const to = out.take(size);
    if (to == nullptr) return true;
    if (out.remaining() >= kWordSize) {
        fill<CopyWholeWords>(to, fields, suffix);
    } else {
        fill<CopyExactly>(to, fields, suffix);
    }
    return true;
}

template <class Copy>
void WirePattern::fill(std::uint8_t* to, const RecordFields& fields,
                       std::string_view suffix) const {
    const std::uint8_t* from = octets_.data() + hole_count_;
    const auto take_shared = [&](std::size_t size) {
        Copy()(to, from, size);
        to += size;
        from += size;
    };
    for (std::uint32_t i = 0; i < value_count_; ++i) {
        const auto value = take<Value>(from);
        const std::uint8_t* hole_at = from;
        from += value.hole_count * sizeof(Hole);
        std::uint8_t* const head = to;
        take_shared(value.head_size);
        store_u32(head + kTimeAt, fields.time);
        std::uint8_t* const data = to;
        for (std::uint32_t j = 0; j < value.hole_count; ++j) {
            const auto hole = take<Hole>(hole_at);
            take_shared(hole.literal_size);
            const ByteSpan text = to_bytes(text_of(hole.source, fields, suffix));
            copy_octets(to, text.data(), text.size());
            to += text.size();
        }
        take_shared(value.tail_size);
        store_u32(data - 4, static_cast<std::uint32_t>(to - data) - value.references_size);
    }
}

}  // namespace idnode::registry
