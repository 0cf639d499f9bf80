// A heap block of exactly the size of its content, so that AddressSanitizer sees a decoder that
// reads a single octet too many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "protocol/core/bytes.h"

namespace idnode::test {

class Block {
public:
    explicit Block(ByteSpan content)
        : octets_(new std::uint8_t[content.size()]), size_(content.size()) {
        std::ranges::copy(content, octets_.get());
    }
    [[nodiscard]] ByteSpan bytes() const { return {octets_.get(), size_}; }
    [[nodiscard]] std::string_view text() const { return to_text(bytes()); }

private:
    std::unique_ptr<std::uint8_t[]> octets_;
    std::size_t size_;
};

}  // namespace idnode::test
