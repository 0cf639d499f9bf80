#include "protocol/core/bytes.h"

#include <array>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode {
namespace {

using test::Block;
using testing::ElementsAre;

constexpr std::array<std::uint8_t, 15> kCounting{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

TEST(Reader, ReadsBigEndianNumbersOfEachSize) {
    const Block block(kCounting);
    Reader in(block.bytes());
    EXPECT_EQ(in.u8(), 0x01U);
    EXPECT_EQ(in.u16(), 0x0203U);
    EXPECT_EQ(in.u32(), 0x04050607U);
    EXPECT_EQ(in.u64(), 0x08090A0B0C0D0E0FU);
    EXPECT_TRUE(in.at_end());
}

TEST(Reader, FailsOnEachNumberThatIsCutShort) {
    for (std::size_t size = 0; size < 8; ++size) {
        const Block block(ByteSpan(kCounting).first(size));
        Reader one(block.bytes());
        Reader two(block.bytes());
        Reader four(block.bytes());
        Reader eight(block.bytes());
        one.u8();
        two.u16();
        four.u32();
        EXPECT_EQ(eight.u64(), 0U);
        EXPECT_EQ(one.ok(), size >= 1);
        EXPECT_EQ(two.ok(), size >= 2);
        EXPECT_EQ(four.ok(), size >= 4);
        EXPECT_FALSE(eight.ok());
    }
}

TEST(Reader, RemembersAFailureAndGivesZerosAndNothingAfterIt) {
    const Block block(kCounting);
    Reader in(block.bytes());
    EXPECT_TRUE(in.bytes(kCounting.size() + 1).empty());
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.remaining(), 0U);
    EXPECT_EQ(in.u8(), 0U);
    EXPECT_TRUE(in.bytes(1).empty());
    EXPECT_TRUE(in.rest().empty());
    EXPECT_FALSE(in.at_end());
}

TEST(Reader, SizedBytesTakeALengthOfFourOctets) {
    const std::array<std::uint8_t, 6> octets{0, 0, 0, 2, 'a', 'b'};
    const Block block(octets);
    Reader in(block.bytes());
    EXPECT_EQ(in.sized_text(), "ab");
    EXPECT_TRUE(in.at_end());
    for (std::size_t size = 0; size < octets.size(); ++size) {
        const Block shorter(ByteSpan(octets).first(size));
        Reader cut(shorter.bytes());
        EXPECT_TRUE(cut.sized_bytes().empty());
        EXPECT_FALSE(cut.ok()) << size;
    }
}

TEST(Reader, SizedBytesEndAtTheArrayLimit) {
    std::vector<std::uint8_t> octets(4 + kByteArraySizeMax + 1);
    Writer(octets).u32(kByteArraySizeMax);
    Reader largest(octets);
    EXPECT_EQ(largest.sized_bytes().size(), kByteArraySizeMax);
    EXPECT_TRUE(largest.ok());
    Writer(octets).u32(kByteArraySizeMax + 1);
    Reader too_large(octets);
    EXPECT_TRUE(too_large.sized_bytes().empty());
    EXPECT_FALSE(too_large.ok());
}

TEST(Reader, CountIsRefusedWhenTheItemsCannotAllBeThere) {
    std::array<std::uint8_t, 4 + 12> octets{0, 0, 0, 3};
    Reader three(octets);
    EXPECT_EQ(three.count(4), 3U);
    EXPECT_TRUE(three.ok());
    octets[3] = 4;
    Reader four(octets);
    EXPECT_EQ(four.count(4), 0U);
    EXPECT_FALSE(four.ok());
    octets = {0xFF, 0xFF, 0xFF, 0xFF};
    Reader huge(octets);
    EXPECT_EQ(huge.count(8), 0U);
    EXPECT_FALSE(huge.ok());
}

TEST(Reader, EmptyInputIsAtItsEndAndHoldsNothing) {
    Reader in(ByteSpan{});
    EXPECT_TRUE(in.at_end());
    EXPECT_TRUE(in.bytes(0).empty());
    EXPECT_TRUE(in.rest().empty());
    EXPECT_TRUE(in.ok());
    in.u8();
    EXPECT_FALSE(in.ok());
}

TEST(Writer, WritesBigEndianNumbersOfEachSize) {
    std::array<std::uint8_t, 15> room{};
    Writer out(room);
    out.u8(0x01);
    out.u16(0x0203);
    out.u32(0x04050607);
    out.u64(0x08090A0B0C0D0E0F);
    EXPECT_TRUE(out.ok());
    EXPECT_EQ(room, kCounting);
    EXPECT_EQ(out.remaining(), 0U);
}

TEST(Writer, FailsWhenTheRoomDoesNotSufficeAndWritesNothingMore) {
    std::array<std::uint8_t, 5> room{};
    Writer out(room);
    out.u32(0x01020304);
    out.u16(0x0506);
    EXPECT_FALSE(out.ok());
    out.u8(7);
    EXPECT_EQ(out.remaining(), 0U);
    EXPECT_THAT(room, ElementsAre(1, 2, 3, 4, 0));
    EXPECT_EQ(out.position(), 4U);
}

TEST(Writer, SizedTextFillsItsRoomExactlyAndNotOneOctetLess) {
    std::array<std::uint8_t, 6> room{};
    Writer out(room);
    out.sized_text("ab");
    EXPECT_TRUE(out.ok());
    EXPECT_THAT(room, ElementsAre(0, 0, 0, 2, 'a', 'b'));
    Writer smaller(MutableByteSpan(room).first(5));
    smaller.sized_text("ab");
    EXPECT_FALSE(smaller.ok());
}

TEST(Writer, PatchesWhatIsWrittenOnly) {
    std::array<std::uint8_t, 6> room{};
    Writer out(room);
    out.u32(0);
    out.u8(9);
    out.patch_u32(0, 0x0A0B0C0D);
    EXPECT_TRUE(out.ok());
    out.patch_u32(1, 0x01020304);
    EXPECT_THAT(room, ElementsAre(0x0A, 1, 2, 3, 4, 0));
    out.patch_u32(2, 0);
    EXPECT_FALSE(out.ok());
    EXPECT_THAT(room, ElementsAre(0x0A, 1, 2, 3, 4, 0));
}

TEST(Writer, RewindTakesBackWhatStandsBehind) {
    std::array<std::uint8_t, 4> room{};
    Writer out(room);
    out.u16(0x0102);
    out.u16(0x0304);
    out.rewind(2);
    EXPECT_EQ(out.remaining(), 2U);
    EXPECT_THAT(out.written(), ElementsAre(1, 2));
    out.rewind(4);
    EXPECT_EQ(out.position(), 2U) << "rewinding never goes forward";
}

}  // namespace
}  // namespace idnode
