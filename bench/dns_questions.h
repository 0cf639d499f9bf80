// The generated set as a DNS zone, and the questions for it: one zone, 88, in which identifier
// 88.100.0042/SN1 is the name SN1.0042.100.88, with one TXT record that holds the octets which are
// the values in the node's answer, so that both servers send about as much.
//
// Questions have no EDNS. Every answer is checked by id, flags (an authoritative answer without
// error), counts, the question in it, type, class, TTL and length; the text of the samples.
#pragma once

#include "bench/asking.h"
#include "bench/rows.h"

namespace idnode::bench {

inline constexpr std::string_view kZone = "88.";

class DnsQuestions : public Asking {
public:
    // At most 65,535 slots.
    DnsQuestions(const Mix& mix, std::uint32_t slots, std::uint64_t seed);

    // For datagrams only: all that is there.
    [[nodiscard]] std::size_t first_size(ByteSpan stream) const override;

private:
    void write_request(Writer& out, std::uint32_t request_id, const Item& item) override;
    std::optional<std::uint32_t> id_in(ByteSpan answer, std::uint32_t lane) override;
    const char* fault_in(const Slot& slot, ByteSpan answer) override;
};

// The whole answer to a question for `item`, id 0.
std::size_t write_dns_answer(const Item& item, MixKind kind, MutableByteSpan out);

// The zone in master file format, in pieces of about 1 MiB. False when the sink ended it.
bool write_zone(const Mix& mix, const RowSink& sink);

}  // namespace idnode::bench
