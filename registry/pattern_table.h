// What is kept of patterns, by their numbers: a hash table of one reader or writer.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "registry/pattern.h"

namespace idnode::registry {

// `Held` is empty at first (false), and never when it is put in.
template <class Held>
class PatternTable {
public:
    PatternTable() { clear(); }

    // An empty one: there is nothing kept of this pattern.
    [[nodiscard]] const Held& find(PatternRef ref) const {
        return slots_[slot_of(key_of(ref))].held;
    }
    // Asks memory for what find() looks at first.
    void prefetch(PatternRef ref) const { __builtin_prefetch(&slots_[first_slot(key_of(ref))]); }

    // Of a pattern that is not there.
    const Held& insert(PatternRef ref, Held held) { return insert(key_of(ref), std::move(held)); }
    // Of a pattern that is there.
    void erase(PatternRef ref) {
        std::size_t hole = slot_of(key_of(ref));
        slots_[hole] = {};
        --count_;
        // What was put behind its place because of this one moves up.
        for (std::size_t at = (hole + 1) & mask_; slots_[at].held; at = (at + 1) & mask_) {
            const std::size_t wanted = first_slot(slots_[at].key);
            if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
            slots_[hole] = std::exchange(slots_[at], {});
            hole = at;
        }
    }
    void clear() {
        count_ = 0;
        slots_.clear();
        resize(kBitsAtFirst);
    }
    [[nodiscard]] std::size_t size() const { return count_; }

private:
    static constexpr unsigned kBitsAtFirst = 6;

    struct Slot {
        std::uint64_t key = 0;
        Held held{};
    };

    static std::uint64_t key_of(PatternRef ref) {
        return std::uint64_t{ref.prefix_number} << 16 | ref.id;
    }
    // The upper bits of the product depend on all bits of the key.
    [[nodiscard]] std::size_t first_slot(std::uint64_t key) const {
        return key * 0x9E37'79B9'7F4A'7C15U >> shift_;
    }
    // The slot of the pattern, or the empty one where it would be put.
    [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
        std::size_t slot = first_slot(key);
        while (slots_[slot].held && slots_[slot].key != key) slot = (slot + 1) & mask_;
        return slot;
    }
    const Held& insert(std::uint64_t key, Held held) {
        if (2 * ++count_ > slots_.size())
            resize(static_cast<unsigned>(std::bit_width(slots_.size())));
        Slot& slot = slots_[slot_of(key)];
        slot = {key, std::move(held)};
        return slot.held;
    }
    void resize(unsigned bits) {
        std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(std::size_t{1} << bits));
        mask_ = slots_.size() - 1;
        shift_ = 64 - bits;
        for (Slot& slot : before) {
            if (slot.held) slots_[slot_of(slot.key)] = std::move(slot);
        }
    }

    std::vector<Slot> slots_;  // A power of two, at most half of them full.
    std::size_t mask_ = 0;
    unsigned shift_ = 0;
    std::size_t count_ = 0;
};

}  // namespace idnode::registry
