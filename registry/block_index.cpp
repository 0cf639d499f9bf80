#include "registry/block_index.h"

#include <algorithm>

#include "protocol/core/check.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kNumbersPerLine = 64 / sizeof(std::uint64_t);

const std::uint8_t* lowest_of(std::span<const BlockIndex::Found> blocks) {
    if (blocks.empty()) return nullptr;
    return std::ranges::min(blocks, {}, &BlockIndex::Found::address).address;
}

// How many of the ascending bounds are below the number, or, with `or_equal`, not above it. Without
// branches on what is compared: half of them would be foretold wrongly.
template <bool or_equal>
std::size_t count_below(const std::uint64_t* bounds, std::size_t count, std::uint64_t number) {
    const std::uint64_t* at = bounds;
    while (count != 0) {
        const std::size_t half = (count + 1) / 2;
        const std::uint64_t bound = at[half - 1];
        const bool is_below = or_equal ? bound <= number : bound < number;
        at += is_below ? half : 0;
        count -= half;
    }
    return static_cast<std::size_t>(at - bounds);
}

// How many of the first `count` bounds have a copy above.
constexpr std::size_t samples_of(std::size_t count, std::size_t step) {
    return (count + step - 1) / step;
}

// Asks memory for the sixteen that begin there.
void prefetch_group(const LargeArray<std::uint64_t>& bounds, std::size_t first) {
    __builtin_prefetch(&bounds[first]);
    __builtin_prefetch(&bounds[first] + kNumbersPerLine);
}

}  // namespace

BlockIndex::BlockIndex(std::uint64_t base, std::vector<Run> runs, std::vector<IndexShape> shapes,
                       std::span<const Found> blocks)
    : runs_(std::move(runs)),
      shapes_(std::move(shapes)),
      bounds_(blocks.size()),
      near_(samples_of(blocks.size(), kFanOut)),
      far_(samples_of(blocks.size(), kFarStep)),
      farthest_(samples_of(blocks.size(), kFarthestStep)),
      lowest_(lowest_of(blocks)),
      places_(blocks.size()),
      base_(base),
      followed_(base) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        bounds_[i] = blocks[i].bound;
        places_[i].store(place_of(blocks[i]), std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < near_.size(); ++i) near_[i] = bounds_[i * kFanOut];
    for (std::size_t i = 0; i < far_.size(); ++i) far_[i] = near_[i * kFanOut];
    for (std::size_t i = 0; i < farthest_.size(); ++i) farthest_[i] = far_[i * kFanOut];
}

BlockIndex::Place BlockIndex::place_of(const Found& found) const {
    const auto distance = static_cast<std::size_t>(found.address - lowest_);
    IDN_CHECK(distance % kPageSize == 0);
    const std::size_t page = distance / kPageSize;
    const Place flags = found.is_cut ? kCut : 0;
    if (found.is_long || page >= kReach) return flags | kMarked;
    return static_cast<Place>(page << kFlagBits) | flags;
}

template <bool or_equal, std::size_t step>
BlockIndex::Span BlockIndex::narrowed(const Bounds& samples, Span span, std::uint64_t number) {
    const std::size_t first = samples_of(span.from, step);
    const std::size_t end = samples_of(span.to, step);
    const std::size_t above = first + count_below<or_equal>(&samples[first], end - first, number);
    // The bounds up to the last sample that is below are so too, and from the next on none is.
    if (above != first) span.from = static_cast<std::uint32_t>((above - 1) * step);
    if (above != end) span.to = static_cast<std::uint32_t>(above * step);
    return span;
}

template <bool or_equal>
BlockIndex::Span BlockIndex::narrowed_from_far(const Run& run, std::uint64_t number) const {
    Span span{run.first, run.first + run.count};
    if (run.count > kFarthestStep) {
        span = narrowed<or_equal, kFarthestStep>(farthest_, span, number);
    }
    return narrowed<or_equal, kFarStep>(far_, span, number);
}

BlockIndex::Span BlockIndex::narrow(const Run& run, std::uint64_t number) const {
    const Span span = narrowed_from_far<true>(run, number);
    prefetch_group(near_, span.from / kFanOut);
    return span;
}

BlockIndex::Span BlockIndex::narrow_more(Span span, std::uint64_t number) const {
    span = narrowed<true, kFanOut>(near_, span, number);
    prefetch_group(bounds_, span.from);
    __builtin_prefetch(&places_[span.from]);
    return span;
}

const std::uint8_t* BlockIndex::find(Span span, std::uint64_t number) const {
    // One in front of the first of the run is there: the first block of all belongs to none.
    const std::size_t block =
        span.from + count_below<true>(&bounds_[span.from], span.to - span.from, number) - 1;
    const Place place = places_[block].load(std::memory_order_relaxed);
    if ((place & kMarked) != 0) return nullptr;
    if ((place & kCut) != 0 && bounds_[block] == number) return nullptr;
    return lowest_ + std::size_t{place >> kFlagBits} * kPageSize;
}

template <bool or_equal>
std::size_t BlockIndex::search(const Run& run, std::uint64_t number) const {
    const Span span =
        narrowed<or_equal, kFanOut>(near_, narrowed_from_far<or_equal>(run, number), number);
    return span.from + count_below<or_equal>(&bounds_[span.from], span.to - span.from, number);
}

void BlockIndex::set_flags(std::size_t block, Place flags) {
    const Place before = places_[block].fetch_or(flags, std::memory_order_relaxed);
    if ((before & kMarked) == 0) marked_.fetch_add(1, std::memory_order_relaxed);
}

bool BlockIndex::mark(std::uint32_t prefix_number, std::string_view first, std::string_view last,
                      Change change) {
    const Run* const found = run(prefix_number);
    if (found == nullptr) return false;
    const Place flags = change == Change::kDelete ? kMarked | kMayBeGone : kMarked;
    const std::size_t from = search<false>(*found, number_of(*found, first)) - 1;
    const std::size_t to = search<true>(*found, number_of(*found, last));
    // A block that may be gone has left its range to the one before it, which then is the changed
    // one.
    std::size_t begin = from;
    while (begin > 0 && (places_[begin].load(std::memory_order_relaxed) & kMayBeGone) != 0) {
        --begin;
    }
    for (std::size_t block = begin; block < to; ++block) set_flags(block, flags);
    return true;
}

std::size_t BlockIndex::size() const {
    std::size_t size =
        runs_.size() * sizeof(Run) + places_.size() * sizeof(Place) +
        (bounds_.size() + near_.size() + far_.size() + farthest_.size()) * sizeof(std::uint64_t);
    for (const IndexShape& shape : shapes_) size += shape.identity().size() + sizeof shape;
    return size;
}

}  // namespace idnode::registry
