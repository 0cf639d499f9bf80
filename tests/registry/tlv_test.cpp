#include "registry/tlv.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

TEST(Tlvs, EmptyListIsGood) { EXPECT_TRUE(check_tlvs({}).has_value()); }

TEST(Tlvs, UnknownTagIsAnErrorOnlyWhenCritical) {
    std::string list;
    append_tlv(list, 0x01, to_bytes("carried along"));
    append_tlv(list, 0x7F, {});
    EXPECT_TRUE(check_tlvs(to_bytes(list)).has_value());

    append_tlv(list, 0x85, to_bytes("must know"));
    const auto unknown = check_tlvs(to_bytes(list));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().kind, ErrorKind::kUnsupported);
    EXPECT_EQ(unknown.error().code, 0x85);

    constexpr std::array<std::uint8_t, 2> kKnown = {0x84, 0x85};
    EXPECT_TRUE(check_tlvs(to_bytes(list), kKnown).has_value());
}

TEST(Tlvs, EveryShorterListIsGoodOnlyBetweenItems) {
    std::string list;
    append_tlv(list, 1, to_bytes("one"));
    const std::size_t border = list.size();
    append_tlv(list, 2, to_bytes("two"));
    for (std::size_t size = 0; size <= list.size(); ++size) {
        const HeapCopy copy(std::string_view(list).substr(0, size));
        const bool whole = size == 0 || size == border || size == list.size();
        EXPECT_EQ(check_tlvs(copy.bytes()).has_value(), whole) << size;
    }
}

}  // namespace
}  // namespace idnode::registry
