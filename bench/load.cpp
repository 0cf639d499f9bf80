#include "bench/load.h"

#include <algorithm>
#include <chrono>

#include "bench/dns_questions.h"
#include "bench/redis_questions.h"

namespace idnode::bench {

std::int64_t now_ns() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::unique_ptr<Asking> make_asking(const Mix& mix, std::uint32_t lanes, std::uint32_t depth,
                                    std::uint64_t seed, Expect expect) {
    switch (expect) {
        case Expect::kDns:
            return std::make_unique<DnsQuestions>(mix, lanes * depth, seed);
        case Expect::kRedis:
            return std::make_unique<RedisQuestions>(mix, lanes, depth, seed);
        case Expect::kRecords:
        case Expect::kEcho:
            break;
    }
    return std::make_unique<Questions>(mix, lanes * depth, seed, expect);
}

void Latencies::add(std::int64_t nanoseconds) {
    const auto microseconds =
        static_cast<std::size_t>(std::max<std::int64_t>(0, nanoseconds) / 1'000);
    ++counts_[std::min(microseconds, kLatencyMaxUs)];
    ++count_;
}

double Latencies::quantile_us(double part) const {
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(count_) * part);
    std::uint64_t seen = 0;
    for (std::size_t us = 0; us <= kLatencyMaxUs; ++us) {
        seen += counts_[us];
        if (seen > wanted) return static_cast<double>(us) + 0.5;
    }
    return 0;
}

}  // namespace idnode::bench
