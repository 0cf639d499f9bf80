// The counters of one worker: answers by transport, operation and code; latency; incidents.
//
// Plain numbers that belong to the worker's thread: no locks, no atomics, no allocation. Whoever
// wants them asks the worker to write them (SIGUSR1). Counters start at 0 with the process.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "resolver/service.h"

namespace idnode::resolver {

class Log;

// What was dropped, refused or closed, by reason.
enum class Incident : std::uint8_t {
    kDatagramUnusable,  // Fewer than 20 octets, unusable envelope, or from port 0.
    kDatagramCut,       // Longer than any datagram of the protocol.
    kFragmentRefused,   // Contradicts its message, or over the bounds of reassembly.
    kFragmentsExpired,  // Messages whose missing parts did not come in time.
    kRequestTooLong,    // A UDP request longer than is put together.
    kSendDropped,       // UDP answer packets that the kernel did not take.
    kResponseReceived,  // Messages to us that were responses; counted by the service.
    kConnectionAccepted,
    kConnectionsOverLimit,  // Of the node.
    kConnectionsOverAddressLimit,
    kAcceptFailed,  // No descriptor left, or another failure of the system.
    kEnvelopeUnusable,
    kLengthRefused,      // Message length below 24 or above the limit.
    kClosedSlowHeader,   // A header, or
    kClosedSlowMessage,  // a message, did not come in time.
    kClosedSlowReader,   // Answers were not fetched in time.
    kClosedIdle,
    kClosedHeldSize,  // All connections together held too much; this one asked for more.
    kClosedBroken,    // Reset by the peer or another failure of the connection.
    kCount
};

std::string_view to_string(Incident incident);

// Times in nanoseconds in buckets an eighth of an octave wide (values are exact to 12.5 %).
class LatencyHistogram {
public:
    void record(std::uint64_t nanoseconds, std::uint64_t count) {
        buckets_[bucket_of(nanoseconds)] += count;
    }
    [[nodiscard]] std::uint64_t count() const;
    // Upper bound of the bucket that holds the given share (0 to 1) of all; 0 when empty.
    [[nodiscard]] std::uint64_t quantile(double share) const;

private:
    static constexpr std::size_t kBucketCount = 496;
    static std::size_t bucket_of(std::uint64_t nanoseconds);

    std::array<std::uint64_t, kBucketCount> buckets_{};
};

class WorkerStats {
public:
    // One answer, by the numbers of the wire; unknown ones are counted together. Those that a full
    // connection puts back (tcp_connection.h) are made, and counted, again.
    void count_answer(Transport transport, std::uint32_t operation, std::uint32_t code) {
        ++answers_[index_of(transport)][operation_slot(operation)][code_slot(code)];
    }
    void count(Incident incident, std::uint64_t times = 1) {
        incidents_[static_cast<std::size_t>(incident)] += times;
    }
    // A batch of `count` messages that took so long from its receipt to its sending.
    void record_batch(Transport transport, std::size_t count, std::uint64_t nanoseconds) {
        latency_[index_of(transport)].record(nanoseconds, count);
        ++batches_[index_of(transport)];
    }

    [[nodiscard]] std::uint64_t answers(Transport transport, std::uint32_t operation,
                                        std::uint32_t code) const {
        return answers_[index_of(transport)][operation_slot(operation)][code_slot(code)];
    }
    [[nodiscard]] std::uint64_t incidents(Incident incident) const {
        return incidents_[static_cast<std::size_t>(incident)];
    }
    [[nodiscard]] const LatencyHistogram& latency(Transport transport) const {
        return latency_[index_of(transport)];
    }
    [[nodiscard]] std::uint64_t batches(Transport transport) const {
        return batches_[index_of(transport)];
    }
    // Everything that is not zero, in lines that begin with `stats worker=N`.
    void write_to(Log& log, std::size_t worker) const;

    static constexpr std::size_t kOperationSlots = 23;
    static constexpr std::size_t kCodeSlots = 40;

private:
    static std::size_t index_of(Transport transport) { return static_cast<std::size_t>(transport); }
    static std::size_t operation_slot(std::uint32_t operation);
    static std::size_t code_slot(std::uint32_t code);
    void write_transport(Log& log, std::size_t worker, Transport transport) const;

    template <class T>
    using PerTransport = std::array<T, 2>;
    using AnswerTable = std::array<std::array<std::uint64_t, kCodeSlots>, kOperationSlots>;

    PerTransport<AnswerTable> answers_{};
    PerTransport<LatencyHistogram> latency_{};
    PerTransport<std::uint64_t> batches_{};
    std::array<std::uint64_t, static_cast<std::size_t>(Incident::kCount)> incidents_{};
};

}  // namespace idnode::resolver
