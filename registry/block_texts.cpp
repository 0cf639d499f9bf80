#include "registry/block_texts.h"

#include <algorithm>
#include <cstring>

#include "registry/bits.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt() {
    return tl::unexpected(Error{ErrorKind::kCorrupt, "texts of a block"});
}

// Eight characters are 48 bits: at any bit of its first octet they lie in one word.
constexpr std::size_t kCharactersAtOnce = 8;

// `octets` has every character; what may follow them is only looked at.
void unpack(ByteSpan octets, std::size_t first, std::size_t count, char* out) {
    for (std::size_t done = 0; done < count; done += kCharactersAtOnce) {
        const std::size_t bit = (first + done) * kPackedBits;
        const ByteSpan from = octets.subspan(bit / 8);
        std::uint64_t word = 0;
        if (from.size() >= sizeof word) {
            word = load_little<std::uint64_t>(from.data());
        } else {
            std::memcpy(&word, from.data(), from.size());
        }
        word >>= bit % 8;
        const std::size_t now = std::min(count - done, kCharactersAtOnce);
        for (std::size_t i = 0; i < now; ++i, word >>= kPackedBits) {
            *out++ = kPackedLetters[word & 0x3F];
        }
    }
}

}  // namespace

bool take_text_shape(ByteSpan& rest, TextShape& shape) {
    std::uint8_t start_size = 0;
    ByteSpan start;
    if (!take_u8(rest, shape.bits) || !take_u8(rest, start_size) ||
        !take_octets(rest, start_size, start)) {
        return false;
    }
    shape.start = to_text(start);
    return shape.bits == 0 || shape.bits == kPackedBits || shape.bits == kOctetBits;
}

Result<std::string_view> join_text(const BlockOctets& block, const TextShape& shape,
                                   ByteSpan characters, TextPlace place, TextRoom& room) {
    const auto [first, size] = place;
    if (shape.bits == kOctetBits && shape.start.empty()) {
        return to_text(characters.subspan(first, size));
    }
    if (size == 0) return shape.start;
    const std::size_t joined_size = shape.start.size() + size;
    if (joined_size > kJoinedTextSizeMax) return corrupt();
    char* const text = room.take(joined_size);
    char* const rest = std::ranges::copy(shape.start, text).out;
    if (shape.bits == kOctetBits) {
        std::memcpy(rest, characters.data() + first, size);
    } else {
        unpack(block.from(characters), first, size, rest);
    }
    return std::string_view(text, joined_size);
}

Result<ByteSpan> find_entry_shapes(const BlockOctets& block, std::uint8_t slot) {
    const BlockHead& head = block.head;
    if (slot == kNoSlot) return ByteSpan{};
    // parse_block() saw that there is room for the table and the ends.
    const ByteSpan section =
        block.section(Section::kPatterns).subspan(head.pattern_count * kPatternEntrySize);
    const auto end_of = [&](std::size_t index) {
        return load_little<std::uint16_t>(section.data() + 2 * index);
    };
    const std::size_t ends_size = 2U * head.pattern_count;
    const std::size_t start = slot == 0 ? ends_size : end_of(slot - 1U);
    const std::size_t end = end_of(slot);
    if (start < ends_size || start > end || end > section.size()) return corrupt();
    return section.subspan(start, end - start);
}

Result<std::string_view> take_entry_text(const BlockOctets& block, ByteSpan& shapes, ByteSpan& rest,
                                         TextRoom& room) {
    TextShape shape;
    if (!take_text_shape(shapes, shape)) return corrupt();
    std::size_t size = 0;
    if (shape.bits == 0) {
        std::uint32_t size_and_packed = 0;
        if (!take_varint(rest, size_and_packed)) return corrupt();
        size = size_and_packed >> 1;
        const bool packed = (size_and_packed & 1) != 0;
        shape.bits = static_cast<std::uint8_t>(packed ? kPackedBits : kOctetBits);
    } else {
        std::uint8_t size_of_all = 0;
        if (!take_u8(shapes, size_of_all)) return corrupt();
        size = size_of_all;
    }
    ByteSpan characters;
    if (!take_octets(rest, bits_size(size, shape.bits), characters)) return corrupt();
    return join_text(block, shape, characters, {0, size}, room);
}

}  // namespace idnode::registry
