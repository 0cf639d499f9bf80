#include "bench/draws.h"

#include <algorithm>

#include "bench/hash64.h"
#include "protocol/core/check.h"

namespace idnode::bench {
namespace {

using Draws = std::array<std::uint64_t, kDrawsPerSlice>;

// Even random numbers lie nearly right after one pass over 64 buckets by their top bits; an
// insertion sort does the rest.
void sort_draws(const Draws& drawn, std::size_t count, Draws& sorted) {
    std::array<std::uint8_t, kDrawsPerSlice> places{};
    for (std::size_t i = 0; i < count; ++i) ++places[drawn[i] >> 58];
    std::uint8_t place = 0;
    for (std::uint8_t& entry : places) {
        const std::uint8_t here = entry;
        entry = place;
        place = static_cast<std::uint8_t>(place + here);
    }
    for (std::size_t i = 0; i < count; ++i) sorted[places[drawn[i] >> 58]++] = drawn[i];
    for (std::size_t i = 1; i < count; ++i) {
        const std::uint64_t value = sorted[i];
        std::size_t at = i;
        for (; at > 0 && sorted[at - 1] > value; --at) sorted[at] = sorted[at - 1];
        sorted[at] = value;
    }
}

}  // namespace

DrawReader::DrawReader(std::uint64_t seed, std::uint64_t count, std::uint64_t space)
    : seed_(seed), count_(count), width_(space / ((count + kDrawsPerSlice - 1) / kDrawsPerSlice)) {
    IDN_CHECK(width_ > kDrawsPerSlice);
}

std::uint64_t DrawReader::number(std::uint64_t index) {
    const std::uint64_t slice = index / kDrawsPerSlice;
    if (slice != slice_) draw(slice);
    return slice * width_ + numbers_[index % kDrawsPerSlice];
}

void DrawReader::draw(std::uint64_t slice) {
    const std::size_t count = std::min(kDrawsPerSlice, count_ - slice * kDrawsPerSlice);
    const std::uint64_t base = hash64(seed_, slice);
    Draws drawn;
    for (std::size_t i = 0; i < count; ++i) drawn[i] = hash64(base, i);
    sort_draws(drawn, count, numbers_);
    // Draw number i is moved up by i: equal draws become neighbours, all stay inside the slice.
    for (std::size_t i = 0; i < count; ++i) {
        numbers_[i] = scaled(numbers_[i], width_ - (kDrawsPerSlice - 1)) + i;
    }
    slice_ = slice;
}

}  // namespace idnode::bench
