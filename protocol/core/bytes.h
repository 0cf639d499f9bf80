// Big-endian reading and writing of octets with sticky failure.
//
// A Reader past its end, or a Writer past its room, remembers it: later reads give zeros and empty
// views, later writes do nothing, so that a codec is a straight list of fields with one ok() at the
// end. Views that a Reader gives point into the octets it was made from. No allocation.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "protocol/core/copy_octets.h"
#include "protocol/core/limits.h"

namespace idnode {

using ByteSpan = std::span<const std::uint8_t>;
using MutableByteSpan = std::span<std::uint8_t>;

inline ByteSpan to_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view to_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A number of `size` octets as it stands on the wire, and back. One load or store and a swap.
template <std::size_t size>
std::uint64_t load_big(const std::uint8_t* octets) {
    static_assert(std::endian::native == std::endian::little);
    if constexpr (size == 1) return octets[0];
    std::uint64_t value = 0;
    std::memcpy(&value, octets, size);
    return __builtin_bswap64(value) >> (64 - 8 * size);
}
template <std::size_t size>
void store_big(std::uint8_t* octets, std::uint64_t value) {
    static_assert(std::endian::native == std::endian::little);
    value = __builtin_bswap64(value << (64 - 8 * size));
    std::memcpy(octets, &value, size);
}

inline std::uint16_t load_u16(const std::uint8_t* octets) {
    return static_cast<std::uint16_t>(load_big<2>(octets));
}
inline std::uint32_t load_u32(const std::uint8_t* octets) {
    return static_cast<std::uint32_t>(load_big<4>(octets));
}
inline void store_u16(std::uint8_t* octets, std::uint16_t value) { store_big<2>(octets, value); }
inline void store_u32(std::uint8_t* octets, std::uint32_t value) { store_big<4>(octets, value); }

class Reader {
public:
    explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian<1>()); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian<2>()); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian<4>()); }
    std::uint64_t u64() { return big_endian<8>(); }

    // `count` octets as they are.
    ByteSpan bytes(std::size_t count) {
        if (count > remaining()) return fail(), ByteSpan{};
        const ByteSpan taken = bytes_.subspan(position_, count);
        position_ += count;
        return taken;
    }
    // A part of fixed size, for load_u32: one check instead of one a field. Null: there is not so
    // much, and the Reader has failed.
    template <std::size_t size>
    const std::uint8_t* take() {
        if (remaining() < size) return fail(), nullptr;
        const std::uint8_t* const taken = bytes_.data() + position_;
        position_ += size;
        return taken;
    }
    // A u32 length, at most kByteArraySizeMax, and that many octets.
    ByteSpan sized_bytes() {
        const std::uint32_t size = u32();
        if (size > kByteArraySizeMax) return fail(), ByteSpan{};
        return bytes(size);
    }
    std::string_view sized_text() { return to_text(sized_bytes()); }
    // A u32 count of items of at least `item_size_min` octets each: refused when they cannot all be
    // there, so that nothing is reserved for items that no message holds.
    std::uint32_t count(std::size_t item_size_min) {
        const std::uint32_t items = u32();
        if (items > remaining() / item_size_min) return fail(), 0;
        return items;
    }
    ByteSpan rest() { return bytes(remaining()); }

    [[nodiscard]] bool ok() const { return ok_; }
    void fail() {
        ok_ = false;
        position_ = bytes_.size();
    }
    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }
    [[nodiscard]] bool at_end() const { return ok_ && remaining() == 0; }

private:
    template <std::size_t size>
    std::uint64_t big_endian() {
        if (remaining() < size) return fail(), 0;
        const std::uint64_t value = load_big<size>(bytes_.data() + position_);
        position_ += size;
        return value;
    }

    ByteSpan bytes_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

class Writer {
public:
    explicit Writer(MutableByteSpan room) : room_(room) {}

    void u8(std::uint8_t value) { big_endian<1>(value); }
    void u16(std::uint16_t value) { big_endian<2>(value); }
    void u32(std::uint32_t value) { big_endian<4>(value); }
    void u64(std::uint64_t value) { big_endian<8>(value); }
    void bytes(ByteSpan bytes) {
        if (bytes.size() > remaining()) return fail();
        copy_octets(room_.data() + position_, bytes.data(), bytes.size());
        position_ += bytes.size();
    }
    void text(std::string_view text) { bytes(to_bytes(text)); }
    // Room for a part of fixed size, for store_u32: one check instead of one a field. Null: there
    // is not so much, and the Writer has failed.
    template <std::size_t size>
    std::uint8_t* take() {
        return take(size);
    }
    // The same for a part whose size is known only now.
    std::uint8_t* take(std::size_t size) {
        if (remaining() < size) return fail(), nullptr;
        std::uint8_t* const taken = room_.data() + position_;
        position_ += size;
        return taken;
    }
    // A u32 length and the octets.
    void sized_bytes(ByteSpan content) {
        u32(static_cast<std::uint32_t>(content.size()));
        bytes(content);
    }
    void sized_text(std::string_view content) { sized_bytes(to_bytes(content)); }

    // Writes over what stands at `position`: for lengths and counts known only afterwards. The four
    // octets must have been written before.
    void patch_u32(std::size_t position, std::uint32_t value) {
        if (position + 4 > position_) return fail();
        Writer patch(room_.subspan(position, 4));
        patch.u32(value);
    }
    // Takes back what was written behind `position`.
    void rewind(std::size_t position) {
        if (position < position_) position_ = position;
    }

    [[nodiscard]] bool ok() const { return ok_; }
    void fail() { ok_ = false; }
    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] std::size_t remaining() const { return ok_ ? room_.size() - position_ : 0; }
    [[nodiscard]] MutableByteSpan written() const { return room_.first(position_); }

private:
    template <std::size_t size>
    void big_endian(std::uint64_t value) {
        if (remaining() < size) return fail();
        store_big<size>(room_.data() + position_, value);
        position_ += size;
    }

    MutableByteSpan room_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace idnode
