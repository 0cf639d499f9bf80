// Texts of a block in little room: what all texts of a column begin with is said once, and what
// follows, the rest, takes six bits a character where it is made of letters, digits, "-" and "_".
//
// A shape says how the texts of one column are kept, in the entries of one pattern or in a column
// of the dominant one:
//     bits:u8 start_size:u8 start:octets [size:u8]
// bits: 6 or 8 for each character of every rest, which then are all of `size` in entries; 0: each
// text says (size << 1 | packed):varint before its rest. Characters follow each other without
// gaps, low bits first; in an entry each text begins with an octet of its own. A text that does not
// lie in the block as it is has at most kJoinedTextSizeMax octets.
//
// All fail with kCorrupt when the octets contradict themselves; none allocates.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "registry/block_layout.h"
#include "registry/record.h"

namespace idnode::registry {

inline constexpr unsigned kPackedBits = 6;  // Of a character.
inline constexpr unsigned kOctetBits = 8;

// The characters that six bits stand for, by their codes.
inline constexpr std::string_view kPackedLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
inline constexpr std::uint8_t kNoCode = 0xFF;

// The code of each octet; kNoCode where there is none.
inline constexpr std::array<std::uint8_t, 256> kPackedCodes = []() {
    std::array<std::uint8_t, 256> codes{};
    codes.fill(kNoCode);
    for (std::size_t i = 0; i < kPackedLetters.size(); ++i) {
        codes[static_cast<std::uint8_t>(kPackedLetters[i])] = static_cast<std::uint8_t>(i);
    }
    return codes;
}();

// Where texts of one record are put together: record.texts has room for the longest of every
// column.
class TextRoom {
public:
    explicit TextRoom(Record& record) : next_(record.texts.data()) {}

    // Room for a text of up to kJoinedTextSizeMax octets; for each column of a pattern once.
    char* take(std::size_t size) {
        char* const place = next_;
        next_ += size;
        return place;
    }

private:
    char* next_;
};

struct TextShape {
    std::uint8_t bits = 0;
    std::string_view start;
};

// Cuts bits and start off `rest`; false when they are not whole or not known.
bool take_text_shape(ByteSpan& rest, TextShape& shape);

// Some of many characters.
struct TextPlace {
    std::size_t first = 0;
    std::size_t size = 0;
};

// The text with these of the `characters`, which lie whole in the block, as its rest.
Result<std::string_view> join_text(const BlockOctets& block, const TextShape& shape,
                                   ByteSpan characters, TextPlace place, TextRoom& room);

// The shapes of the columns that entries of a pattern have, one behind the other.
Result<ByteSpan> find_entry_shapes(const BlockOctets& block, std::uint8_t slot);

// Cuts the text of one column off an entry, its shape off `shapes`.
Result<std::string_view> take_entry_text(const BlockOctets& block, ByteSpan& shapes, ByteSpan& rest,
                                         TextRoom& room);

}  // namespace idnode::registry
