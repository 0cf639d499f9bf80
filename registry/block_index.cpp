#include "registry/block_index.h"

#include <bit>

#include "protocol/core/check.h"

namespace idnode::registry {

BlockIndex::BlockIndex(std::uint64_t base, std::vector<Run> runs, std::vector<IndexShape> shapes,
                       std::span<const Found> blocks)
    : runs_(std::move(runs)),
      shapes_(std::move(shapes)),
      blocks_(blocks.size()),
      base_(base),
      followed_(base) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const Found& found = blocks[i];
        auto address = reinterpret_cast<std::uintptr_t>(found.address);
        IDN_CHECK((address & kFlags) == 0);
        if (found.is_cut) address |= kCut;
        if (found.is_long) address |= kMarked;
        blocks_[i].bound = found.bound;
        blocks_[i].address.store(address, std::memory_order_relaxed);
    }
}

std::size_t BlockIndex::guess_again(const Run& run, std::uint64_t number) const {
    if (run.count == 0) return 0;
    const std::size_t first = guess(run, number);
    const std::uint64_t bound = blocks_[run.first + first].bound;
    const double distance = number >= bound ? static_cast<double>(number - bound)
                                            : -static_cast<double>(bound - number);
    const double place = static_cast<double>(first) + distance * run.slope;
    const auto last = static_cast<double>(run.count - 1U);
    const auto again = static_cast<std::size_t>(std::clamp(place, 0.0, last));
    __builtin_prefetch(&blocks_[run.first + again]);
    return again;
}

template <bool or_equal>
std::size_t BlockIndex::count_below(const Run& run, std::uint64_t number,
                                    std::size_t guessed) const {
    if (run.count == 0) return 0;
    const Block* const bounds = &blocks_[run.first];
    const auto is_below = [bounds, number](std::size_t at) {
        return or_equal ? bounds[at].bound <= number : bounds[at].bound < number;
    };
    const std::size_t middle = guess(run, number);
    const std::size_t reach = std::size_t{run.reach} + 2;
    std::size_t low = middle < reach ? 0 : middle - reach;
    std::size_t high = std::min<std::size_t>(run.count, middle + reach);
    // From the guess in growing steps, then by halves: below `low` all are, from `high` on none is.
    std::size_t at = std::clamp(guessed, low, high - 1);
    std::size_t step = 1;
    if (is_below(at)) {
        for (low = at + 1; low < high; low = at + 1, step *= 2) {
            at = std::min(low + step, high) - 1;
            if (is_below(at)) continue;
            high = at;
            break;
        }
    } else {
        for (high = at; low < high; high = at, step *= 2) {
            at = high - std::min(step, high - low);
            if (!is_below(at)) continue;
            low = at + 1;
            break;
        }
    }
    while (low < high) {
        const std::size_t half = (low + high) / 2;
        const bool goes_up = is_below(half);
        low = goes_up ? half + 1 : low;
        high = goes_up ? high : half;
    }
    return low;
}

const std::uint8_t* BlockIndex::find(const Run& run, std::uint64_t number,
                                     std::size_t guessed) const {
    // One in front of the first of the run is there: the first block of all belongs to none.
    const Block& block = blocks_[run.first + count_below<true>(run, number, guessed) - 1];
    const std::uintptr_t address = block.address.load(std::memory_order_relaxed);
    if ((address & kMarked) != 0) return nullptr;
    if ((address & kCut) != 0 && block.bound == number) return nullptr;
    return std::bit_cast<const std::uint8_t*>(address & ~kFlags);
}

void BlockIndex::set_flags(std::size_t block, std::uintptr_t flags) {
    const auto before = blocks_[block].address.fetch_or(flags, std::memory_order_relaxed);
    if ((before & kMarked) == 0) marked_.fetch_add(1, std::memory_order_relaxed);
}

bool BlockIndex::mark(std::uint32_t prefix_number, std::string_view first, std::string_view last,
                      Change change) {
    const Run* const found = run(prefix_number);
    if (found == nullptr) return false;
    const std::uintptr_t flags = change == Change::kDelete ? kMarked | kMayBeGone : kMarked;
    const std::uint64_t low = number_of(*found, first);
    const std::uint64_t high = number_of(*found, last);
    const std::size_t from = found->first + count_below<false>(*found, low, guess(*found, low)) - 1;
    const std::size_t to = found->first + count_below<true>(*found, high, guess(*found, high));
    // A block that may be gone has left its range to the one before it, which then is the changed
    // one.
    std::size_t begin = from;
    while (begin > 0 &&
           (blocks_[begin].address.load(std::memory_order_relaxed) & kMayBeGone) != 0) {
        --begin;
    }
    for (std::size_t block = begin; block < to; ++block) set_flags(block, flags);
    return true;
}

std::size_t BlockIndex::size() const {
    std::size_t size = runs_.size() * sizeof(Run) + blocks_.size() * sizeof(Block);
    for (const IndexShape& shape : shapes_) size += shape.identity().size() + sizeof shape;
    return size;
}

}  // namespace idnode::registry
