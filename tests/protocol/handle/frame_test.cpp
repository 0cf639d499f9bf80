#include "protocol/handle/frame.h"

#include <string_view>

#include <gtest/gtest.h>

#include "protocol/core/limits.h"
#include "tests/protocol/block.h"
#include "tests/protocol/handle/samples.h"

namespace idnode::handle {
namespace {

using test::Octets;

Octets message_with(const Octets& body) {
    return test::message_of(OperationCode::kResolution, ResponseCode::kNone, 0, body);
}

// Where decoding fails; empty: it does not.
std::string_view fault_of(const Octets& octets) {
    const test::Block block(octets);
    Reader in(block.bytes());
    const Result<Envelope> envelope = decode_envelope(in);
    if (!envelope) return envelope.error().where;
    const Result<Frame> frame = decode_frame(*envelope, in.rest());
    return frame ? std::string_view{} : frame.error().where;
}

TEST(Frame, TakesBodyAndCredentialApart) {
    Octets octets = message_with({1, 2, 3});
    octets.insert(octets.end(), {'c', 'r'});
    test::put_u32(octets, octets.size() - 6, 2);
    test::put_u32(octets, test::kMessageLengthAt,
                  static_cast<std::uint32_t>(octets.size() - kEnvelopeSize));
    Reader in(octets);
    const Result<Envelope> envelope = decode_envelope(in);
    ASSERT_TRUE(envelope.has_value());
    const Result<Frame> frame = decode_frame(*envelope, in.rest());
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(to_text(frame->body), "\1\2\3");
    ASSERT_TRUE(frame->credential.has_value());
    EXPECT_EQ(to_text(*frame->credential), "cr");
}

TEST(Frame, MayEndWithTheBody) {
    const Octets whole = message_with({1, 2, 3});
    const Octets octets = test::cut_at(whole, whole.size() - 4);
    Reader in(octets);
    const Result<Envelope> envelope = decode_envelope(in);
    const Result<Frame> frame = decode_frame(*envelope, in.rest());
    ASSERT_TRUE(frame.has_value());
    EXPECT_FALSE(frame->credential.has_value());
}

TEST(Frame, RefusesEveryOtherShorterMessage) {
    const Octets whole = message_with({1, 2, 3});
    for (std::size_t size = kEnvelopeSize; size < whole.size(); ++size) {
        const std::string_view fault = fault_of(test::cut_at(whole, size));
        if (size == whole.size() - 4) {
            EXPECT_EQ(fault, "");
        } else if (size < kEnvelopeSize + kHeaderSize) {
            EXPECT_EQ(fault, "header") << size;
        } else {
            EXPECT_EQ(fault, size < whole.size() - 4 ? "body length" : "credential length") << size;
        }
    }
}

TEST(Frame, RefusesOctetsBehindTheCredential) {
    Octets octets = message_with({1, 2, 3});
    octets.push_back(0);
    test::put_u32(octets, test::kMessageLengthAt,
                  static_cast<std::uint32_t>(octets.size() - kEnvelopeSize));
    EXPECT_EQ(fault_of(octets), "credential length");
}

TEST(Frame, RefusesAnotherLengthThanTheEnvelopes) {
    Octets octets = message_with({1, 2, 3});
    const auto size = static_cast<std::uint32_t>(octets.size() - kEnvelopeSize);
    for (const std::uint32_t length : {0U, size - 1, size + 1, 0x7FFFFFFFU}) {
        test::put_u32(octets, test::kMessageLengthAt, length);
        EXPECT_EQ(fault_of(octets), "message length") << length;
    }
}

TEST(Frame, EndsAtTheMessageLimit) {
    const std::size_t largest_body = kMessageSizeMax - kHeaderSize - 4;
    EXPECT_EQ(fault_of(message_with(Octets(largest_body))), "");
    EXPECT_EQ(fault_of(message_with(Octets(largest_body + 1))), "message length");
}

TEST(Frame, RefusesABodyLengthThatWouldWrapAround) {
    Octets octets = message_with({1, 2, 3});
    for (const std::uint32_t length : {4U + 4U, 0x80000000U, 0xFFFFFFFFU}) {
        test::put_u32(octets, test::kBodyLengthAt, length);
        EXPECT_EQ(fault_of(octets), "body length") << length;
    }
}

TEST(Frame, RefusesEncryptedMessages) {
    Octets octets = message_with({1, 2, 3});
    octets[2] |= kEnvelopeEncrypted;
    EXPECT_EQ(fault_of(octets), "encrypted message");
}

TEST(Frame, IgnoresTheCompressedBitAsPeersDo) {
    Octets octets = message_with({1, 2, 3});
    octets[2] |= kEnvelopeCompressed;
    EXPECT_EQ(fault_of(octets), "");
}

TEST(FrameWriter, SetsBothLengthsWhereverItStarts) {
    for (const std::size_t start : {std::size_t{0}, std::size_t{3}}) {
        Octets room(200);
        Writer out(room);
        for (std::size_t i = 0; i < start; ++i) out.u8(0xEE);
        Header header;
        header.body_length = 99;
        FrameWriter frame(out, Envelope{}, header);
        out.text("body");
        frame.finish(ByteSpan{});
        ASSERT_TRUE(out.ok());
        Reader in(ByteSpan(room).first(out.position()).subspan(start));
        const Result<Envelope> envelope = decode_envelope(in);
        EXPECT_EQ(envelope->message_length, kHeaderSize + 4 + 4);
        const Result<Frame> decoded = decode_frame(*envelope, in.rest());
        ASSERT_TRUE(decoded.has_value());
        EXPECT_EQ(to_text(decoded->body), "body");
    }
}

TEST(FrameWriter, IsNotOkInEverySmallerRoom) {
    constexpr std::size_t kSize = kEnvelopeSize + kHeaderSize + 4 + 4;
    for (std::size_t size = 0; size <= kSize; ++size) {
        Octets room(size);
        Writer out(room);
        FrameWriter frame(out, Envelope{}, Header{});
        out.text("body");
        frame.finish(ByteSpan{});
        EXPECT_EQ(out.ok(), size == kSize) << size;
    }
}

}  // namespace
}  // namespace idnode::handle
