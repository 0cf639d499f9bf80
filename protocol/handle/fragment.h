// Messages over UDP: cut into packets of an envelope and 492 octets, and put together again (RFC
// 3652, section 2.3). All packets of a message carry the length of the whole; part n stands at n *
// 492.
//
// Reassembly is bounded: 64 KiB per message and per network of senders, 16 MiB in all, 5 s from the
// first part on. A late duplicate of a message that is whole already looks like the first part of a
// repeated one: what it begins makes way when its network needs the room. One thread; no clock: the
// time comes in, in milliseconds that never go back.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/limits.h"
#include "protocol/handle/envelope.h"

namespace idnode::handle {

enum class Direction : std::uint8_t { kRequest, kResponse };

// One packet without a copy of its content: send `envelope`, then `part`.
struct Packet {
    std::array<std::uint8_t, kEnvelopeSize> envelope;
    ByteSpan part;  // Points into the message cut.
};

// Packets that `whole` (envelope and message) needs: at least one.
std::size_t packet_count(ByteSpan whole);

// Packet `number` (below packet_count) of `whole`. Parts of a long request carry the truncated bit,
// those of a response never.
Packet packet_of(ByteSpan whole, std::size_t number, Direction direction);

// True when a message of this length comes in more than one packet.
constexpr bool is_fragmented(const Envelope& envelope) {
    return envelope.message_length > kUdpPartSize;
}

inline constexpr std::size_t kReassemblyMessageMax = 65'536;
inline constexpr std::size_t kReassemblyNetworkMax = 65'536;
inline constexpr std::size_t kReassemblyTotalMax = 16 * 1024 * 1024;
inline constexpr std::uint64_t kReassemblyTimeoutMs = 5'000;
// Octets of an address: enough for IPv6 with port and scope.
inline constexpr std::size_t kReassemblyAddressSizeMax = 28;
// Messages remembered after they were whole, for as long as others may wait for their parts.
inline constexpr std::size_t kReassemblyFinishedMax = 1'024;

// Who sent a packet; each at most kReassemblyAddressSizeMax octets.
struct Sender {
    ByteSpan address;  // Tells senders apart: with the port.
    ByteSpan network;  // Whose memory is bounded together: without it.
};

class Reassembly {
public:
    enum class Outcome : std::uint8_t {
        kIncomplete,  // Kept, or seen before; more parts are needed.
        kComplete,    // `message` is whole.
        kTooLong,     // First part of a message above kReassemblyMessageMax: tell its sender.
        kDropped,     // Against the rules, over a limit, or a later part of a message too long.
    };
    struct Added {
        Outcome outcome = Outcome::kDropped;
        std::vector<std::uint8_t> message;  // Envelope (sequence 0, not truncated) and message.
    };
    struct Counters {
        std::uint64_t completed = 0;
        std::uint64_t timed_out = 0;    // Messages given up after kReassemblyTimeoutMs.
        std::uint64_t conflicting = 0;  // Messages dropped for parts that contradict each other.
        std::uint64_t over_limit = 0;   // Parts dropped for a bound of memory.
        std::uint64_t invalid = 0;      // Parts with an impossible number or size.
    };

    explicit Reassembly(std::uint64_t timeout_ms = kReassemblyTimeoutMs)
        : timeout_ms_(timeout_ms) {}

    // Takes one packet's part, which stands behind the packet's envelope. Drops first what is out
    // of time.
    Added add(const Sender& sender, const Envelope& envelope, ByteSpan part, std::uint64_t now_ms);
    // Drops what is out of time; for when no packets come.
    void expire(std::uint64_t now_ms);

    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] std::size_t message_count() const { return messages_.size(); }
    // Octets held, an allowance for each message's book-keeping included.
    [[nodiscard]] std::size_t memory() const { return memory_; }

private:
    struct Address {
        std::array<std::uint8_t, kReassemblyAddressSizeMax> octets{};
        std::uint8_t size = 0;
        Address() = default;
        explicit Address(ByteSpan from);
        auto operator<=>(const Address&) const = default;
    };
    struct Key {
        Address address;
        std::uint32_t request_id = 0;
        auto operator<=>(const Key&) const = default;
    };
    struct Message {
        Key key;
        Address network;
        std::uint64_t started_ms = 0;
        std::size_t length = 0;            // Without the envelope.
        std::vector<std::uint8_t> octets;  // Envelope and message.
        std::vector<bool> have;            // By part.
        std::size_t missing = 0;           // Parts.
    };
    using Messages = std::list<Message>;  // Oldest first, which is the order of giving up.
    struct Network {
        std::size_t memory = 0;
        std::vector<Messages::iterator> repeated;  // With the key of a finished one, oldest first.
    };
    struct Finished {
        Key key;
        std::uint64_t finished_ms = 0;
    };

    Messages::iterator start(const Key& key, const Address& network, const Envelope& envelope,
                             std::uint64_t now_ms);
    bool make_room(const Address& network, std::size_t length);
    [[nodiscard]] bool has_room(const Address& network, std::size_t length) const;
    Added take(Messages::iterator message, std::size_t length, std::size_t number, ByteSpan part);
    void remove(Messages::iterator message);
    void remember(const Key& key, std::uint64_t now_ms);
    void forget_oldest();

    std::uint64_t timeout_ms_;
    Messages messages_;
    std::map<Key, Messages::iterator> by_key_;
    std::map<Address, Network> networks_;
    std::list<Finished> finished_;  // Oldest first.
    std::set<Key> finished_keys_;
    std::size_t memory_ = 0;
    Counters counters_;
};

}  // namespace idnode::handle
