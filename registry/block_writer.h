// Writes a block's octets in order into a buffer of zeros, as bits.h and block_layout.h read them.
//
// The packer knows every size before it writes, so running out of room is a mistake of ours.
#pragma once

#include <cstdint>
#include <cstring>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "registry/bits.h"
#include "registry/varint.h"

namespace idnode::registry {

class BlockWriter {
public:
    // `room` holds zeros.
    explicit BlockWriter(MutableByteSpan room) : room_(room) {}

    void u8(std::size_t value) { little(static_cast<std::uint8_t>(value)); }
    void u16(std::size_t value) { little(static_cast<std::uint16_t>(value)); }
    void u32(std::uint32_t value) { little(value); }
    void u64(std::uint64_t value) { little(value); }

    void varint(std::uint32_t value) {
        for (; value >= 0x80; value >>= 7) u8(value | 0x80);
        u8(value);
    }
    void text(std::string_view text) {
        std::uint8_t* const place = take(text.size());
        if (!text.empty()) std::memcpy(place, text.data(), text.size());
    }
    void bytes(ByteSpan bytes) { text(to_text(bytes)); }
    void zeros(std::size_t size) { take(size); }

    // An array of `count` numbers of `width` bits; number_at(i) gives each, below 2^width.
    template <class NumberAt>
    void bits(std::size_t count, unsigned width, NumberAt number_at) {
        std::uint8_t* place = take(bits_size(count, width));
        if (width == 0) return;
        std::uint64_t gathered = 0;
        unsigned filled = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t number = number_at(i);
            gathered |= number << filled;
            filled += width;
            if (filled < 64) continue;
            std::memcpy(place, &gathered, 8);
            place += 8;
            filled -= 64;
            gathered = filled == 0 ? 0 : number >> (width - filled);
        }
        std::memcpy(place, &gathered, (filled + 7) / 8);
    }

    // Room for `size` octets, to be filled by the caller.
    std::uint8_t* take(std::size_t size) {
        IDN_CHECK(size <= room_.size() - position_);
        std::uint8_t* const place = room_.data() + position_;
        position_ += size;
        return place;
    }
    [[nodiscard]] std::size_t position() const { return position_; }

private:
    template <class T>
    void little(T value) {
        std::memcpy(take(sizeof value), &value, sizeof value);
    }

    MutableByteSpan room_;
    std::size_t position_ = 0;
};

}  // namespace idnode::registry
