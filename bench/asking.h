// Requests for identifiers drawn evenly from a generated set, and the check of what comes back:
// what the protocols have in common. A protocol derives from it (questions.h, dns_questions.h,
// redis_questions.h) and writes and reads its messages by itself.
//
// A fixed number of slots, each with at most one request under way. Every answer is checked, one in
// kSampleEvery octet by octet against the record that the set says. Not for several threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/mixes.h"
#include "protocol/core/bytes.h"

namespace idnode::bench {

inline constexpr std::size_t kRequestSizeMax = 256;
inline constexpr std::size_t kAnswerSizeMax = 4'096;
inline constexpr std::uint32_t kSampleEvery = 64;

class Asking {
public:
    virtual ~Asking() = default;
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

    // A new request in `slot`, in place of one that may be under way. Points into the object until
    // the slot's next request.
    ByteSpan ask(std::uint32_t slot, std::int64_t now_ns);
    // The request under way in `slot`, to be sent once more.
    [[nodiscard]] ByteSpan request(std::uint32_t slot) const;

    struct Answered {
        std::uint32_t slot;
        std::int64_t waited_ns;
    };
    // Takes one answer, which came over connection `lane`. Nothing: it belongs to no request under
    // way, or is wrong (see fault()).
    std::optional<Answered> take(ByteSpan answer, std::int64_t now_ns, std::uint32_t lane = 0);

    // Octets of the answer that a stream goes on with; 0: too little is there to tell. May be more
    // than are there.
    [[nodiscard]] virtual std::size_t first_size(ByteSpan stream) const = 0;

    [[nodiscard]] bool under_way(std::uint32_t slot) const { return slots_[slot].under_way; }
    [[nodiscard]] std::uint64_t sampled() const { return sampled_; }
    [[nodiscard]] std::uint64_t strays() const { return strays_; }
    // What was wrong with the first wrong answer; empty: all were right.
    [[nodiscard]] const std::string& fault() const { return fault_; }

protected:
    struct Slot {
        std::uint64_t index = 0;
        std::int64_t asked_ns = 0;
        std::uint32_t request_id = 0;
        std::uint16_t request_size = 0;
        std::uint16_t identifier_size = 0;
        bool under_way = false;
        bool sampled = false;
        std::array<std::uint8_t, kRequestSizeMax> request;
    };

    // The Mix outlives it. Other seeds ask for other identifiers. `id_max`: of request ids, which
    // name their slot as remainder by the number of slots.
    Asking(const Mix& mix, std::uint32_t slots, std::uint64_t seed, std::uint32_t id_max);

    virtual void write_request(Writer& out, std::uint32_t request_id, const Item& item) = 0;
    // The request id that an answer names; nothing: it is too short for one.
    virtual std::optional<std::uint32_t> id_in(ByteSpan answer, std::uint32_t lane) = 0;
    // What is wrong with the answer to the request of `slot`, or null.
    virtual const char* fault_in(const Slot& slot, ByteSpan answer) = 0;

    [[nodiscard]] const Slot& slot(std::uint32_t number) const { return slots_[number]; }
    // The whole item that `slot` asked for, to be compared octet by octet.
    const Item& sample(const Slot& slot);
    [[nodiscard]] MixKind kind() const { return kind_; }

private:
    MixReader reader_;
    std::uint64_t count_;
    std::uint64_t seed_;
    MixKind kind_;
    std::uint32_t rounds_;  // Ids that a slot goes through.
    std::uint32_t asked_ = 0;
    std::vector<Slot> slots_;
    Item item_;
    std::uint64_t sampled_ = 0;
    std::uint64_t strays_ = 0;
    std::string fault_;
};

}  // namespace idnode::bench
