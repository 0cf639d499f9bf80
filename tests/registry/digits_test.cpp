#include "registry/digits.h"

#include <charconv>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::registry {
namespace {

std::uint64_t word_of(const std::string& text) {
    const std::vector<char> heap(text.begin(), text.end());  // As long as the text.
    return load_short(heap.data(), heap.size());
}

TEST(Digits, LoadsEverySizeAndNothingBeside) {
    const std::string text = "\x01\x82\x03\xFF\x05\x06\x87\x08\x09";
    for (std::size_t size = 0; size <= kWordSize; ++size) {
        std::uint64_t expected = 0;
        std::memcpy(&expected, text.data(), size);
        EXPECT_EQ(word_of(text.substr(0, size)), expected) << size;
    }
}

TEST(Digits, NumbersOfEverySizeComeOutRight) {
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t size = 1 + random() % kWordSize;
        std::string decimal;
        std::string hex;
        for (std::size_t i = 0; i < size; ++i) {
            decimal += "0123456789"[random() % 10];
            hex += "0123456789ABCDEF"[random() % 16];
        }
        std::uint64_t values = 0;
        ASSERT_TRUE(decimal_values(word_of(decimal), size, values)) << decimal;
        EXPECT_EQ(join_values<10>(values), std::stoull(decimal)) << decimal;
        ASSERT_TRUE(hex_values(word_of(hex), size, values)) << hex;
        EXPECT_EQ(join_values<16>(values), std::stoull(hex, nullptr, 16)) << hex;
    }
}

// Every octet at every place of every size.
TEST(Digits, RefusesEveryOtherOctet) {
    for (std::size_t size = 1; size <= kWordSize; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            for (int octet = 0; octet < 256; ++octet) {
                std::string text(size, '9');
                text[place] = static_cast<char>(octet);
                const bool is_digit = octet >= '0' && octet <= '9';
                const bool is_hex = is_digit || (octet >= 'A' && octet <= 'F');
                std::uint64_t values = 0;
                EXPECT_EQ(decimal_values(word_of(text), size, values), is_digit) << octet;
                EXPECT_EQ(hex_values(word_of(text), size, values), is_hex) << octet;
            }
        }
    }
}

}  // namespace
}  // namespace idnode::registry
