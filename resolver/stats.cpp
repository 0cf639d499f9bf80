#include "resolver/stats.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "resolver/log.h"

namespace idnode::resolver {

namespace {

// The numbers of the wire that have a counter of their own; the slot behind the last one counts all
// others. Sorted.
constexpr std::array<std::uint32_t, WorkerStats::kOperationSlots - 1> kOperations{
    0,   1,   2,   100, 101, 102, 103,  104,  105,  200,  201,
    300, 301, 302, 400, 401, 402, 1000, 1001, 1002, 1003, 2001};
constexpr std::array<std::uint32_t, WorkerStats::kCodeSlots - 1> kCodes{
    0,   1,   2,   3,   4,   5,   6,   7,   100, 101, 102, 200, 201,
    202, 300, 301, 302, 303, 304, 305, 400, 401, 402, 403, 404, 405,
    406, 407, 408, 500, 501, 502, 503, 504, 505, 603, 604, 605, 3001};
static_assert(std::is_sorted(kOperations.begin(), kOperations.end()));
static_assert(std::is_sorted(kCodes.begin(), kCodes.end()));

template <std::size_t size>
std::size_t slot_of(const std::array<std::uint32_t, size>& numbers, std::uint32_t number) {
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), number);
    if (at == numbers.end() || *at != number) return size;
    return static_cast<std::size_t>(at - numbers.begin());
}

template <std::size_t size>
std::string name_of(const std::array<std::uint32_t, size>& numbers, std::size_t slot) {
    return slot < size ? std::to_string(numbers[slot]) : "other";
}

std::string_view name_of(Transport transport) {
    return transport == Transport::kUdp ? "udp" : "tcp";
}

constexpr double kNanosecondsPerMicrosecond = 1000.0;

}  // namespace

std::string_view to_string(Incident incident) {
    switch (incident) {
        case Incident::kDatagramUnusable:
            return "datagram_unusable";
        case Incident::kDatagramCut:
            return "datagram_cut";
        case Incident::kFragmentRefused:
            return "fragment_refused";
        case Incident::kFragmentsExpired:
            return "fragments_expired";
        case Incident::kRequestTooLong:
            return "request_too_long";
        case Incident::kSendDropped:
            return "send_dropped";
        case Incident::kResponseReceived:
            return "response_received";
        case Incident::kConnectionAccepted:
            return "connection_accepted";
        case Incident::kConnectionsOverLimit:
            return "connections_over_limit";
        case Incident::kConnectionsOverAddressLimit:
            return "connections_over_address_limit";
        case Incident::kAcceptFailed:
            return "accept_failed";
        case Incident::kEnvelopeUnusable:
            return "envelope_unusable";
        case Incident::kLengthRefused:
            return "length_refused";
        case Incident::kClosedSlowHeader:
            return "closed_slow_header";
        case Incident::kClosedSlowMessage:
            return "closed_slow_message";
        case Incident::kClosedSlowReader:
            return "closed_slow_reader";
        case Incident::kClosedIdle:
            return "closed_idle";
        case Incident::kClosedHeldSize:
            return "closed_held_size";
        case Incident::kClosedBroken:
            return "closed_broken";
        case Incident::kCount:
            break;
    }
    return "unknown";
}

std::size_t LatencyHistogram::bucket_of(std::uint64_t nanoseconds) {
    if (nanoseconds < 8) return static_cast<std::size_t>(nanoseconds);
    const auto octave = static_cast<std::size_t>(std::bit_width(nanoseconds)) - 1;
    return (octave - 2) * 8 + static_cast<std::size_t>(nanoseconds >> (octave - 3) & 7);
}

std::uint64_t LatencyHistogram::count() const {
    std::uint64_t total = 0;
    for (const std::uint64_t bucket : buckets_) total += bucket;
    return total;
}

std::uint64_t LatencyHistogram::quantile(double share) const {
    const std::uint64_t total = count();
    if (total == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while (bucket + 1 < kBucketCount && (seen += buckets_[bucket]) < wanted) ++bucket;
    if (bucket < 8) return bucket;
    const std::size_t octave = bucket / 8 + 2;
    const std::uint64_t base = (8 + bucket % 8) + 1;
    return (base << (octave - 3)) - 1;
}

std::size_t WorkerStats::operation_slot(std::uint32_t operation) {
    if (operation <= 2) return operation;
    return slot_of(kOperations, operation);
}

std::size_t WorkerStats::code_slot(std::uint32_t code) {
    if (code <= 7) return code;
    return slot_of(kCodes, code);
}

void WorkerStats::write_to(Log& log, std::size_t worker) const {
    write_transport(log, worker, Transport::kUdp);
    write_transport(log, worker, Transport::kTcp);
    for (std::size_t i = 0; i < incidents_.size(); ++i) {
        if (incidents_[i] == 0) continue;
        log.info("stats worker={} incident={} count={}", worker,
                 to_string(static_cast<Incident>(i)), incidents_[i]);
    }
}

void WorkerStats::write_transport(Log& log, std::size_t worker, Transport transport) const {
    const AnswerTable& table = answers_[index_of(transport)];
    for (std::size_t operation = 0; operation < table.size(); ++operation) {
        for (std::size_t code = 0; code < table[operation].size(); ++code) {
            if (table[operation][code] == 0) continue;
            log.info("stats worker={} transport={} operation={} code={} count={}", worker,
                     name_of(transport), name_of(kOperations, operation), name_of(kCodes, code),
                     table[operation][code]);
        }
    }
    const LatencyHistogram& times = latency(transport);
    if (times.count() == 0) return;
    const auto microseconds = [&times](double share) {
        return static_cast<double>(times.quantile(share)) / kNanosecondsPerMicrosecond;
    };
    log.info(
        "stats worker={} transport={} messages={} batches={} p50_us={:.1f} p90_us={:.1f} "
        "p99_us={:.1f} p999_us={:.1f} max_us={:.1f}",
        worker, name_of(transport), times.count(), batches(transport), microseconds(0.5),
        microseconds(0.9), microseconds(0.99), microseconds(0.999), microseconds(1.0));
}

}  // namespace idnode::resolver
