#include "protocol/handle/request_digest.h"

#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/response.h"
#include "tests/protocol/block.h"
#include "tests/protocol/handle/samples.h"
#include "tests/vectors/vectors.h"

namespace idnode::handle {
namespace {

using test::Octets;
using test::PieceKind;

// Digest at the front of the first response, and the one made of the first request.
void expect_recorded_digest(std::string_view folder, std::string_view file) {
    const test::Vector vector = test::read_vector(folder, file);
    ASSERT_EQ(vector.pieces.at(1).kind, PieceKind::kResponse) << file;
    const ByteSpan request = ByteSpan(vector.pieces[0].octets).subspan(kEnvelopeSize);
    Reader in(vector.pieces[1].octets);
    const Result<Envelope> envelope = decode_envelope(in);
    const Result<Response> response = decode_response(*envelope, in.rest());
    ASSERT_TRUE(response.has_value()) << file;
    ASSERT_FALSE(response->digest.empty()) << file;
    const auto kind = static_cast<crypto::DigestKind>(response->digest[0]);
    const crypto::Digest made = crypto::digest_of(kind, header_and_body(request));
    EXPECT_EQ(to_text(made.bytes()), to_text(response->digest.subspan(1))) << file;
}

TEST(RequestDigest, IsTheOneThatPeersSend) {
    for (const std::string_view file :
         {"resolve_certify_rrd_udp.txt", "resolve_version_2_1.txt", "resolve_version_2_6.txt",
          "resolve_version_2_7.txt", "create_rsa.txt", "create_seckey_version_2_1.txt"}) {
        expect_recorded_digest("handle", file);
    }
    expect_recorded_digest("idis", "caict_tcp_04_resolve_with_request_digest.txt");
    expect_recorded_digest("idis", "idp_rsa_session_01_login_2001.txt");
}

TEST(RequestDigest, IsWrittenInTheFormOfTheVersion) {
    const Octets content{1, 2, 3};
    for (const auto& [minor, size, type] :
         {std::tuple{0, 0, 0}, std::tuple{1, 21, 2}, std::tuple{6, 21, 2}, std::tuple{7, 33, 3}}) {
        Octets room(kRequestDigestSizeMax);
        Writer out(room);
        write_request_digest(out, {2, static_cast<std::uint8_t>(minor)}, content);
        ASSERT_EQ(out.position(), static_cast<std::size_t>(size)) << minor;
        if (size != 0) {
            EXPECT_EQ(room[0], type) << minor;
        }
    }
}

TEST(RequestDigest, IsReadWholeOrNotAtAll) {
    for (const std::uint8_t type : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
        const std::size_t size = crypto::digest_size(static_cast<crypto::DigestKind>(type));
        Octets octets(1 + size);
        octets[0] = type;
        Reader whole(octets);
        EXPECT_EQ(read_request_digest(whole).size(), octets.size());
        EXPECT_TRUE(whole.at_end());
        for (std::size_t shorter = 0; shorter < octets.size(); ++shorter) {
            const test::Block block(ByteSpan(octets).first(shorter));
            Reader in(block.bytes());
            EXPECT_TRUE(read_request_digest(in).empty());
            EXPECT_FALSE(in.ok());
        }
    }
}

TEST(RequestDigest, CoversHeaderAndBodyOnly) {
    const Octets message =
        test::message_of(OperationCode::kResolution, ResponseCode::kNone, 0, {1, 2, 3});
    const ByteSpan request = ByteSpan(message).subspan(kEnvelopeSize);
    EXPECT_EQ(header_and_body(request).size(), kHeaderSize + 3);
    EXPECT_EQ(header_and_body(request.first(kHeaderSize + 3)).size(), kHeaderSize + 3);
    for (std::size_t size = 0; size < kHeaderSize + 3; ++size) {
        const test::Block block(request.first(size));
        EXPECT_TRUE(header_and_body(block.bytes()).empty()) << size;
    }
}

}  // namespace
}  // namespace idnode::handle
