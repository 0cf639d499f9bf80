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

bool same(ByteSpan a, ByteSpan b) { return std::ranges::equal(a, b); }

}  // namespace

std::size_t write_answer(const Item& item, MixKind kind, MutableByteSpan out) {
    std::fill_n(out.begin(), kHead, std::uint8_t{0});
    Writer writer(out);
    writer.bytes(out.first(kHead));
    writer.patch_u32(kOperationAt, kResolution);
    writer.patch_u32(kCodeAt, kSuccess);
    writer.sized_text(item.identifier.view());
    const ItemValues values(layout_of(kind), item);
    writer.u32(static_cast<std::uint32_t>(values.list().size()));
    for (const ItemValue& value : values.list()) write_value(writer, value, item.timestamp);
    finish(writer);
    return writer.position();
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
    : reader_(mix),
      count_(mix.count()),
      seed_(seed),
      expect_(expect),
      kind_(mix.options().kind),
      expiration_(static_cast<std::uint32_t>(std::time(nullptr)) + kTwelveHours),
      slots_(slots) {}

ByteSpan Questions::ask(std::uint32_t slot_number, std::int64_t now_ns) {
    Slot& slot = slots_[slot_number];
    slot.index = scaled(hash64(seed_, asked_), count_);
    reader_.read_identifier(slot.index, item_);
    // Ids go up by the number of slots, so that an id is used again only after 2^32 requests.
    const auto slots = static_cast<std::uint32_t>(slots_.size());
    slot.request_id = asked_ % (UINT32_MAX / slots) * slots + slot_number;
    ++asked_;
    Writer out(slot.request);
    write_head(out, slot.request_id, expiration_);
    out.sized_text(item_.identifier.view());
    out.u32(0);  // Indexes.
    out.u32(0);  // Types.
    finish(out);
    slot.request_size = static_cast<std::uint16_t>(out.position());
    slot.identifier_size = static_cast<std::uint16_t>(item_.identifier.size());
    slot.asked_ns = now_ns;
    slot.under_way = true;
    return request(slot_number);
}

ByteSpan Questions::request(std::uint32_t slot) const {
    return ByteSpan(slots_[slot].request).first(slots_[slot].request_size);
}

std::optional<Questions::Answered> Questions::take(ByteSpan answer, std::int64_t now_ns) {
    if (answer.size() < kHead) {
        if (fault_.empty()) fault_ = "an answer shorter than envelope and header";
        return std::nullopt;
    }
    const std::uint32_t id = u32_at(answer, kRequestIdAt);
    const std::uint32_t number = id % static_cast<std::uint32_t>(slots_.size());
    Slot& slot = slots_[number];
    if (!slot.under_way || slot.request_id != id) {
        ++strays_;
        return std::nullopt;
    }
    if (const char* fault = fault_in(slot, answer); fault != nullptr) {
        if (fault_.empty()) fault_ = fault;
        return std::nullopt;
    }
    slot.under_way = false;
    return Answered{.slot = number, .waited_ns = now_ns - slot.asked_ns};
}

const char* Questions::fault_in(const Slot& slot, ByteSpan answer) {
    if (u32_at(answer, kLengthAt) != answer.size() - kEnvelope) return "an answer of wrong length";
    if (u32_at(answer, kOperationAt) != kResolution) return "an answer to another operation";
    if (expect_ == Expect::kEcho) return nullptr;
    if (u32_at(answer, kCodeAt) != kSuccess) return "a response code other than 1";
    if (answer.size() < kHead + 4U + slot.identifier_size) return "an answer without identifier";
    const ByteSpan asked = ByteSpan(slot.request).subspan(kHead, 4U + slot.identifier_size);
    if (!same(answer.subspan(kHead, asked.size()), asked)) return "another identifier";
    if (slot.request_id / slots_.size() % kSampleEvery != 0) return nullptr;
    ++sampled_;
    std::array<std::uint8_t, kAnswerSizeMax> room;
    reader_.read(slot.index, item_);
    const std::size_t size = write_answer(item_, kind_, room);
    const ByteSpan expected = ByteSpan(room).first(size);
    return same(answer.subspan(kBodyLengthAt), expected.subspan(kBodyLengthAt))
               ? nullptr
               : "a record other than the one registered";
}

}  // namespace idnode::bench
