#include "registry/wire_pattern.h"

#include "protocol/core/copy_octets.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/value.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kTimeAt = 4;  // In the head of a value.
constexpr std::size_t kLineSize = 64;
// Of a usual pattern.
constexpr std::size_t kLinesPrefetched = 5;

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

std::uint32_t load_u32(const std::uint8_t* octets) {
    return static_cast<std::uint32_t>(load_big<4>(octets));
}

// Two ways to copy what all records share: exactly, and in whole words, which writes and reads up
// to a word more. Types, for each is compiled into its loop.
constexpr std::size_t kWordSize = 32;
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

}  // namespace

// Collects holes, values and runs while it goes through a pattern.
class WirePatternDraft {
public:
    explicit WirePatternDraft(const Pattern& pattern) {
        head_.column_count = pattern.column_count;
        head_.value_count = static_cast<std::uint16_t>(pattern.values.size());
        for (const PatternValue& value : pattern.values) add(value);
        head_.hole_count = static_cast<std::uint16_t>(holes_.size());
        head_.fixed_size = static_cast<std::uint32_t>(runs_.size());
    }

    [[nodiscard]] std::vector<std::uint8_t> octets() {
        const std::size_t size = sizeof(WirePattern::Head) + size_of(holes_) + size_of(values_) +
                                 runs_.size() + kWordSize;
        std::vector<std::uint8_t> octets;
        octets.reserve(size);
        append(octets, &head_, sizeof head_);
        append(octets, holes_.data(), size_of(holes_));
        append(octets, values_.data(), size_of(values_));
        append(octets, runs_.data(), runs_.size());
        octets.resize(size);
        return octets;
    }

private:
    static void append(std::vector<std::uint8_t>& to, const void* from, std::size_t size) {
        const auto* const octets = static_cast<const std::uint8_t*>(from);
        to.insert(to.end(), octets, octets + size);
    }
    template <class T>
    static std::size_t size_of(const std::vector<T>& items) {
        return items.size() * sizeof(T);
    }
    static std::uint32_t source_of(const Piece& piece) {
        if (piece.kind == PieceKind::kIdentifier) return WirePattern::kIdentifier;
        if (piece.kind == PieceKind::kSuffix) return WirePattern::kSuffix;
        return WirePattern::kFirstColumn + piece.column;
    }

    // In the run at hand.
    [[nodiscard]] std::uint32_t place() const {
        return static_cast<std::uint32_t>(runs_.size() - run_begin_);
    }

    void add(const PatternValue& value) {
        head_.is_public = head_.is_public && (value.permissions & handle::kPublicRead) != 0;
        const std::vector<std::uint8_t> octets = head_of(value);
        WirePattern::Value made{place(), static_cast<std::uint32_t>(octets.size()), 0, 0};
        runs_.insert(runs_.end(), octets.begin(), octets.end());
        for (const Piece& piece : value.data) {
            if (piece.kind == PieceKind::kLiteral) {
                runs_.insert(runs_.end(), piece.literal.begin(), piece.literal.end());
                continue;
            }
            holes_.push_back({place(), source_of(piece)});
            run_begin_ = runs_.size();
            ++made.hole_count;
        }
        made.data_end = place();
        runs_.insert(runs_.end(), value.references.begin(), value.references.end());
        values_.push_back(made);
    }

    WirePattern::Head head_;
    std::vector<WirePattern::Hole> holes_;
    std::vector<WirePattern::Value> values_;
    std::vector<std::uint8_t> runs_;
    std::size_t run_begin_ = 0;
};

std::vector<std::uint8_t> encode_wire_pattern(const Pattern& pattern) {
    return WirePatternDraft(pattern).octets();
}

void WirePattern::prefetch() const {
    for (std::size_t line = 0; line < kLinesPrefetched; ++line) {
        __builtin_prefetch(octets_ + line * kLineSize);
    }
}

