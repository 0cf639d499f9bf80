#include "tests/registry/drawn_records.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "protocol/core/identifier.h"
#include "protocol/handle/value.h"
#include "registry/own_values.h"

namespace idnode::registry {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kFreeOctets =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._()<>;: ";
constexpr std::uint32_t kTime = 1'690'000'000;
constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15;

std::uint64_t seed_of(std::string_view prefix, std::uint64_t slot, std::uint64_t version) {
    std::uint64_t seed = version * 7'919 + slot;
    for (const char c : prefix) seed = seed * 131 + static_cast<unsigned char>(c);
    return seed * kGolden;
}

// Somewhere in the slot's part of [0, end): ascends with the slot, with gaps of every size.
std::uint64_t spread(const NameSpace& space, std::uint64_t slot, std::uint64_t end) {
    const std::uint64_t step = end / space.slots;
    return slot * step + Draw(seed_of(space.prefix, slot, 99)).below(step);
}

// `size` digits of a number in radix 36 or 26.
std::string digits(std::uint64_t number, std::size_t size, std::string_view alphabet) {
    std::string text(size, alphabet[0]);
    for (std::size_t at = size; at > 0 && number > 0; number /= alphabet.size()) {
        text[--at] = alphabet[number % alphabet.size()];
    }
    return text;
}

std::string suffix_of(const NameSpace& space, std::uint64_t slot) {
    constexpr std::uint64_t kTrillion = 1'000'000'000'000;
    switch (space.kind) {
        case NameKind::kSerial:
            return fmt::format("SN2023A{:09}", 123'000 + slot);
        case NameKind::kDated:
            return fmt::format("P{:03}-202301{:02}-{:04}", slot / 14'000, 1 + slot / 500 % 28,
                               slot % 500);
        case NameKind::kSparse:
            return fmt::format("{:012}", spread(space, slot, kTrillion));
        case NameKind::kHex:
            return fmt::format("{:016X}", spread(space, slot, UINT64_MAX));
        case NameKind::kAlphanumeric:
            return digits(spread(space, slot, kTrillion * 3'000), 10, kDigits);
        case NameKind::kFree:
            break;
    }
    Draw draw(seed_of(space.prefix, slot, 98));
    const std::string tail = draw.text(draw.below(draw.one_in(50) ? 300 : 30), kFreeOctets);
    return "j." + digits(slot, 4, "abcdefghijklmnopqrstuvwxyz") + tail + "x";
}

std::vector<DrawnValue> draw_own(Draw& draw, std::uint32_t time) {
    std::vector<DrawnValue> values;
    std::uint32_t index = 1;
    for (std::uint64_t left = 1 + draw.below(3); left > 0; --left) {
        index += static_cast<std::uint32_t>(draw.below(draw.one_in(9) ? 70'000 : 3));
        DrawnValue value{index++, time, 86'400, 14, "URL", {}};
        if (draw.one_in(3)) value.type = draw.one_in(3) ? "x.own" : "EMAIL";
        if (draw.one_in(8)) value.timestamp = static_cast<std::uint32_t>(draw.next());
        if (draw.one_in(8)) value.ttl = static_cast<std::uint32_t>(draw.below(90'000));
        if (draw.one_in(8)) value.permissions = 2;
        value.data = draw.text(draw.one_in(400) ? draw.below(9'000) : draw.below(40), kFreeOctets);
        values.push_back(std::move(value));
    }
    return values;
}

std::vector<std::string> draw_columns(Draw& draw, std::size_t count, std::uint64_t slot) {
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < count; ++i) {
        switch (i % 3) {
            case 0:  // The same for many that follow each other.
                columns.push_back(fmt::format("model {}", slot / 60));
                break;
            case 1:  // Begins alike, one size, six bits a character.
                columns.push_back("https://e.example/" + draw.text(9, kLetters));
                break;
            default:
                columns.push_back(draw.text(draw.below(draw.one_in(99) ? 500 : 14), kFreeOctets));
        }
    }
    return columns;
}

PatternValue url_value(std::uint32_t index, std::string_view type, std::vector<Piece> data) {
    return {index, 0, 14, 86'400, std::string(type), std::string(4, '\0'), std::move(data)};
}

const std::string& column_or(const DrawnRecord& record, std::size_t column) {
    return record.columns.at(column);
}

DrawnValue pattern_value(const DrawnRecord& record, const PatternValue& shared) {
    DrawnValue value{shared.index, record.time, shared.ttl, shared.permissions, shared.type, {}};
    const std::size_t slash = record.identifier.find('/');
    for (const Piece& piece : shared.data) {
        if (piece.kind == PieceKind::kLiteral) value.data += piece.literal;
        if (piece.kind == PieceKind::kIdentifier) value.data += record.identifier;
        if (piece.kind == PieceKind::kSuffix) value.data += record.identifier.substr(slash + 1);
        if (piece.kind == PieceKind::kColumn) value.data += column_or(record, piece.column);
    }
    return value;
}

// Own values are added and, at equal index, put in the place of the pattern's.
std::vector<DrawnValue> values_of(const DrawnRecord& record) {
    std::vector<DrawnValue> values = record.own;
    if (record.pattern) {
        for (const PatternValue& shared : drawn_patterns().at(*record.pattern).values) {
            const bool replaced =
                std::ranges::find(record.own, shared.index, &DrawnValue::index) != record.own.end();
            if (!replaced) values.push_back(pattern_value(record, shared));
        }
    }
    std::ranges::sort(values, {}, &DrawnValue::index);
    return values;
}

handle::ValueView view_of(const DrawnValue& value) {
    handle::ValueView view;
    view.index = value.index;
    view.timestamp = value.timestamp;
    view.ttl = value.ttl;
    view.permissions = value.permissions;
    view.type = value.type;
    view.data = to_bytes(value.data);
    return view;
}

}  // namespace

std::uint64_t Draw::next() {
    // SplitMix64.
    std::uint64_t z = state_ += kGolden;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
}

std::string Draw::text(std::size_t size, std::string_view alphabet) {
    std::string text(size, ' ');
    for (char& c : text) c = alphabet[below(alphabet.size())];
    return text;
}

std::string drawn_name(const NameSpace& space, std::uint64_t slot, std::uint32_t version) {
    std::string name = space.prefix + "/" + suffix_of(space, slot);
    Draw draw(seed_of(space.prefix, slot, version));
    // The registered case: now the usual one, now all lower, now a letter here and there.
    const std::uint64_t kind = draw.below(space.bare ? 2'000 : 30);
    for (char& c : name) {
        const bool lower = kind == 0 || (kind == 1 && draw.one_in(2));
        if (lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return name;
}

const std::array<Pattern, kDrawnPatternCount>& drawn_patterns() {
    static const std::array<Pattern, kDrawnPatternCount> kPatterns = [] {
        const Piece suffix{PieceKind::kSuffix, 0, {}};
        const auto column = [](std::uint8_t number) {
            return Piece{PieceKind::kColumn, number, {}};
        };
        const auto literal = [](std::string_view text) {
            return Piece{PieceKind::kLiteral, 0, std::string(text)};
        };
        std::array<Pattern, kDrawnPatternCount> patterns;
        patterns[0].values = {url_value(1, "URL", {literal("https://p.example/"), suffix})};
        patterns[1].values = {url_value(1, "URL", {column(1)}),
                              url_value(2, "MODEL", {column(0), literal(" of "), suffix})};
        patterns[1].column_count = 2;
        patterns[2].values = {url_value(1, "URL", {Piece{PieceKind::kIdentifier, 0, {}}}),
                              url_value(9, "NOTE", {column(2), column(0), column(1)})};
        patterns[2].column_count = 3;
        patterns[3].values = {url_value(3, "EMAIL", {column(0)})};
        patterns[3].column_count = 1;
        return patterns;
    }();
    return kPatterns;
}

DrawnRecord drawn_record(const NameSpace& space, std::uint64_t slot, std::uint32_t version) {
    DrawnRecord record;
    record.identifier = drawn_name(space, slot, version);
    record.folded.resize(record.identifier.size());
    std::ranges::transform(record.identifier, record.folded.begin(), fold_ascii);
    Draw draw(seed_of(space.prefix, slot, 1'000 + version));
    // The first version is the usual one: nearly nothing of its own.
    const std::uint64_t odds = version == 0 ? space.bare ? 3'000 : 12 : 2;
    record.time = kTime + static_cast<std::uint32_t>(space.bare ? 0 : slot / 90 * 60);
    if (draw.one_in(odds)) record.time = kTime + static_cast<std::uint32_t>(draw.below(1 << 28));
    const std::size_t usual = space.bare || slot / 2'000 % 4 == 0 ? 0 : 1;
    record.pattern = draw.one_in(odds * 2) ? draw.below(kDrawnPatternCount) : usual;
    if (draw.one_in(odds * 3)) record.pattern.reset();
    if (!record.pattern || draw.one_in(odds * 2)) record.own = draw_own(draw, record.time);
    if (record.pattern) {
        const std::size_t count = drawn_patterns().at(*record.pattern).column_count;
        record.columns = draw_columns(draw, count, slot);
    }
    return record;
}

std::string drawn_wire(const DrawnRecord& record) {
    std::string wire;
    for (const DrawnValue& value : values_of(record)) {
        const handle::ValueView view = view_of(value);
        const std::size_t at = wire.size();
        wire.resize(at + handle::encoded_size(view));
        idnode::Writer out({reinterpret_cast<std::uint8_t*>(wire.data()) + at, wire.size() - at});
        handle::encode_value(out, view);
    }
    return wire;
}

bool equal_but_for_time(std::string_view old_wire, std::string_view new_wire,
                        std::uint32_t new_time) {
    Reader old_values(to_bytes(old_wire));
    Reader new_values(to_bytes(new_wire));
    while (!old_values.at_end() && !new_values.at_end()) {
        const auto before = handle::decode_value(old_values);
        const auto after = handle::decode_value(new_values);
        if (!before || !after) return false;
        if (after->timestamp != new_time && before->timestamp != after->timestamp) return false;
        if (before->index != after->index || before->ttl != after->ttl ||
            before->permissions != after->permissions || before->type != after->type ||
            to_text(before->data) != to_text(after->data)) {
            return false;
        }
    }
    return old_values.at_end() && new_values.at_end();
}

PackedDraw::PackedDraw(const DrawnRecord& record, PatternRef pattern)
    : record_(record), pattern_(pattern), columns_(record.columns.begin(), record.columns.end()) {
    std::vector<handle::ValueView> views;
    for (const DrawnValue& value : record.own) views.push_back(view_of(value));
    encode_own_values(views, record.time, own_);
}

PackRecord PackedDraw::pack() const {
    PackRecord packed;
    packed.folded = record_.folded;
    packed.fields = {record_.identifier, record_.time, pattern_, columns_, to_bytes(own_)};
    return packed;
}

}  // namespace idnode::registry
