// Applies sorted changes to the table of blocks.
//
// Changes are taken range by range: those that belong to one block are merged with its records. A
// result that still fits is put back under its key; else it is split in even parts, or, when many
// records come, packed at the wanted fill. Records behind the last one of a range are packed
// straight, without a copy. A range that nothing changes is not written; one that becomes empty is
// erased.
//
// Lives for one transaction; MergeBuffers may serve many after each other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/core/result.h"
#include "registry/arena.h"
#include "registry/block.h"
#include "registry/pattern_cache.h"
#include "registry/write_totals.h"
#include "registry/writer.h"

namespace idnode::registry {

// Changes as parallel arrays of one size, ascending by folded identifier. Those whose outcome is
// not kPending are passed over.
struct ChangeRun {
    std::span<const PackRecord> records;
    std::span<const std::uint8_t> flags;  // kDeleteFlag, kTimeDefaultedFlag.
    std::span<const std::uint32_t> prefix_numbers;
    std::span<ChangeOutcome> outcomes;

    [[nodiscard]] std::size_t size() const { return records.size(); }
};
inline constexpr std::uint8_t kDeleteFlag = 1;
inline constexpr std::uint8_t kTimeDefaultedFlag = 2;

// When to stop taking further changes, so that the writer's lock is given back in time.
struct MergeLimits {
    std::size_t pages_max = kTransactionPagesMax;
    std::uint64_t deadline_ns = UINT64_MAX;  // Of steady_clock.
};

struct MergeBuffers {
    BlockPacker packer;
    PatternCache patterns;
    Arena arena;  // Octets of the records of the old block.
    std::vector<std::uint8_t> old_block;
    std::vector<std::uint8_t> new_block;
    std::vector<PackRecord> old_records;
    std::vector<PackRecord> merged;
    std::unique_ptr<Record> record = std::make_unique<Record>();
};

struct MergeTargets {
    lmdb::WriteTxn& txn;
    CountTotals& counts;
    FormTotals& forms;
    JournalDraft& journal;
};

class BlockMerge {
public:
    BlockMerge(const MergeTargets& targets, MergeBuffers& buffers, ApplyOptions options);

    // Gives how many changes were taken: all, unless a limit stopped it.
    Result<std::size_t> apply(const ChangeRun& changes, const MergeLimits& limits);

    // Pages that this transaction has written so far, about.
    [[nodiscard]] std::size_t pages() const { return pages_; }

private:
    // A block's place: identifiers from key_ on, below next_key_.
    struct Range {
        std::string key;
        std::string next_key;  // has_next only.
        bool has_block = false;
        bool has_next = false;
        std::size_t used_size = 0;
    };
    // What the merge of one range gave. The records lie in buffers_.merged; from from_changes on
    // they are neighbouring changes, up to next_change; those behind it are still to be packed
    // straight.
    struct Merged {
        std::size_t from_changes = 0;
        std::size_t next_change = 0;
        bool changed = false;
        bool old_untouched = true;  // The old records stand unchanged in front of all others.
    };

    Result<Done> locate(std::string_view folded);
    Result<Done> read_old(ByteSpan stored);
    // Merges and writes changes [from, to); gives the first that was not taken.
    Result<std::size_t> merge_range(const ChangeRun& changes, std::size_t from, std::size_t to);
    Result<Merged> merge(const ChangeRun& changes, std::size_t from, std::size_t to);
    // The change at `at` has the identifier of an old record.
    Result<Done> take_over(const ChangeRun& changes, std::size_t at, const PackRecord& old_record,
                           Merged& merged);
    // The change at `at` has none.
    void take_new(const ChangeRun& changes, std::size_t at, Merged& merged);
    void account_added(const ChangeRun& changes, std::size_t at);
    void note(JournalAction action, const PackRecord& record);
    [[nodiscard]] Result<bool> same(const PackRecord& old_record, const PackRecord& new_record,
                                    std::uint8_t flags);

    Result<Done> erase_old();
    Result<bool> write_one(std::span<const PackRecord> records);
    Result<std::size_t> write_behind(const ChangeRun& changes, std::size_t to,
                                     const Merged& merged);
    Result<std::size_t> write_merged(const ChangeRun& changes, std::size_t to,
                                     const Merged& merged);
    Result<Done> write_even(std::span<const PackRecord> records);
    Result<std::size_t> write_filled(const ChangeRun& changes, std::size_t start, std::size_t to,
                                     const Merged& merged);
    Result<std::size_t> write_straight(const ChangeRun& changes, std::size_t from, std::size_t to,
                                       std::size_t next_change);
    Result<Done> emit(const PackRecord& first, const PackRecord& last);
    Result<Done> forget_old();
    [[nodiscard]] bool is_full() const;

    MergeTargets targets_;
    MergeBuffers& buffers_;
    ApplyOptions options_;
    std::size_t used_max_;  // Octets of a new block.
    SpanDraft span_;
    Range range_;
    std::string last_next_key_;     // Where the range before ended.
    bool first_emitted_ = false;    // The range's own key is taken.
    std::string_view last_folded_;  // Of the block before in this range.
    bool one_by_one_ = false;       // Each change is a journal entry of its own.
    MergeLimits limits_;
    std::size_t pages_ = 0;
};

}  // namespace idnode::registry
