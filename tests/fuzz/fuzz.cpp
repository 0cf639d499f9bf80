#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <array>

#include "protocol/core/check.h"
#include "protocol/handle/envelope.h"

namespace idnode::fuzz {

void expect_same(ByteSpan one, ByteSpan other) { IDN_CHECK(std::ranges::equal(one, other)); }

void expect_full(const Writer& out) { IDN_CHECK(out.ok() && out.remaining() == 0); }

std::vector<std::uint8_t> with_true_length(ByteSpan whole) {
    constexpr std::size_t kLengthAt = 16;
    std::vector<std::uint8_t> octets(whole.begin(), whole.end());
    if (octets.size() < handle::kEnvelopeSize) return octets;
    const std::size_t length = octets.size() - handle::kEnvelopeSize;
    Writer(MutableByteSpan(octets).subspan(kLengthAt)).u32(static_cast<std::uint32_t>(length));
    return octets;
}

void add_packet(handle::Reassembly& reassembly, ByteSpan sender, std::uint64_t now_ms,
                std::size_t missing, Reader& in) {
    static constexpr std::array<std::uint8_t, kUdpPartSize> kZeros{};
    const auto envelope = handle::decode_envelope(in);
    if (!envelope) return;
    const std::size_t place = std::size_t{envelope->sequence_number} * kUdpPartSize;
    const std::size_t length = envelope->message_length;
    const std::size_t wanted = place < length ? std::min(kUdpPartSize, length - place) : 0;
    const ByteSpan part = ByteSpan(kZeros).first(wanted - std::min(wanted, missing));
    const auto added = reassembly.add({sender, sender}, *envelope, part, now_ms);
    const bool complete = added.outcome == handle::Reassembly::Outcome::kComplete;
    IDN_CHECK(complete == !added.message.empty());
    IDN_CHECK(!complete || added.message.size() == handle::kEnvelopeSize + length);
}

}  // namespace idnode::fuzz
