// The octets that an encoder writes, as a string; blocks of a string; octets from hexadecimal
// digits.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/core/base64.h"
#include "protocol/core/bytes.h"
#include "tests/protocol/block.h"

namespace idnode::test {

// Also checks that encoded_size() announced exactly what was written.
template <class Typed, class Encode>
std::string encoded(const Typed& typed, Encode encode) {
    std::string octets(encoded_size(typed), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
    encode(out, typed);
    EXPECT_TRUE(out.ok());
    EXPECT_EQ(out.remaining(), 0U);
    return octets;
}

inline Block copy_of(std::string_view octets) { return Block(to_bytes(octets)); }

inline std::string from_hex(std::string_view digits) {
    std::string octets;
    EXPECT_TRUE(decode_hex(octets, digits));
    return octets;
}

}  // namespace idnode::test
