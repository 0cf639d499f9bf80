#include "protocol/handle/fragment.h"

#include <algorithm>
#include <utility>

#include "protocol/core/check.h"
#include "protocol/handle/codes.h"

namespace idnode::handle {

namespace {

// What the lists and maps cost for one message, roughly; bounds the number of small ones.
constexpr std::size_t kBookKeepingSize = 512;

std::size_t part_count(std::size_t message_length) {
    return std::max<std::size_t>((message_length + kUdpPartSize - 1) / kUdpPartSize, 1);
}

std::size_t part_size(std::size_t message_length, std::size_t number) {
    return std::min(kUdpPartSize, message_length - number * kUdpPartSize);
}

}  // namespace

std::size_t packet_count(ByteSpan whole) {
    IDN_CHECK(whole.size() >= kEnvelopeSize);
    return part_count(whole.size() - kEnvelopeSize);
}

Packet packet_of(ByteSpan whole, std::size_t number, Direction direction) {
    const std::size_t count = packet_count(whole);
    IDN_CHECK(number < count);
    Reader in(whole);
    Result<Envelope> envelope = decode_envelope(in);
    IDN_CHECK(envelope.has_value());
    envelope->sequence_number = static_cast<std::uint32_t>(number);
    envelope->flags &= static_cast<std::uint8_t>(~kEnvelopeTruncated);
    if (direction == Direction::kRequest && count > 1) envelope->flags |= kEnvelopeTruncated;
    Packet packet;
    Writer out(packet.envelope);
    encode_envelope(out, *envelope);
    packet.part = whole.subspan(kEnvelopeSize + number * kUdpPartSize,
                                part_size(whole.size() - kEnvelopeSize, number));
    return packet;
}

Reassembly::Added Reassembly::add(ByteSpan address, const Envelope& envelope, ByteSpan part,
                                  std::uint64_t now_ms) {
    IDN_CHECK(address.size() <= kReassemblyAddressSizeMax);
    expire(now_ms);
    const std::size_t length = envelope.message_length;
    const std::size_t number = envelope.sequence_number;
    if (length > kReassemblyMessageMax) {
        ++counters_.over_limit;
        return {number == 0 ? Outcome::kTooLong : Outcome::kDropped, {}};
    }
    if (number >= part_count(length) || part.size() != part_size(length, number)) {
        ++counters_.invalid;
        return {};
    }
    Key key;
    std::ranges::copy(address, key.address.octets.begin());
    key.address.size = static_cast<std::uint8_t>(address.size());
    key.request_id = envelope.request_id;
    const auto found = by_key_.find(key);
    const auto message = found != by_key_.end() ? found->second : start(key, envelope, now_ms);
    if (message == messages_.end()) return {};
    return take(message, length, number, part);
}

Reassembly::Added Reassembly::take(Messages::iterator message, std::size_t length,
                                   std::size_t number, ByteSpan part) {
    const auto conflict = [&] {
        ++counters_.conflicting;
        remove(message);
        return Added{};
    };
    if (message->length != length) return conflict();
    const MutableByteSpan place = MutableByteSpan(message->octets)
                                      .subspan(kEnvelopeSize + number * kUdpPartSize, part.size());
    if (message->have[number]) {
        if (!std::ranges::equal(part, place)) return conflict();
    } else {
        std::ranges::copy(part, place.begin());
        message->have[number] = true;
        --message->missing;
    }
    if (message->missing != 0) return {Outcome::kIncomplete, {}};
    Added added{Outcome::kComplete, std::move(message->octets)};
    ++counters_.completed;
    remove(message);
    return added;
}

void Reassembly::expire(std::uint64_t now_ms) {
    while (!messages_.empty() && now_ms - messages_.front().started_ms >= kReassemblyTimeoutMs) {
        ++counters_.timed_out;
        remove(messages_.begin());
    }
}

// The end of messages_ when a bound of memory forbids it.
Reassembly::Messages::iterator Reassembly::start(const Key& key, const Envelope& envelope,
                                                 std::uint64_t now_ms) {
    const std::size_t length = envelope.message_length;
    const auto at_address = address_memory_.find(key.address);
    const std::size_t held = at_address == address_memory_.end() ? 0 : at_address->second;
    if (held + length > kReassemblyAddressMax ||
        memory_ + length + kBookKeepingSize > kReassemblyTotalMax) {
        ++counters_.over_limit;
        return messages_.end();
    }
    Message message;
    message.key = key;
    message.started_ms = now_ms;
    message.length = length;
    message.octets.resize(kEnvelopeSize + length);
    message.missing = part_count(length);
    message.have.resize(message.missing);
    Envelope whole = envelope;
    whole.sequence_number = 0;
    whole.flags &= static_cast<std::uint8_t>(~kEnvelopeTruncated);
    Writer out(message.octets);
    encode_envelope(out, whole);
    const auto added = messages_.insert(messages_.end(), std::move(message));
    by_key_.emplace(key, added);
    address_memory_[key.address] += length;
    memory_ += length + kBookKeepingSize;
    return added;
}

void Reassembly::remove(Messages::iterator message) {
    memory_ -= message->length + kBookKeepingSize;
    const auto at_address = address_memory_.find(message->key.address);
    at_address->second -= message->length;
    if (at_address->second == 0) address_memory_.erase(at_address);
    by_key_.erase(message->key);
    messages_.erase(message);
}

}  // namespace idnode::handle
