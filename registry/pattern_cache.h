// Decoded patterns of one reader or writer, bounded. Patterns are immutable and their numbers never
// used again, so a decoded one is right for as long as it is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/pattern.h"
#include "registry/wire_pattern.h"

namespace idnode::registry {

class PatternCache {
public:
    static constexpr std::size_t kCountMax = 32'768;  // Some 30 MiB when all are there.

    PatternCache() { clear(); }

    // kCorrupt when there is no such pattern, or it cannot be decoded. Allocates only for a pattern
    // that is not yet there. The result is valid until trim().
    Result<const ReadyPattern*> find(const lmdb::Txn& txn, PatternRef ref);

    // The pattern if it is there; null: ask find().
    [[nodiscard]] const ReadyPattern* peek(PatternRef ref) const {
        return slots_[slot_of(ref)].pattern.get();
    }
    // Asks memory for what peek() looks at first.
    void prefetch(PatternRef ref) const { __builtin_prefetch(&slots_[first_slot(key_of(ref))]); }

    // Forgets all when there are more than kCountMax: call it while nobody holds one.
    void trim() {
        if (count_ > kCountMax) clear();
    }
    void clear();
    [[nodiscard]] std::size_t size() const { return count_; }

private:
    struct Slot {
        std::uint64_t key = 0;
        std::unique_ptr<const ReadyPattern> pattern;  // Null: an empty slot.
    };

    static std::uint64_t key_of(PatternRef ref) {
        return std::uint64_t{ref.prefix_number} << 16 | ref.id;
    }
    // The upper bits of the product depend on all bits of the key.
    [[nodiscard]] std::size_t first_slot(std::uint64_t key) const {
        return key * 0x9E37'79B9'7F4A'7C15U >> shift_;
    }
    // The slot of the pattern, or the empty one where it would be put.
    [[nodiscard]] std::size_t slot_of(PatternRef ref) const {
        const std::uint64_t key = key_of(ref);
        std::size_t slot = first_slot(key);
        while (slots_[slot].pattern && slots_[slot].key != key) slot = (slot + 1) & mask_;
        return slot;
    }
    void resize(unsigned bits);

    std::vector<Slot> slots_;  // A power of two, at most half of them full.
    std::size_t mask_ = 0;
    unsigned shift_ = 0;
    std::size_t count_ = 0;
};

}  // namespace idnode::registry
