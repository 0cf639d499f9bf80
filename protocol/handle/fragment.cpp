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

Reassembly::Address::Address(ByteSpan from) : size(static_cast<std::uint8_t>(from.size())) {
    IDN_CHECK(from.size() <= kReassemblyAddressSizeMax);
    std::ranges::copy(from, octets.begin());
}

Reassembly::Added Reassembly::add(const Sender& sender, const Envelope& envelope, ByteSpan part,
                                  std::uint64_t now_ms) {
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
    const Key key{Address(sender.address), envelope.request_id};
    const auto found = by_key_.find(key);
    const auto message = found != by_key_.end()
                             ? found->second
                             : start(key, Address(sender.network), envelope, now_ms);
    if (message == messages_.end()) return {};
    Added added = take(message, length, number, part);
    if (added.outcome == Outcome::kComplete) remember(key, now_ms);
    return added;
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
    while (!messages_.empty() && now_ms - messages_.front().started_ms >= timeout_ms_) {
        ++counters_.timed_out;
        remove(messages_.begin());
    }
    while (!finished_.empty() && now_ms - finished_.front().finished_ms >= timeout_ms_) {
        forget_oldest();
    }
}

bool Reassembly::has_room(const Address& network, std::size_t length) const {
    const auto found = networks_.find(network);
    const std::size_t held = found == networks_.end() ? 0 : found->second.memory;
    return held + length <= kReassemblyNetworkMax &&
           memory_ + length + kBookKeepingSize <= kReassemblyTotalMax;
}

// What late duplicates may have begun makes way, the oldest first.
bool Reassembly::make_room(const Address& network, std::size_t length) {
    while (!has_room(network, length)) {
        const auto found = networks_.find(network);
        if (found == networks_.end() || found->second.repeated.empty()) return false;
        remove(found->second.repeated.front());
    }
    return true;
}

// The end of messages_ when a bound of memory forbids it.
Reassembly::Messages::iterator Reassembly::start(const Key& key, const Address& network,
                                                 const Envelope& envelope, std::uint64_t now_ms) {
    const std::size_t length = envelope.message_length;
    if (!make_room(network, length)) {
        ++counters_.over_limit;
        return messages_.end();
    }
    Message message;
    message.key = key;
    message.network = network;
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
    Network& of_network = networks_[network];
    of_network.memory += length;
    if (finished_keys_.contains(key)) of_network.repeated.push_back(added);
    memory_ += length + kBookKeepingSize;
    return added;
}

void Reassembly::remove(Messages::iterator message) {
    memory_ -= message->length + kBookKeepingSize;
    const auto found = networks_.find(message->network);
    Network& network = found->second;
    network.memory -= message->length;
    std::erase(network.repeated, message);
    if (network.memory == 0) networks_.erase(found);
    by_key_.erase(message->key);
    messages_.erase(message);
}

void Reassembly::remember(const Key& key, std::uint64_t now_ms) {
    if (!finished_keys_.insert(key).second) return;
    finished_.push_back({key, now_ms});
    if (finished_.size() > kReassemblyFinishedMax) forget_oldest();
}

void Reassembly::forget_oldest() {
    finished_keys_.erase(finished_.front().key);
    finished_.pop_front();
}

}  // namespace idnode::handle
