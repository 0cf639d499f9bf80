#include "protocol/handle/header.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode::handle {
namespace {

using test::Block;
using HeaderOctets = std::array<std::uint8_t, kHeaderSize>;

constexpr HeaderOctets kGood{0, 0, 7, 0xD1, 0,    0,    1,    0x92, 0x00, 0x80, 0, 1,
                             0, 9, 3, 4,    0x6B, 0x04, 0xB4, 0x5C, 0xFF, 0,    0, 7};

TEST(Header, DecodesEveryFieldAndEncodesAgain) {
    const Block block(kGood);
    Reader in(block.bytes());
    const Result<Header> header = decode_header(in);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->operation, OperationCode::kLoginIdSystem);
    EXPECT_EQ(header->response_code, ResponseCode::kAuthenticationNeeded);
    EXPECT_EQ(header->flags, kFlagRrdg | kFlagTrustedResult);
    EXPECT_EQ(header->site_serial, 9U);
    EXPECT_EQ(header->recursion_count, 3U);
    EXPECT_EQ(header->reserved, 4U);
    EXPECT_EQ(header->expiration, 0x6B04B45CU);
    EXPECT_EQ(header->body_length, 0xFF000007U);
    EXPECT_TRUE(in.at_end());
    HeaderOctets again{};
    Writer out(again);
    encode_header(out, *header);
    EXPECT_EQ(again, kGood);
}

TEST(Header, RejectsEveryShorterInput) {
    for (std::size_t size = 0; size < kGood.size(); ++size) {
        const Block block(ByteSpan(kGood).first(size));
        Reader in(block.bytes());
        const Result<Header> header = decode_header(in);
        ASSERT_FALSE(header.has_value()) << size;
        EXPECT_EQ(header.error().where, "header");
    }
}

}  // namespace
}  // namespace idnode::handle
