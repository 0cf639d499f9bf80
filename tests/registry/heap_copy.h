// A copy of octets in a heap block of exactly their size, so that the address sanitizer sees every
// read beyond either end. What decoders are given in tests.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

#include "protocol/core/bytes.h"

namespace idnode::registry {

class HeapCopy {
public:
    explicit HeapCopy(ByteSpan octets)
        : octets_(std::make_unique<std::uint8_t[]>(octets.size())), size_(octets.size()) {
        std::ranges::copy(octets, octets_.get());
    }
    explicit HeapCopy(std::string_view text) : HeapCopy(to_bytes(text)) {}

    [[nodiscard]] ByteSpan bytes() const { return {octets_.get(), size_}; }
    [[nodiscard]] MutableByteSpan writable() { return {octets_.get(), size_}; }

private:
    std::unique_ptr<std::uint8_t[]> octets_;
    std::size_t size_;
};

}  // namespace idnode::registry
