// Resolution requests for identifiers drawn evenly from a generated set, and the check of what
// comes back. Writes and reads the Handle wire format by itself: it judges the node's codec.
//
// A fixed number of slots, each with at most one request under way; the request id names the slot.
// Every answer is checked by size, request id, operation, response code and the identifier in it,
// one in kSampleEvery octet by octet against the record that the set says. Not for several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/mixes.h"
#include "protocol/core/bytes.h"

namespace idnode::bench {

enum class Expect : std::uint8_t {
    kRecords,  // A node that holds the set.
    kEcho,     // The bare echo: the request's first 44 octets, then as many as it was told.
};

inline constexpr std::size_t kRequestSizeMax = 256;
inline constexpr std::size_t kAnswerSizeMax = 4'096;
inline constexpr std::uint32_t kSampleEvery = 64;

class Questions {
public:
    // The Mix outlives it. Other seeds ask for other identifiers.
    Questions(const Mix& mix, std::uint32_t slots, std::uint64_t seed, Expect expect);

    // A new request in `slot`, in place of one that may be under way. Points into the object until
    // the slot's next request.
    ByteSpan ask(std::uint32_t slot, std::int64_t now_ns);
    // The request under way in `slot`, to be sent once more.
    [[nodiscard]] ByteSpan request(std::uint32_t slot) const;

    struct Answered {
        std::uint32_t slot;
        std::int64_t waited_ns;
    };
    // Takes one answer. Nothing: it belongs to no request under way, or is wrong (see fault()).
    std::optional<Answered> take(ByteSpan answer, std::int64_t now_ns);

    [[nodiscard]] bool under_way(std::uint32_t slot) const { return slots_[slot].under_way; }
    [[nodiscard]] std::uint64_t sampled() const { return sampled_; }
    [[nodiscard]] std::uint64_t strays() const { return strays_; }
    // What was wrong with the first wrong answer; empty: all were right.
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    struct Slot {
        std::uint64_t index = 0;
        std::int64_t asked_ns = 0;
        std::uint32_t request_id = 0;
        std::uint16_t request_size = 0;
        std::uint16_t identifier_size = 0;
        bool under_way = false;
        std::array<std::uint8_t, kRequestSizeMax> request;
    };

    [[nodiscard]] const char* fault_in(const Slot& slot, ByteSpan answer);

    MixReader reader_;
    std::uint64_t count_;
    std::uint64_t seed_;
    Expect expect_;
    MixKind kind_;
    std::uint32_t expiration_;
    std::uint32_t asked_ = 0;
    std::vector<Slot> slots_;
    Item item_;
    std::uint64_t sampled_ = 0;
    std::uint64_t strays_ = 0;
    std::string fault_;
};

// The whole answer to a request for `item`, envelope and header included; what a node may choose in
// them (version, flags, serial, expiration) is 0.
std::size_t write_answer(const Item& item, MixKind kind, MutableByteSpan out);

// Mean size of such an answer over the set.
std::size_t mean_answer_size(const Mix& mix);

}  // namespace idnode::bench
