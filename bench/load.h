// Load on one server: a fixed number of requests under way, a new one for each answer, until a
// given number has been answered. Runs in the calling thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/questions.h"

namespace idnode::bench {

struct Target {
    std::uint16_t udp_port = 0;  // On 127.0.0.1.
    std::uint16_t tcp_port = 0;
    Expect expect = Expect::kRecords;
};

struct LoadOptions {
    std::uint64_t queries = 1'000'000;
    std::uint64_t seed = 1;
    std::uint32_t outstanding = 64;  // UDP.
    std::uint32_t connections = 4;   // TCP.
    std::uint32_t depth = 16;        // TCP: requests under way on each connection.
    std::uint32_t seconds_max = 120;
};

struct LoadResult {
    std::uint64_t answered = 0;
    std::uint64_t sampled = 0;  // Compared octet by octet.
    std::uint64_t octets = 0;   // Of the answers.
    std::uint64_t resent = 0;   // UDP: asked again after 200 ms without any answer.
    double seconds = 0;
    double p50_us = 0;
    double p99_us = 0;
    std::string fault;  // What went wrong; empty: every answer was right.
};

// Questions as `expect` says, over `lanes` connections with `depth` requests under way on each.
std::unique_ptr<Asking> make_asking(const Mix& mix, std::uint32_t lanes, std::uint32_t depth,
                                    std::uint64_t seed, Expect expect);

// At most 1,024 outstanding.
LoadResult load_udp(const Mix& mix, const Target& target, const LoadOptions& options);
// At most 256 connections and 4,096 requests under way.
LoadResult load_tcp(const Mix& mix, const Target& target, const LoadOptions& options);

// Longer times of answers count as this.
inline constexpr std::size_t kLatencyMaxUs = 20'000;

// Times of answers by microseconds, for quantiles.
class Latencies {
public:
    void add(std::int64_t nanoseconds);
    [[nodiscard]] double quantile_us(double part) const;

private:
    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kLatencyMaxUs + 1);
    std::uint64_t count_ = 0;
};

// Nanoseconds of the monotonic clock.
std::int64_t now_ns();

}  // namespace idnode::bench
