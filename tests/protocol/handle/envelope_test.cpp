#include "protocol/handle/envelope.h"

#include <array>

#include <gtest/gtest.h>

#include "protocol/handle/codes.h"
#include "tests/protocol/block.h"

namespace idnode::handle {
namespace {

using test::Block;
using EnvelopeOctets = std::array<std::uint8_t, kEnvelopeSize>;

constexpr EnvelopeOctets kGood{2, 10, 0x20 | 0x02, 11, 0, 0, 0x27, 0x11, 1,    2,
                               3, 4,  0,           0,  0, 5, 0x7F, 0xFF, 0xFF, 0xFF};

TEST(Envelope, DecodesEveryFieldAndEncodesAgain) {
    const Block block(kGood);
    Reader in(block.bytes());
    const Result<Envelope> envelope = decode_envelope(in);
    ASSERT_TRUE(envelope.has_value());
    EXPECT_EQ(envelope->major_version, 2U);
    EXPECT_EQ(envelope->minor_version, 10U);
    EXPECT_EQ(envelope->flags, kEnvelopeTruncated);
    EXPECT_EQ(envelope->suggested_major, 2U);
    EXPECT_EQ(envelope->suggested_minor, 11U);
    EXPECT_EQ(envelope->session_id, 10001U);
    EXPECT_EQ(envelope->request_id, 0x01020304U);
    EXPECT_EQ(envelope->sequence_number, 5U);
    EXPECT_EQ(envelope->message_length, 0x7FFFFFFFU);
    EnvelopeOctets again{};
    Writer out(again);
    encode_envelope(out, *envelope);
    EXPECT_EQ(again, kGood);
}

TEST(Envelope, RejectsEveryShorterInput) {
    for (std::size_t size = 0; size < kGood.size(); ++size) {
        const Block block(ByteSpan(kGood).first(size));
        Reader in(block.bytes());
        EXPECT_FALSE(decode_envelope(in).has_value()) << size;
    }
}

TEST(Envelope, AcceptsTheMajorVersionsThatExist) {
    for (unsigned major = 0; major < 256; ++major) {
        EnvelopeOctets octets = kGood;
        octets[0] = static_cast<std::uint8_t>(major);
        Reader in(octets);
        const bool exists = major == 1 || major == 2 || major == 3 || major == 5;
        EXPECT_EQ(decode_envelope(in).has_value(), exists) << major;
    }
}

TEST(Envelope, RejectsANegativeLength) {
    EnvelopeOctets octets = kGood;
    octets[16] = 0x80;
    Reader in(octets);
    const Result<Envelope> envelope = decode_envelope(in);
    ASSERT_FALSE(envelope.has_value());
    EXPECT_EQ(envelope.error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(envelope.error().where, "envelope");
}

TEST(Envelope, KeepsAllBitsOfTheFlagOctet) {
    for (unsigned bits = 0; bits < 256; ++bits) {
        EnvelopeOctets octets = kGood;
        octets[2] = static_cast<std::uint8_t>(bits);
        Reader in(octets);
        const Result<Envelope> envelope = decode_envelope(in);
        ASSERT_TRUE(envelope.has_value());
        EXPECT_EQ(envelope->flags, bits & 0xFC);
        EXPECT_EQ(envelope->suggested_major, bits & 0x03);
        EnvelopeOctets again{};
        Writer out(again);
        encode_envelope(out, *envelope);
        EXPECT_EQ(again, octets);
    }
}

TEST(Envelope, ReadsNothingBehindIt) {
    std::array<std::uint8_t, kEnvelopeSize + 1> octets{};
    std::ranges::copy(kGood, octets.begin());
    Reader in(octets);
    ASSERT_TRUE(decode_envelope(in).has_value());
    EXPECT_EQ(in.remaining(), 1U);
}

}  // namespace
}  // namespace idnode::handle
