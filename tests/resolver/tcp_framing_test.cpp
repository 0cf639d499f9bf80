#include "resolver/tcp_framing.h"

#include <gtest/gtest.h>

#include "protocol/core/limits.h"
#include "resolver/client_family.h"
#include "tests/protocol/block.h"
#include "tests/resolver/messages.h"

namespace idnode::resolver {
namespace {

using test::Block;
using test::make_envelope;
using test::make_request;
using test::Octets;

CutKind kind_of(const Octets& octets) { return cut_message(Block(octets).bytes()).kind; }

TEST(TcpFraming, EveryShorterInputIsIncomplete) {
    const Octets message = make_request({});
    for (std::size_t size = 0; size < message.size(); ++size) {
        const Block shorter(ByteSpan(message).first(size));
        const Cut cut = cut_message(shorter.bytes());
        EXPECT_EQ(cut.kind, CutKind::kIncomplete) << size;
        EXPECT_EQ(cut.size, size < handle::kEnvelopeSize ? handle::kEnvelopeSize : message.size());
    }
}

TEST(TcpFraming, CutsTheFirstOfSeveral) {
    Octets octets = make_request({});
    const std::size_t size = octets.size();
    octets.insert(octets.end(), {2, 11, 2});
    const Cut cut = cut_message(Block(octets).bytes());
    EXPECT_EQ(cut.kind, CutKind::kWhole);
    EXPECT_EQ(cut.size, size);
    EXPECT_EQ(cut.envelope.request_id, 1U);
}

TEST(TcpFraming, RefusesLengthsAtOnce) {
    EXPECT_EQ(kind_of(make_envelope(1, 24)), CutKind::kIncomplete);
    EXPECT_EQ(kind_of(make_envelope(1, kMessageSizeMax)), CutKind::kIncomplete);
    EXPECT_EQ(kind_of(make_envelope(1, 23)), CutKind::kWrongLength);
    EXPECT_EQ(kind_of(make_envelope(1, 0)), CutKind::kWrongLength);
    EXPECT_EQ(kind_of(make_envelope(1, kMessageSizeMax + 1)), CutKind::kWrongLength);
    EXPECT_EQ(kind_of(make_envelope(1, 0x7FFFFFFF)), CutKind::kWrongLength);
    EXPECT_EQ(kind_of(make_envelope(1, 0x80000000)), CutKind::kUnusable);
    EXPECT_EQ(kind_of(Octets(20, 0xFF)), CutKind::kUnusable);
    Octets major_four = make_request({});
    major_four[0] = 4;
    EXPECT_EQ(kind_of(major_four), CutKind::kUnusable);
}

TEST(TcpFraming, ShowsWhatBelongsToARefusedMessage) {
    Octets octets = make_envelope(1, 3);
    EXPECT_EQ(cut_message(octets).size, 20U);
    octets.resize(100);
    EXPECT_EQ(cut_message(octets).size, 23U);
    Octets longer = make_envelope(1, kMessageSizeMax + 1);
    longer.resize(100);
    EXPECT_EQ(cut_message(longer).size, 44U);
}

TEST(ClientFamily, IsToldByTheVersions) {
    const auto family = [](std::uint8_t minor, std::uint8_t suggested, std::uint8_t flags) {
        handle::Envelope envelope;
        envelope.minor_version = minor;
        envelope.suggested_minor = suggested;
        envelope.flags = flags;
        return client_family(envelope);
    };
    EXPECT_EQ(family(3, 10, 0), ClientFamily::kCaict);
    EXPECT_EQ(family(3, 10, 0x20), ClientFamily::kCaict);
    EXPECT_EQ(family(10, 11, 0), ClientFamily::kIdPointer);
    EXPECT_EQ(family(10, 11, 0xC0), ClientFamily::kIdPointer);
    EXPECT_EQ(family(11, 11, 0), ClientFamily::kHandle);
    EXPECT_EQ(family(3, 11, 0), ClientFamily::kHandle);
    EXPECT_EQ(family(10, 10, 0), ClientFamily::kHandle);
    handle::Envelope other;
    other.minor_version = 3;
    other.suggested_minor = 10;
    other.suggested_major = 0;
    EXPECT_EQ(client_family(other), ClientFamily::kHandle);
    other.suggested_major = 2;
    other.major_version = 3;
    EXPECT_EQ(client_family(other), ClientFamily::kHandle);
}

}  // namespace
}  // namespace idnode::resolver
