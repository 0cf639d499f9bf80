// Where the blocks lie: the way of a lookup past LMDB's tree (docs/storage.md, "The index").
//
// For each prefix its blocks in ascending order, the lower bounds as numbers (index_shape.h), and
// the address of each block in the map: 16 octets a block, 32 a prefix. Built beside serving from
// one walk over the keys (block_index_build.h); no block is touched.
//
// An address holds for every snapshot between the journal positions base() and followed(), unless
// the block is marked: then, and for all that the index does not cover, LMDB's cursor answers.
// Marks are only ever set, so a BlockIndex is shared by all readers without locks; a new one takes
// its place when there are too many.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "registry/block_layout.h"
#include "registry/index_shape.h"
#include "registry/large_array.h"

namespace idnode::registry {

class BlockIndex {
public:
    // The blocks of one prefix: those whose keys begin with its name and "/". The block in front of
    // the first one may hold identifiers of the prefix too.
    struct Run {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::uint32_t shape = 0;
        std::uint32_t reach = 0;  // A bound stands at most so far from where the line says.
        std::uint64_t low = 0;    // The line: position = (number - low) * slope.
        double slope = 0;
    };
    static constexpr std::uint32_t kNoRun = 0;  // `first` of a prefix that is not covered.

    // A block as the walk over the keys finds it.
    struct Found {
        std::uint64_t bound = 0;
        const std::uint8_t* address = nullptr;  // A multiple of 16.
        bool is_cut = false;                    // Its key goes on behind the number.
        bool is_long = false;                   // Longer than kBlockSize: the cursor's.
    };
    // False: what a damaged page says is a block.
    static bool can_point_to(ByteSpan block) {
        return block.size() >= kBlockSize &&
               (reinterpret_cast<std::uintptr_t>(block.data()) & kFlags) == 0;
    }
    BlockIndex(std::uint64_t base, std::vector<Run> runs, std::vector<IndexShape> shapes,
               std::span<const Found> blocks);
    BlockIndex(const BlockIndex&) = delete;
    BlockIndex& operator=(const BlockIndex&) = delete;

    // --- a lookup, in steps that touch one line of memory each ---
    // The run of a prefix; null: not covered.
    [[nodiscard]] const Run* run(std::uint32_t prefix_number) const {
        if (prefix_number >= runs_.size()) return nullptr;
        const Run& found = runs_[prefix_number];
        return found.first == kNoRun ? nullptr : &found;
    }
    void prefetch_run(std::uint32_t prefix_number) const {
        if (prefix_number < runs_.size()) __builtin_prefetch(&runs_[prefix_number]);
    }
    void prefetch_shape(const Run& run) const {
        if (run.count != 0) __builtin_prefetch(&shapes_[run.shape]);
    }
    [[nodiscard]] std::uint64_t number_of(const Run& run, std::string_view suffix) const {
        return run.count == 0 ? 0 : shapes_[run.shape].number_of(suffix);
    }
    void prefetch_bounds(const Run& run, std::uint64_t number) const {
        if (run.count != 0) __builtin_prefetch(&blocks_[run.first + guess(run, number)]);
    }
    // Where the line says that the number stands among the bounds of the run, which is not empty.
    static std::size_t guess(const Run& run, std::uint64_t number) {
        if (number <= run.low) return 0;
        const double place = static_cast<double>(number - run.low) * run.slope;
        const auto last = static_cast<double>(run.count - 1U);
        return static_cast<std::size_t>(std::min(place, last));
    }
    // A closer guess, by the bound that stands at the first; asks for the bounds there.
    [[nodiscard]] std::size_t guess_again(const Run& run, std::uint64_t number) const;
    // The block that would hold the suffix, if it has not changed since base(); null: ask the
    // cursor. Looks from the guess on.
    [[nodiscard]] const std::uint8_t* find(const Run& run, std::uint64_t number,
                                           std::size_t guessed) const;

    // --- following changes; one thread at a time ---
    enum class Change : std::uint8_t {
        kPut,     // One identifier came or changed.
        kDelete,  // Identifiers may have gone, and blocks with them.
    };
    // Marks all blocks that a change of identifiers from `first` to `last` of the prefix may have
    // moved; both are suffixes. False: not covered, the index must not be used any more.
    bool mark(std::uint32_t prefix_number, std::string_view first, std::string_view last,
              Change change);
    // All marks up to this journal position are set.
    void set_followed(std::uint64_t journal_sequence) {
        followed_.store(journal_sequence, std::memory_order_release);
    }
    void give_up() { given_up_.store(true, std::memory_order_release); }

    [[nodiscard]] std::uint64_t base() const { return base_; }
    [[nodiscard]] std::uint64_t followed() const {
        return followed_.load(std::memory_order_acquire);
    }
    [[nodiscard]] bool given_up() const { return given_up_.load(std::memory_order_acquire); }
    [[nodiscard]] std::size_t block_count() const { return blocks_.size(); }
    [[nodiscard]] bool is_marked(std::size_t block) const {
        return (blocks_[block].address.load(std::memory_order_relaxed) & kMarked) != 0;
    }
    [[nodiscard]] std::size_t marked_count() const {
        return marked_.load(std::memory_order_relaxed);
    }
    // Octets of memory.
    [[nodiscard]] std::size_t size() const;

private:
    struct Block {
        std::uint64_t bound;
        // Blocks begin at a multiple of 16: the low bits say what became of it.
        std::atomic<std::uintptr_t> address;
    };
    static constexpr std::uintptr_t kMarked = 1;
    static constexpr std::uintptr_t kMayBeGone = 2;  // Its range may have fallen to the one before.
    static constexpr std::uintptr_t kCut = 4;        // Its key goes on behind the number.
    static constexpr std::uintptr_t kFlags = 15;

    // How many bounds of the run are below the number, or, with `or_equal`, at most as great.
    template <bool or_equal>
    [[nodiscard]] std::size_t count_below(const Run& run, std::uint64_t number,
                                          std::size_t guessed) const;
    void set_flags(std::size_t block, std::uintptr_t flags);

    std::vector<Run> runs_;  // By prefix number.
    std::vector<IndexShape> shapes_;
    LargeArray<Block> blocks_;
    std::uint64_t base_ = 0;
    std::atomic<std::uint64_t> followed_ = 0;
    std::atomic<std::size_t> marked_ = 0;
    std::atomic<bool> given_up_ = false;
};

}  // namespace idnode::registry
