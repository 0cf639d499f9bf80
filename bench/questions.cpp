#include "bench/questions.h"

#include <algorithm>
#include <ctime>

#include "bench/layout.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kEnvelope = 20;
constexpr std::size_t kHead = 44;  // Envelope and header.
constexpr std::size_t kRequestIdAt = 8;
constexpr std::size_t kLengthAt = 16;
constexpr std::size_t kOperationAt = 20;
constexpr std::size_t kCodeAt = 24;
constexpr std::size_t kBodyLengthAt = 40;
constexpr std::uint32_t kResolution = 1;
constexpr std::uint32_t kSuccess = 1;
constexpr std::uint32_t kStockFlags = 0x1900'0000;
constexpr std::uint32_t kTwelveHours = 12 * 3'600;
constexpr std::uint32_t kTtl = 86'400;
constexpr std::uint8_t kPermissions = 0x0E;

std::uint32_t u32_at(ByteSpan octets, std::size_t at) {
    return Reader(octets.subspan(at, 4)).u32();
}

// Envelope (version 2.11, suggests 2.11) and header up to the body's length; lengths follow.
void write_head(Writer& out, std::uint32_t request_id, std::uint32_t expiration) {
    for (int i = 0; i < 2; ++i) {
        out.u8(2);
        out.u8(11);
    }
    out.u32(0);  // Session.
    out.u32(request_id);
    out.u32(0);  // Sequence.
    out.u32(0);
    out.u32(kResolution);
    out.u32(0);  // Response code.
    out.u32(kStockFlags);
    out.u16(0xFFFF);  // No site serial.
    out.u16(0);       // Recursion, reserved.
    out.u32(expiration);
    out.u32(0);
}

// Empty credential, then the two lengths.
void finish(Writer& out) {
    const std::size_t body = out.position() - kHead;
    out.u32(0);
    out.patch_u32(kLengthAt, static_cast<std::uint32_t>(out.position() - kEnvelope));
    out.patch_u32(kBodyLengthAt, static_cast<std::uint32_t>(body));
    IDN_CHECK(out.ok());
}

void write_value(Writer& out, const ItemValue& value, std::uint32_t timestamp) {
    out.u32(value.index);
    out.u32(timestamp);
    out.u8(0);
    out.u32(kTtl);
    out.u8(kPermissions);
    out.sized_text(value.type);
    out.u32(static_cast<std::uint32_t>(value.data_size()));
    for (const std::string_view piece : value.pieces) out.text(piece);
    out.u32(0);  // References.
}

void write_values(const Item& item, MixKind kind, Writer& out) {
    const ItemValues values(layout_of(kind), item);
    out.u32(static_cast<std::uint32_t>(values.list().size()));
    for (const ItemValue& value : values.list()) write_value(out, value, item.timestamp);
}

bool same(ByteSpan a, ByteSpan b) { return std::ranges::equal(a, b); }

}  // namespace

std::size_t write_answer(const Item& item, MixKind kind, MutableByteSpan out) {
    std::fill_n(out.begin(), kHead, std::uint8_t{0});
    Writer writer(out);
    writer.bytes(out.first(kHead));
    writer.patch_u32(kOperationAt, kResolution);
    writer.patch_u32(kCodeAt, kSuccess);
    writer.sized_text(item.identifier.view());
    write_values(item, kind, writer);
    finish(writer);
    return writer.position();
}

ByteSpan values_of(const Item& item, MixKind kind, MutableByteSpan room) {
    Writer writer(room);
    write_values(item, kind, writer);
    IDN_CHECK(writer.ok());
    return writer.written();
}

std::size_t mean_answer_size(const Mix& mix) {
    constexpr std::uint64_t kSamples = 2'000;
    std::array<std::uint8_t, kAnswerSizeMax> room;
    MixReader reader(mix);
    Item item;
    std::size_t octets = 0;
    for (std::uint64_t i = 0; i < kSamples; ++i) {
        reader.read(scaled(hash64(1, i), mix.count()), item);
        octets += write_answer(item, mix.options().kind, room);
    }
    return octets / kSamples;
}

Questions::Questions(const Mix& mix, std::uint32_t slots, std::uint64_t seed, Expect expect)
    : Asking(mix, slots, seed, UINT32_MAX),
      expect_(expect),
      expiration_(static_cast<std::uint32_t>(std::time(nullptr)) + kTwelveHours) {
    IDN_CHECK(expect == Expect::kRecords || expect == Expect::kEcho);
}

std::size_t Questions::first_size(ByteSpan stream) const {
    return stream.size() < kEnvelope ? 0 : kEnvelope + std::size_t{u32_at(stream, kLengthAt)};
}

void Questions::write_request(Writer& out, std::uint32_t request_id, const Item& item) {
    write_head(out, request_id, expiration_);
    out.sized_text(item.identifier.view());
    out.u32(0);  // Indexes.
    out.u32(0);  // Types.
    finish(out);
}

std::optional<std::uint32_t> Questions::id_in(ByteSpan answer, std::uint32_t /*lane*/) {
    if (answer.size() < kHead) return std::nullopt;
    return u32_at(answer, kRequestIdAt);
}

const char* Questions::fault_in(const Slot& slot, ByteSpan answer) {
    if (u32_at(answer, kLengthAt) != answer.size() - kEnvelope) return "an answer of wrong length";
    if (u32_at(answer, kOperationAt) != kResolution) return "an answer to another operation";
    if (expect_ == Expect::kEcho) return nullptr;
    if (u32_at(answer, kCodeAt) != kSuccess) return "a response code other than 1";
    if (answer.size() < kHead + 4U + slot.identifier_size) return "an answer without identifier";
    const ByteSpan asked = ByteSpan(slot.request).subspan(kHead, 4U + slot.identifier_size);
    if (!same(answer.subspan(kHead, asked.size()), asked)) return "another identifier";
    if (!slot.sampled) return nullptr;
    std::array<std::uint8_t, kAnswerSizeMax> room;
    const std::size_t size = write_answer(sample(slot), kind(), room);
    const ByteSpan expected = ByteSpan(room).first(size);
    return same(answer.subspan(kBodyLengthAt), expected.subspan(kBodyLengthAt))
               ? nullptr
               : "a record other than the one registered";
}

}  // namespace idnode::bench
