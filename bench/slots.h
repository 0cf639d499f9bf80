// Serial numbers with gaps: of the slots 0, 1, 2, ... of an enterprise each is taken with
// probability 0.9 (922/1024), decided by a hash. Answers "which slot is the n-th taken one" from a
// table with one entry per 512 taken slots and at most a dozen words of hashed bits.
#pragma once

#include <cstdint>
#include <vector>

namespace idnode::bench {

// Slots 64 * word .. 64 * word + 63 of an enterprise: a bit set is a slot taken.
std::uint64_t taken_slots(std::uint64_t seed, std::uint64_t word);

// Appends the entries of an enterprise with `count` taken slots to `table`: for every 512th taken
// slot its number. The last slot must be below 2^32.
void append_slot_table(std::uint64_t seed, std::uint64_t count, std::vector<std::uint32_t>& table);

// The place in one enterprise; going on to a following number is cheap.
class SlotReader {
public:
    SlotReader() = default;
    // `table`: the first entry of the enterprise.
    SlotReader(std::uint64_t seed, const std::uint32_t* table) : seed_(seed), table_(table) {}

    // The slot of taken slot number `index`.
    std::uint64_t slot(std::uint64_t index);

private:
    void go_to_group(std::uint64_t group);

    std::uint64_t seed_ = 0;
    const std::uint32_t* table_ = nullptr;
    std::uint64_t word_ = 0;
    std::uint64_t bits_ = 0;    // Taken slots of the word.
    std::uint64_t before_ = 0;  // Taken slots in front of bits_.
    std::uint64_t count_ = 0;   // Bits set in bits_.
};

}  // namespace idnode::bench
