// Sorts any number of items within bounded memory, on disk where they do not fit.
//
// Items are gathered in one block of memory; full, it is sorted and written as a run; at the end
// the runs are merged, in several passes when there are more than the memory has room to read from.
// Order: by key, bytewise; equal keys as they were added. What fits in memory never touches the
// disk; before the first run is written the room it will take is compared with what is free, where
// it is known how much is still to come.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/sort_file.h"
#include "registry/sort_item.h"

namespace idnode::registry {

// Enough for the largest row and the identifier, several times.
inline constexpr std::size_t kSortMemoryMin = 8'388'608;
// More than any machine of ours has: what is above is a slip of the pen.
inline constexpr std::size_t kSortMemoryMax = std::size_t{256} << 30;

class ExternalSort {
public:
    // `memory` octets are used, and what single large items need on top when runs are merged; an
    // item must fit in half of it. `directory` takes the temporary file.
    ExternalSort(std::string directory, std::size_t memory);

    // Asked once, before the first octet goes to the disk: which share of the items, by octets, has
    // been added. 0: not known.
    void set_share_added(std::function<double()> share) { share_added_ = std::move(share); }

    // A problem also when the machine does not give the memory, and when the temporary directory
    // has less room than all items will take.
    Checked<Done> add(const SortItem& item);
    // Ends adding.
    Checked<Done> sort();
    // The next item in order; false at the end. Views are valid until the next call, and
    // kRowPadding octets behind them can be read.
    Checked<bool> next(SortItem& item);

    [[nodiscard]] std::uint64_t item_count() const { return item_count_; }
    [[nodiscard]] std::uint64_t octets_on_disk() const { return file_ ? file_->size() : 0; }

private:
    // An item in memory_: 16 octets of its key, behind what all keys share, and its place.
    struct Entry {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::uint64_t offset = 0;
    };

    [[nodiscard]] char* octets() { return reinterpret_cast<char*>(memory_.get()); }
    [[nodiscard]] std::span<Entry> entries();
    Checked<Done> take_memory();
    void add_to_memory(const SortItem& item, std::size_t size);
    void note_shared_start(std::string_view key);
    void sort_memory();
    [[nodiscard]] Checked<Done> check_room() const;
    Checked<Done> write_run();
    Checked<Done> merge_to_fit();
    Checked<Done> merge_runs(std::span<const SortRun> runs, SortFile& merged);
    Checked<Done> open_runs(const SortFile& file, std::span<const SortRun> runs);
    Checked<bool> next_of_runs(SortItem& item);
    [[nodiscard]] bool is_behind(std::size_t a, std::size_t b) const;
    Checked<bool> advance(std::size_t reader);
    [[nodiscard]] std::size_t run_count_max() const;

    std::string directory_;
    std::size_t memory_size_;
    std::function<double()> share_added_;
    // Items from the front, entries from the back.
    std::unique_ptr<std::uint64_t[]> memory_;
    std::size_t items_end_ = 0;
    std::size_t entry_count_ = 0;
    std::string shared_start_;  // Of all keys in memory.
    std::uint64_t item_count_ = 0;
    std::optional<SortFile> file_;

    std::size_t next_entry_ = 0;
    std::vector<SortRunReader> readers_;
    std::vector<std::size_t> heap_;     // Readers with an item; the least on top.
    std::optional<std::size_t> given_;  // The reader whose item was given last.
};

}  // namespace idnode::registry
