// Names and states of all prefixes in memory, for one look per lookup.
//
// PrefixTable is immutable: about 8 octets of directory and the names themselves. PrefixesAt is the
// state of one moment: a big table and, looked at first, a small one of the prefixes changed since
// it was made, so that a change shows in the next snapshot without a rebuild. PrefixTables
// publishes the newest one to all readers of the process; the journal says which prefixes changed.
// Many changed ones are merged into a new big table beside serving (BlockIndexKeeper).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/meta.h"
#include "registry/prefix.h"

namespace idnode::registry {

class PrefixTable {
public:
    explicit PrefixTable(std::size_t count_max);

    // Each name once, at most `count_max` in all.
    void add(const Prefix& prefix);

    // `folded` is upper case; views live as long as the table.
    [[nodiscard]] std::optional<PrefixView> find(std::string_view folded) const {
        PrefixView prefix;
        return find(folded, hash_of(folded), prefix) ? std::optional(prefix) : std::nullopt;
    }
    // The same in two steps: ask memory for the slot, then look.
    static std::uint32_t hash_of(std::string_view folded);
    void prefetch(std::uint32_t hash) const { __builtin_prefetch(&slots_[first_slot(hash)]); }
    bool find(std::string_view folded, std::uint32_t hash, PrefixView& prefix) const;
    [[nodiscard]] std::size_t size() const { return count_; }
    // Each prefix as it was added, in no order.
    template <class Visit>
    void for_each(Visit visit) const {
        PrefixView prefix;
        for (std::size_t place = kFirstPlace; place < entries_.size();) {
            read(place, prefix);
            visit(prefix);
        }
    }

private:
    struct Slot {
        std::uint32_t place = 0;  // In entries_; 0: empty.
        std::uint32_t hash = 0;
    };
    // In entries_, then the name and the reason.
    struct Entry {
        std::uint32_t number = 0;
        std::uint32_t since = 0;
        std::uint16_t name_size = 0;
        std::uint16_t reason_size = 0;
        PrefixState state = PrefixState::kActive;
        bool homed = false;
    };
    static constexpr std::size_t kFirstPlace = 1;

    // The prefix at `place`, which moves on to the next.
    void read(std::size_t& place, PrefixView& prefix) const;
    void append(const Prefix& prefix);
    [[nodiscard]] std::size_t first_slot(std::uint32_t hash) const {
        return static_cast<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32);
    }

    std::vector<Slot> slots_;
    std::string entries_;
    std::size_t count_ = 0;
};

struct PrefixesAt {
    std::shared_ptr<const PrefixTable> table;    // shared_ptr: each reader keeps the state of its
    std::shared_ptr<const PrefixTable> changed;  // snapshot, whoever publishes a newer one.
    std::uint64_t epoch = 0;
    std::uint64_t journal_sequence = 0;

    [[nodiscard]] std::optional<PrefixView> find(std::string_view folded) const {
        PrefixView prefix;
        const bool is_there = find(folded, PrefixTable::hash_of(folded), prefix);
        return is_there ? std::optional(prefix) : std::nullopt;
    }
    bool find(std::string_view folded, std::uint32_t hash, PrefixView& prefix) const {
        if (changed->size() != 0 && changed->find(folded, hash, prefix)) return true;
        return table->find(folded, hash, prefix);
    }
};

class PrefixTables {
public:
    // The prefixes of the snapshot. When another thread has published newer ones, the snapshot is
    // renewed, and `state` is that of the new one. Safe from any thread.
    Result<std::shared_ptr<const PrefixesAt>> at(lmdb::ReadTxn& txn, MetaState& state);
    // Puts both tables together when more than kChangedCountMax prefixes have changed; at() works
    // meanwhile. Where this is not called, or not yet, at() merges itself at kWaitingCountMax.
    void merge_changed();
    // Null: none yet.
    [[nodiscard]] std::shared_ptr<const PrefixesAt> newest() const;

    static constexpr std::size_t kChangedCountMax = 4'096;
    static constexpr std::size_t kWaitingCountMax = 65'536;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const PrefixesAt> newest_;
};

}  // namespace idnode::registry
