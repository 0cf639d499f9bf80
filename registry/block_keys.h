// The identifiers of a block, read: found by their number or by binary search and one short walk,
// or walked in order. Forms: front-coded, and three that make one number of each identifier.
//
// What is found by its number is found in two steps, so that memory can work in between: the first
// makes the number and asks for where it would stand, the second looks there.
//
// Functions fail with kCorrupt when the octets contradict themselves. No allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/core/result.h"
#include "registry/bits.h"
#include "registry/block_layout.h"

namespace idnode::registry {

// Front-coded: restart:u16 for every 16th record (from the first entry on), then entries:
//     token:u8 (shared << 4 | size, each 15: a varint with the rest follows) octets
// where `shared` octets are those of the key before, all behind the block's common prefix.
//
// All other forms begin with
//     size:u8 shape:octets[size] width:u8 first:u64
// where the shape says for each place behind the common prefix which octet stands there, or that it
// is a digit (of 10, 16 or 36) of the number; what follows ascends and counts from `first`.
//
// Numeric: offsets:bits[count * width].
//
// Cells, for numbers that lie close together: place_width:u8 bit_count:u16 run_count:u16
//     starts:bits[run_count * width] places:bits[run_count * place_width] cells (bit_cells.h)
// Run i begins at the number `starts[i]`, and its bits, one for each number from there on, at
// `places[i]`; it ends where the next begins. The one bits are the identifiers.
//
// Buckets, for numbers that lie apart: bucket_count:u16 samples:bits marks:octets lows:bits
// A number's low `width` bits are in `lows`, the rest is its bucket. `marks` has for each bucket a
// one for every number in it, then a zero. `samples` has for every 64th bucket the numbers before
// it, in as many bits as `count` has.

// What the first step leaves for the second.
struct KeyPlace {
    ByteSpan bits;             // Cells; marks.
    BitArray numbers;          // Offsets; low bits.
    std::uint64_t target = 0;  // Among the numbers.
    std::size_t at = 0;      // Numeric: a guess; cells: the bit; buckets: a place in the marks …
    std::size_t zeros = 0;   // … and the zeros from there to the bucket …
    std::size_t bucket = 0;  // … which is this one.
};

// False: the identifier is not in the block.
Result<bool> begin_numeric(const BlockOctets& block, std::string_view folded, KeyPlace& place);
Result<bool> begin_in_cells(const BlockOctets& block, std::string_view folded, KeyPlace& place);
Result<bool> begin_in_buckets(const BlockOctets& block, std::string_view folded, KeyPlace& place);

// The position, if the identifier is there.
using FoundPosition = Result<std::optional<std::uint32_t>>;
FoundPosition end_numeric(const BlockOctets& block, const KeyPlace& place);
FoundPosition end_in_cells(const BlockOctets& block, const KeyPlace& place);
FoundPosition end_in_buckets(const BlockOctets& block, const KeyPlace& place);
FoundPosition find_front_coded(const BlockOctets& block, std::string_view folded);

// One entry of the front-coded form.
struct FrontEntry {
    std::uint32_t shared = 0;
    std::string_view octets;
};

// Cuts the next entry off `rest`; false when it is not whole.
bool take_front_entry(ByteSpan& rest, FrontEntry& entry);

// What the sections of all numeric forms begin with.
struct NumberHead {
    std::string_view shape;
    unsigned width = 0;  // At most 64.
    std::uint64_t first = 0;
};

// Cuts it off `rest`; false when it is not whole.
bool take_number_head(ByteSpan& rest, NumberHead& head);
// The number of a text of this shape; nothing when it has another one.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view shape);

// The sections of the numeric forms, parsed: views into the block, which give the numbers one after
// the other. next() is false when the block is damaged here.
struct NumericKeys {
    NumberHead head;
    BitArray offsets;
    std::uint32_t position = 0;  // Of the next one.

    bool next(std::uint64_t& number);
};

struct CellKeys {
    NumberHead head;
    std::size_t bit_count = 0;
    std::size_t run_count = 0;
    BitArray starts;
    BitArray places;
    ByteSpan cells;
    std::size_t place = 0;  // Where the next one is looked for.
    std::size_t run = 0;    // That the one before was in.

    bool next(std::uint64_t& number);
};

struct BucketKeys {
    NumberHead head;
    std::size_t bucket_count = 0;
    BitArray samples;
    ByteSpan marks;
    BitArray lows;
    std::uint32_t position = 0;  // Of the next one.
    std::size_t bucket = 0;      // That the one before was in.

    bool next(std::uint64_t& number);
    [[nodiscard]] std::size_t skip_to_mark(std::size_t from) const;
};

std::optional<NumericKeys> parse_numeric_keys(const BlockOctets& block);
std::optional<CellKeys> parse_cell_keys(const BlockOctets& block);
std::optional<BucketKeys> parse_bucket_keys(const BlockOctets& block);

// Nothing for front-coded keys, and where the section is damaged.
using NumberKeys = std::variant<std::monostate, NumericKeys, CellKeys, BucketKeys>;

// Every so many buckets one has a sample.
inline constexpr std::size_t kBucketsPerSample = 64;

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
    bool write_number(std::string_view shape, std::uint64_t number);

    BlockOctets block_;
    ByteSpan rest_;  // Front-coded entries not yet read.
    NumberKeys numbers_;
    std::size_t size_ = 0;
    std::array<char, kIdentifierSizeMax> folded_;
};

}  // namespace idnode::registry
