// The identifiers of a block, read: found by binary search and one short walk, or walked in order.
//
// Front-coded: restart:u16 for every 16th record (from the first entry on), then entries:
//     token:u8 (shared << 4 | size, each 15: a varint with the rest follows) octets
// where `shared` octets are those of the key before, all behind the block's common prefix.
// Numeric: size:u8 shape:octets[size] width:u8 first:u64 offsets:bits[count * width]
// where the shape says for each place behind the common prefix which octet stands there, or that it
// is a digit (of 10, 16 or 36) of one number; offsets ascend and count from `first`.
//
// Functions fail with kCorrupt when the octets contradict themselves. No allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/core/result.h"
#include "registry/bits.h"
#include "registry/block_layout.h"

namespace idnode::registry {

Result<std::optional<std::uint32_t>> find_front_coded(const BlockOctets& block,
                                                      std::string_view folded);
Result<std::optional<std::uint32_t>> find_numeric(const BlockOctets& block,
                                                  std::string_view folded);

// One entry of the front-coded form.
struct FrontEntry {
    std::uint32_t shared = 0;
    std::string_view octets;
};

// Cuts the next entry off `rest`; false when it is not whole.
bool take_front_entry(ByteSpan& rest, FrontEntry& entry);

// The section of numeric keys, parsed. Views into the block.
struct NumericKeys {
    std::string_view shape;
    std::uint64_t first = 0;
    BitArray offsets;
};

std::optional<NumericKeys> parse_numeric_keys(const BlockOctets& block);

// What a shape's octet stands for: 10, 16, 36, or 0 for a literal.
constexpr std::uint32_t shape_radix(char octet) {
    if (octet == static_cast<char>(kShapeDecimal)) return 10;
    if (octet == static_cast<char>(kShapeHex)) return 16;
    if (octet == static_cast<char>(kShapeAlphanumeric)) return 36;
    return 0;
}

// The value of "0" to "9", "A" to "Z"; 255 for any other octet.
constexpr std::uint8_t digit_value(char octet) {
    if (octet >= '0' && octet <= '9') return static_cast<std::uint8_t>(octet - '0');
    if (octet >= 'A' && octet <= 'Z') return static_cast<std::uint8_t>(octet - 'A' + 10);
    return 255;
}

// Gives the folded identifiers one after the other.
class KeyWalk {
public:
    explicit KeyWalk(const BlockOctets& block);

    // Goes to the next; false when the block is damaged here. At most `count` times.
    bool next();
    [[nodiscard]] std::string_view folded() const { return {folded_.data(), size_}; }

private:
    bool next_front_coded();
    bool next_numeric();

    BlockOctets block_;
    std::uint32_t position_ = 0;  // Of the next one.
    ByteSpan rest_;               // Front-coded entries not yet read.
    std::optional<NumericKeys> numeric_;
    std::size_t size_ = 0;
    std::array<char, kIdentifierSizeMax> folded_;
};

}  // namespace idnode::registry
