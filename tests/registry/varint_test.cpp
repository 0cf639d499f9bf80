#include "registry/varint.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

constexpr std::array<std::uint32_t, 12> kNumbers = {
    0,         1,         127,         128,         16'383,     16'384,
    2'097'151, 2'097'152, 268'435'455, 268'435'456, 0xFFFFFFFE, 0xFFFFFFFF};

TEST(Varint, ComesBackAtEverySize) {
    for (const std::uint32_t number : kNumbers) {
        std::string out;
        append_varint(out, number);
        EXPECT_EQ(out.size(), varint_size(number));
        const HeapCopy copy(out);
        ByteSpan rest = copy.bytes();
        std::uint32_t value = 0;
        ASSERT_TRUE(take_varint(rest, value)) << number;
        EXPECT_EQ(value, number);
        EXPECT_TRUE(rest.empty());
    }
}

TEST(Varint, RefusesEveryShorterInputAndLeavesItUnchanged) {
    for (const std::uint32_t number : kNumbers) {
        std::string out;
        append_varint(out, number);
        for (std::size_t size = 0; size < out.size(); ++size) {
            const HeapCopy copy(std::string_view(out).substr(0, size));
            ByteSpan rest = copy.bytes();
            std::uint32_t value = 7;
            EXPECT_FALSE(take_varint(rest, value));
            EXPECT_EQ(rest.size(), size);
            EXPECT_EQ(value, 7U);
        }
    }
}

TEST(Varint, RefusesAnotherFormOfANumberAndWhatIsTooLarge) {
    using namespace std::string_view_literals;
    for (const std::string_view bad :
         {"\x80\x00"sv, "\xFF\x80\x00"sv, "\xFF\xFF\xFF\xFF\x10"sv, "\x80\x80\x80\x80\x80\x01"sv}) {
        const HeapCopy copy(bad);
        ByteSpan rest = copy.bytes();
        std::uint32_t value = 0;
        EXPECT_FALSE(take_varint(rest, value)) << bad.size();
    }
}

TEST(Sized, ComesBackAndIsRefusedWhenShorter) {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 5000U}) {
        const std::string content(size, 'x');
        std::string out;
        append_sized(out, content);
        out.push_back('!');
        const HeapCopy copy(out);
        ByteSpan rest = copy.bytes();
        ByteSpan octets;
        ASSERT_TRUE(take_sized(rest, octets));
        EXPECT_EQ(to_text(octets), content);
        EXPECT_EQ(to_text(rest), "!");
        const HeapCopy cut(std::string_view(out).substr(0, out.size() - 2));
        rest = cut.bytes();
        EXPECT_EQ(take_sized(rest, octets), false);
        EXPECT_EQ(rest.size(), out.size() - 2);
    }
}

}  // namespace
}  // namespace idnode::registry
