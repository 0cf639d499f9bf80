#include "bench/load.h"

#include <algorithm>
#include <chrono>

namespace idnode::bench {

std::int64_t now_ns() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void Latencies::add(std::int64_t nanoseconds) {
    const auto microseconds =
        static_cast<std::size_t>(std::max<std::int64_t>(0, nanoseconds) / 1'000);
    ++counts_[std::min(microseconds, kMicroseconds)];
    ++count_;
}

double Latencies::quantile_us(double part) const {
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(count_) * part);
    std::uint64_t seen = 0;
    for (std::size_t us = 0; us <= kMicroseconds; ++us) {
        seen += counts_[us];
        if (seen > wanted) return static_cast<double>(us) + 0.5;
    }
    return 0;
}

}  // namespace idnode::bench