bool WirePattern::write(Writer& out, const RecordFields& fields, std::size_t suffix_size) const {
    const Head head = this->head();
    const std::size_t identifier_size = fields.identifier.size();
    if (fields.columns.size() != head.column_count || suffix_size > identifier_size) return false;
    const std::string_view suffix = fields.identifier.substr(identifier_size - suffix_size);
    std::size_t size = head.fixed_size;
    for (std::size_t i = 0; i < head.hole_count; ++i) {
        size += text_of(hole(i).source, fields, suffix).size();
    }
    std::uint8_t* const to = out.take(size);
    if (to == nullptr) return true;
    if (out.remaining() >= kWordSize) {
        fill<CopyWholeWords>(head, to, fields, suffix);
    } else {
        fill<CopyExactly>(head, to, fields, suffix);
    }
    return true;
}

template <class Copy>
void WirePattern::fill(const Head& head, std::uint8_t* to, const RecordFields& fields,
                       std::string_view suffix) const {
    const std::uint8_t* from = runs(head);
    const std::uint8_t* const end = from + head.fixed_size;
    std::size_t next_hole = 0;
    // Copies the run in front of the next hole, or the last one.
    const auto take_run = [&] {
        const std::size_t size = next_hole < head.hole_count ? hole(next_hole).run_size
                                                             : static_cast<std::size_t>(end - from);
        Copy()(to, from, size);
        from += size;
        return size;
    };
    std::size_t run_size = take_run();
    for (std::uint32_t i = 0; i < head.value_count; ++i) {
        const Value value = this->value(head, i);
        std::uint8_t* const begin = to + value.begin;
        for (std::uint32_t j = 0; j < value.hole_count; ++j) {
            to += run_size;
            const ByteSpan text = to_bytes(text_of(hole(next_hole++).source, fields, suffix));
            copy_octets(to, text.data(), text.size());
            to += text.size();
            run_size = take_run();
        }
        std::uint8_t* const data = begin + value.head_size;
        store_u32(begin + kTimeAt, fields.time);
        store_u32(data - 4, static_cast<std::uint32_t>(to + value.data_end - data));
    }
}

std::uint32_t WireValues::index() const {
    return load_u32(run_ + pattern_.value(head_, next_value_).begin);
}

void WireValues::skip() {
    const WirePattern::Value value = pattern_.value(head_, next_value_++);
    for (std::uint32_t i = 0; i < value.hole_count; ++i)
        run_ += pattern_.hole(next_hole_++).run_size;
}

bool WireValues::take(const RecordFields& fields, StoredValue& value) {
    if (fields.columns.size() != head_.column_count) return false;
    const WirePattern::Value taken = pattern_.value(head_, next_value_);
    const std::uint8_t* const head = run_ + taken.begin;
    value.index = load_u32(head);
    value.timestamp = fields.time;
    value.ttl_type = head[8];
    value.ttl = load_u32(head + 9);
    value.permissions = head[13];
    const std::size_t type_size = load_u32(head + 14);
    value.type = to_text(ByteSpan(head + 18, type_size));
    value.piece_count = 0;
    value.data_size = 0;
    const auto add = [&](const std::uint8_t* octets, std::size_t size) {
        if (size == 0) return;
        value.pieces[value.piece_count++] = ByteSpan(octets, size);
        value.data_size += static_cast<std::uint32_t>(size);
    };
    const std::uint8_t* literal = head + taken.head_size;
    for (std::uint32_t i = 0; i < taken.hole_count; ++i) {
        const WirePattern::Hole hole = pattern_.hole(next_hole_++);
        run_ += hole.run_size;
        add(literal, static_cast<std::size_t>(run_ - literal));
        const ByteSpan text =
            to_bytes(WirePattern::text_of(hole.source, fields, suffix_of(fields.identifier)));
        add(text.data(), text.size());
        literal = run_;
    }
    const std::uint8_t* const end = run_ + taken.data_end;
    add(literal, static_cast<std::size_t>(end - literal));
    ++next_value_;
    const std::uint8_t* const all_end = pattern_.runs(head_) + head_.fixed_size;
    value.references =
        ByteSpan(end, at_end() ? all_end : run_ + pattern_.value(head_, next_value_).begin);
    return true;
}

}  // namespace idnode::registry
