// Where the blocks lie: the way of a lookup past LMDB's tree (docs/storage.md, "The index").
//
// For each prefix its blocks in ascending order: the lower bounds as numbers (index_shape.h), and
// the page of the map that each block lies on; of every 16th, 256th and 4096th bound a copy, so
// that a search reads two lines of memory on each of four levels (of a prefix of more than 65,536
// blocks some more of the uppermost, which is small): under 13 octets a block, 16 a prefix. Built
// beside serving from one walk over the keys (block_index_build.h); no block is touched.
//
// An address holds for every snapshot between the journal positions base() and followed(), unless
// the block is marked: then, and for all that the index does not cover, LMDB's cursor answers.
// Marks are only ever set, so a BlockIndex is shared by all readers without locks; a new one takes
// its place when there are too many.
#pragma once

#include <atomic>
#include <cstdint>
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
    };
    static constexpr std::uint32_t kNoRun = 0;  // `first` of a prefix that is not covered.

    // A block as the walk over the keys finds it.
    struct Found {
        std::uint64_t bound = 0;
        const std::uint8_t* address = nullptr;  // can_point_to() it.
        bool is_cut = false;                    // Its key goes on behind the number.
        bool is_long = false;                   // Longer than kBlockSize: the cursor's.
    };
    // False: what a damaged page says is a block. A true one lies behind the head of a page.
    static bool can_point_to(ByteSpan block) {
        constexpr std::size_t kHeadSize = kPageSize - kBlockSize;
        return block.size() >= kBlockSize &&
               reinterpret_cast<std::uintptr_t>(block.data()) % kPageSize == kHeadSize;
    }
    // Pages from the lowest block on that can be pointed to, 2 TiB; what lies behind is the
    // cursor's.
    static constexpr std::size_t kReach = std::size_t{1} << 29;

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
    // Where in the run the first bound above the number may stand, in two steps; each asks for what
    // the next one reads.
    struct Span {
        std::uint32_t from = 0;
        std::uint32_t to = 0;
    };
    [[nodiscard]] Span narrow(const Run& run, std::uint64_t number) const;
    [[nodiscard]] Span narrow_more(Span span, std::uint64_t number) const;
    // The block that would hold the suffix, if it has not changed since base(); null: ask the
    // cursor.
    [[nodiscard]] const std::uint8_t* find(Span span, std::uint64_t number) const;

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
    [[nodiscard]] std::size_t block_count() const { return places_.size(); }
    [[nodiscard]] bool is_marked(std::size_t block) const {
        return (places_[block].load(std::memory_order_relaxed) & kMarked) != 0;
    }
    [[nodiscard]] std::size_t marked_count() const {
        return marked_.load(std::memory_order_relaxed);
    }
    // Octets of memory.
    [[nodiscard]] std::size_t size() const;

private:
    // The page of a block, counted from that of the lowest one, above bits that say what became of
    // it.
    using Place = std::uint32_t;
    static constexpr Place kMarked = 1;
    static constexpr Place kMayBeGone = 2;  // Its range may have fallen to the one before.
    static constexpr Place kCut = 4;        // Its key goes on behind the number.
    static constexpr unsigned kFlagBits = 3;
    static_assert(kReach == std::size_t{1} << (32 - kFlagBits));

    using Bounds = LargeArray<std::uint64_t>;
    // Every so many bounds one is copied to the level above.
    static constexpr std::size_t kFanOut = 16;
    static constexpr std::size_t kFarStep = kFanOut * kFanOut;
    static constexpr std::size_t kFarthestStep = kFarStep * kFanOut;

    [[nodiscard]] Place place_of(const Found& found) const;
    // The part of the span that the samples, one for every `step` bounds, leave.
    template <bool or_equal, std::size_t step>
    static Span narrowed(const Bounds& samples, Span span, std::uint64_t number);
    // The first bound that is not below the number, or, with `or_equal`, above it.
    template <bool or_equal>
    [[nodiscard]] std::size_t search(const Run& run, std::uint64_t number) const;
    // What the two upper levels leave of the run.
    template <bool or_equal>
    [[nodiscard]] Span narrowed_from_far(const Run& run, std::uint64_t number) const;
    void set_flags(std::size_t block, Place flags);

    std::vector<Run> runs_;  // By prefix number.
    std::vector<IndexShape> shapes_;
    Bounds bounds_;
    Bounds near_;                 // Every 16th, …
    Bounds far_;                  // … every 256th …
    Bounds farthest_;             // … and every 4096th of them.
    const std::uint8_t* lowest_;  // The block at the lowest address.
    LargeArray<std::atomic<Place>> places_;
    std::uint64_t base_ = 0;
    std::atomic<std::uint64_t> followed_ = 0;
    std::atomic<std::size_t> marked_ = 0;
    std::atomic<bool> given_up_ = false;
};

}  // namespace idnode::registry
