#include "bench/slots.h"

#include "bench/hash64.h"
#include "protocol/core/check.h"

namespace idnode::bench {
namespace {

constexpr std::uint64_t kGroup = 512;
constexpr std::uint64_t kLowBytes = 0x0101'0101'0101'0101;

// Set bits of each byte, in that byte.
std::uint64_t byte_counts(std::uint64_t bits) {
    bits -= bits >> 1 & 0x5555'5555'5555'5555;
    bits = (bits & 0x3333'3333'3333'3333) + (bits >> 2 & 0x3333'3333'3333'3333);
    return (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
}

std::uint64_t count_bits(std::uint64_t bits) { return byte_counts(bits) * kLowBytes >> 56; }

// Position of set bit number `rank` (from 0), which must be there.
std::uint64_t position_of(std::uint64_t bits, std::uint64_t rank) {
    const std::uint64_t sums = byte_counts(bits) * kLowBytes;  // Byte i: bits in bytes 0..i.
    std::uint64_t shift = 0;
    while ((sums >> shift & 0xFF) <= rank) shift += 8;
    if (shift != 0) rank -= sums >> (shift - 8) & 0xFF;
    std::uint64_t byte = bits >> shift & 0xFF;
    for (; rank != 0; --rank) byte &= byte - 1;
    return shift + static_cast<std::uint64_t>(std::countr_zero(byte));
}

// The 512th taken slot may be anywhere in a word.
std::uint64_t from_slot(std::uint64_t bits, std::uint64_t slot) {
    return bits & ~std::uint64_t{0} << (slot % 64);
}

}  // namespace

std::uint64_t taken_slots(std::uint64_t seed, std::uint64_t word) {
    // 64 random bits per step; the bits of the probability from the lowest: 922/1024 =
    // 0.1110011010b.
    constexpr unsigned kProbability = 922;
    const std::uint64_t base = hash64(seed, word);
    std::uint64_t taken = 0;
    for (unsigned bit = 1; bit < 10; ++bit) {
        const std::uint64_t random =
            fold_product(base + bit * 0x9E37'79B9'7F4A'7C15, 0xA076'1D64'78BD'642F ^ base << bit);
        taken = (kProbability >> bit & 1U) != 0 ? taken | random : taken & random;
    }
    return taken;
}

void append_slot_table(std::uint64_t seed, std::uint64_t count, std::vector<std::uint32_t>& table) {
    std::uint64_t before = 0;
    std::uint64_t wanted = 0;
    for (std::uint64_t word = 0; wanted < count; ++word) {
        const std::uint64_t bits = taken_slots(seed, word);
        const std::uint64_t here = count_bits(bits);
        if (wanted < before + here) {
            const std::uint64_t slot = word * 64 + position_of(bits, wanted - before);
            IDN_CHECK(slot <= UINT32_MAX);
            table.push_back(static_cast<std::uint32_t>(slot));
            wanted += kGroup;
        }
        before += here;
    }
}

void SlotReader::go_to_group(std::uint64_t group) {
    const std::uint64_t slot = table_[group];
    word_ = slot / 64;
    bits_ = from_slot(taken_slots(seed_, word_), slot);
    before_ = group * kGroup;
    count_ = count_bits(bits_);
}

std::uint64_t SlotReader::slot(std::uint64_t index) {
    if (count_ == 0 || index < before_ || index >= before_ + kGroup) go_to_group(index / kGroup);
    while (index >= before_ + count_) {
        before_ += count_;
        bits_ = taken_slots(seed_, ++word_);
        count_ = count_bits(bits_);
    }
    return word_ * 64 + position_of(bits_, index - before_);
}

}  // namespace idnode::bench
