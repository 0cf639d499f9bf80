#include "bench/calls.h"

#include <algorithm>

#include "bench/hash64.h"
#include "protocol/core/check.h"

namespace idnode::bench {
namespace {

constexpr std::uint64_t kChunk = 16'000;
constexpr std::uint64_t kItemsMax = 2'000;
constexpr std::uint64_t kGapMax = 600;

struct Call {
    std::uint64_t items;
    std::uint32_t gap;  // Seconds since the call before.
};

Call call_of(std::uint64_t seed, std::uint64_t chunk, std::uint64_t call) {
    const std::uint64_t hash = hash64(seed, chunk << 16 | call);
    return {.items = 1 + scaled(hash << 32, kItemsMax),
            .gap = static_cast<std::uint32_t>(1 + scaled(hash, kGapMax))};
}

}  // namespace

void append_call_table(std::uint64_t seed, std::uint64_t count, std::uint32_t start,
                       std::vector<std::uint32_t>& table) {
    std::uint64_t time = start;
    for (std::uint64_t chunk = 0; chunk * kChunk < count; ++chunk) {
        std::uint64_t items = 0;
        for (std::uint64_t number = 0; items < kChunk; ++number) {
            const Call call = call_of(seed, chunk, number);
            time += call.gap;
            items += call.items;
            IDN_CHECK(time <= UINT32_MAX);
            if (number == 0) table.push_back(static_cast<std::uint32_t>(time));
        }
    }
}

std::uint32_t CallReader::time(std::uint64_t position) {
    if (position >= begin_ && position < end_) return time_;
    const std::uint64_t chunk = position / kChunk;
    const bool goes_on = end_ != 0 && position >= end_ && begin_ / kChunk == chunk;
    if (!goes_on) {
        call_ = 0;
        begin_ = chunk * kChunk;
        end_ = begin_ + call_of(seed_, chunk, 0).items;
        time_ = table_[chunk];
    }
    while (position >= end_) {
        const Call call = call_of(seed_, chunk, ++call_);
        begin_ = end_;
        end_ += call.items;
        time_ += call.gap;
    }
    end_ = std::min(end_, (chunk + 1) * kChunk);
    return time_;
}

}  // namespace idnode::bench
