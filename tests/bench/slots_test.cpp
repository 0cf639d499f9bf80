#include "bench/slots.h"

#include <bit>
#include <vector>

#include <gtest/gtest.h>

#include "bench/hash64.h"

namespace idnode::bench {
namespace {

constexpr std::uint64_t kSeed = 99;
constexpr std::uint64_t kCount = 20'000;

std::vector<std::uint64_t> plain_slots() {
    std::vector<std::uint64_t> slots;
    for (std::uint64_t slot = 0; slots.size() < kCount; ++slot) {
        if ((taken_slots(kSeed, slot / 64) >> (slot % 64) & 1) != 0) slots.push_back(slot);
    }
    return slots;
}

TEST(Slots, GivesEachTakenSlotInOrder) {
    std::vector<std::uint32_t> table;
    append_slot_table(kSeed, kCount, table);
    EXPECT_EQ(table.size(), (kCount + 511) / 512);
    const std::vector<std::uint64_t> expected = plain_slots();
    SlotReader reader(kSeed, table.data());
    for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(reader.slot(i), expected[i]) << i;
}

TEST(Slots, GivesTheSameInAnyOrder) {
    std::vector<std::uint32_t> table;
    append_slot_table(kSeed, kCount, table);
    const std::vector<std::uint64_t> expected = plain_slots();
    SlotReader reader(kSeed, table.data());
    for (std::uint64_t i = kCount; i-- > 0;) ASSERT_EQ(reader.slot(i), expected[i]) << i;
    for (std::uint64_t turn = 0; turn < 50'000; ++turn) {
        const std::uint64_t i = scaled(hash64(3, turn), kCount);
        ASSERT_EQ(reader.slot(i), expected[i]) << i;
    }
}

TEST(Slots, TakesNineOfTen) {
    int taken = 0;
    for (std::uint64_t word = 0; word < 100'000; ++word)
        taken += std::popcount(taken_slots(5, word));
    EXPECT_NEAR(taken / 6'400'000.0, 922.0 / 1024.0, 0.001);
}

TEST(Slots, BitsOfAWordAreIndependentOfEachOther) {
    std::vector<int> taken(64);
    int both = 0;
    for (std::uint64_t word = 0; word < 100'000; ++word) {
        const std::uint64_t bits = taken_slots(6, word);
        for (std::size_t bit = 0; bit < 64; ++bit) taken[bit] += static_cast<int>(bits >> bit & 1);
        both += std::popcount(~bits & ~bits >> 1 & UINT64_MAX >> 1);
    }
    for (const int count : taken) EXPECT_NEAR(count / 100'000.0, 0.9, 0.006);
    EXPECT_NEAR(both / 6'300'000.0, 0.0996 * 0.0996, 0.0006);  // Two neighbours free.
}

}  // namespace
}  // namespace idnode::bench
