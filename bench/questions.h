// Resolution requests in the Handle wire format, over UDP or TCP. Writes and reads the format by
// itself: it judges the node's codec.
//
// The request id names the slot. Every answer is checked by size, request id, operation, response
// code and the identifier in it.
#pragma once

#include "bench/asking.h"

namespace idnode::bench {

enum class Expect : std::uint8_t {
    kRecords,  // A node that holds the set.
    kEcho,     // The bare echo: the request's first 44 octets, then as many as it was told.
    kDns,      // A DNS server that holds the set (dns_questions.h).
    kRedis,    // A Redis server that holds the set (redis_questions.h).
};

class Questions : public Asking {
public:
    // `expect`: kRecords or kEcho.
    Questions(const Mix& mix, std::uint32_t slots, std::uint64_t seed, Expect expect);

    [[nodiscard]] std::size_t first_size(ByteSpan stream) const override;

private:
    void write_request(Writer& out, std::uint32_t request_id, const Item& item) override;
    std::optional<std::uint32_t> id_in(ByteSpan answer, std::uint32_t lane) override;
    const char* fault_in(const Slot& slot, ByteSpan answer) override;

    Expect expect_;
    std::uint32_t expiration_;
};

// The whole answer to a request for `item`, envelope and header included; what a node may choose in
// them (version, flags, serial, expiration) is 0.
std::size_t write_answer(const Item& item, MixKind kind, MutableByteSpan out);

// The part of it that other servers are given as their record, number of values and values, written
// to `room`.
ByteSpan values_of(const Item& item, MixKind kind, MutableByteSpan room);

// Mean size of such an answer over the set.
std::size_t mean_answer_size(const Mix& mix);

}  // namespace idnode::bench
