#include "protocol/handle/response.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/handle/request_digest.h"
#include "tests/protocol/handle/samples.h"

namespace idnode::handle {
namespace {

using test::Octets;

constexpr AnswerOrigin kOrigin{.site_serial = 7, .is_primary = true, .now = 1'700'000'000};

struct Asked {
    Octets octets;
    Envelope envelope;
    Header header;
    [[nodiscard]] ByteSpan message() const { return ByteSpan(octets).subspan(kEnvelopeSize); }
};

Asked ask(std::uint32_t flags, std::uint8_t minor = 11) {
    Asked asked;
    asked.octets = test::message_of(OperationCode::kResolution, ResponseCode::kNone, flags,
                                    {0, 0, 0, 1, 'x', 0, 0, 0, 0, 0, 0, 0, 0});
    asked.octets[1] = minor;
    asked.octets[3] = minor;
    asked.octets[7] = 5;
    Reader in(asked.octets);
    asked.envelope = *decode_envelope(in);
    asked.header = *decode_header(in);
    return asked;
}

struct Answered {
    Octets octets;
    Envelope envelope;
    Response response;
};

// `octets` holds a whole message, which must decode.
Answered read(Octets octets) {
    Answered answered;
    answered.octets = std::move(octets);
    Reader in(answered.octets);
    const Result<Envelope> envelope = decode_envelope(in);
    EXPECT_TRUE(envelope.has_value());
    const Result<Response> response = decode_response(*envelope, in.rest());
    EXPECT_TRUE(response.has_value()) << response.error().where;
    answered.envelope = *envelope;
    answered.response = *response;
    return answered;
}

Answered answer_error(const Asked& asked, ResponseCode code, std::string_view text) {
    Octets room(512);
    Writer out(room);
    ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    head.code = code;
    EXPECT_TRUE(write_error(out, head, asked.message(), text));
    room.resize(out.position());
    return read(std::move(room));
}

TEST(ResponseHead, EchoesWhatTheClientWillLookAt) {
    Asked asked = ask(kFlagPubl | kFlagCacr | kFlagDnrf | kFlagRecu);
    asked.header.recursion_count = 9;
    const ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    EXPECT_EQ(head.request_id, asked.envelope.request_id);
    EXPECT_EQ(head.session_id, 5U);
    EXPECT_EQ(head.operation, OperationCode::kResolution);
    EXPECT_EQ(head.recursion_count, 9U);
    EXPECT_EQ(head.site_serial, 7U);
    EXPECT_EQ(head.flags, kFlagAuth | kFlagRecu | kFlagPubl | kFlagCacr | kFlagDnrf);
}

TEST(ResponseHead, PromisesNeitherSignatureNorCipherNorTrust) {
    const Asked asked = ask(0xFFFFFFFF);
    const ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    EXPECT_EQ(head.flags, kFlagAuth | kFlagRecu | kFlagCacr | kFlagPubl | kFlagRrdg | kFlagDnrf);
}

TEST(ResponseHead, ShowsAuthAtAPrimaryOnly) {
    const Asked asked = ask(kFlagAuth);
    AnswerOrigin mirror = kOrigin;
    mirror.is_primary = false;
    EXPECT_EQ(make_response_head(asked.envelope, &asked.header, mirror).flags, kFlagRecu);
}

TEST(ResponseHead, ExpiresAtTheLaterOfTheRequestsTimeAndTwelveHours) {
    Asked asked = ask(0);
    const std::uint32_t twelve_hours = kOrigin.now + 43'200;
    for (const std::uint32_t asked_for : {0U, twelve_hours - 1, twelve_hours}) {
        asked.header.expiration = asked_for;
        EXPECT_EQ(make_response_head(asked.envelope, &asked.header, kOrigin).expiration,
                  twelve_hours);
    }
    asked.header.expiration = twelve_hours + 1;
    EXPECT_EQ(make_response_head(asked.envelope, &asked.header, kOrigin).expiration,
              twelve_hours + 1);
}

TEST(ResponseHead, CanBeMadeWithoutAHeader) {
    const Asked asked = ask(0);
    const ResponseHead head = make_response_head(asked.envelope, nullptr, kOrigin);
    EXPECT_EQ(head.operation, OperationCode::kReserved);
    EXPECT_EQ(head.request_id, asked.envelope.request_id);
    EXPECT_EQ(head.expiration, kOrigin.now + 43'200);
}

TEST(ResponseWriter, WritesAWholeAnswerAndItsLengths) {
    const Answered answered =
        answer_error(ask(kFlagPubl), ResponseCode::kServerNotResponsible, "elsewhere");
    EXPECT_EQ(answered.octets.size(), kEnvelopeSize + kHeaderSize + 4 + 9 + 4);
    EXPECT_EQ(answered.envelope.suggested_major, 2U);
    EXPECT_EQ(answered.envelope.suggested_minor, 11U);
    EXPECT_EQ(answered.envelope.flags, 0U);
    EXPECT_EQ(answered.response.header.response_code, ResponseCode::kServerNotResponsible);
    EXPECT_EQ(std::get<ErrorBody>(answered.response.body).text, "elsewhere");
    ASSERT_TRUE(answered.response.credential.has_value());
    EXPECT_TRUE(answered.response.credential->empty());
}

TEST(ResponseWriter, EmptyErrorTextIsFourZeros) {
    const Answered answered = answer_error(ask(0), ResponseCode::kHandleNotFound, "");
    EXPECT_EQ(answered.response.header.body_length, 4U);
}

TEST(ResponseWriter, NeverCarriesTheTruncatedBitOfARequest) {
    Asked asked = ask(0);
    asked.envelope.flags = 0xFC;
    EXPECT_EQ(answer_error(asked, ResponseCode::kError, "").envelope.flags, 0U);
}

struct DigestCase {
    std::uint8_t minor;
    std::size_t size;  // Type octet and digest.
    std::uint8_t type;
};

TEST(ResponseWriter, PutsTheDigestOfTheVersionInFrontWhenAsked) {
    for (const auto& [minor, size, type] : {DigestCase{1, 21, 2}, DigestCase{6, 21, 2},
                                            DigestCase{7, 33, 3}, DigestCase{11, 33, 3}}) {
        const Asked asked = ask(kFlagRrdg, minor);
        const Answered answered = answer_error(asked, ResponseCode::kHandleNotFound, "t");
        EXPECT_NE(answered.response.header.flags & kFlagRrdg, 0U);
        ASSERT_EQ(answered.response.digest.size(), size) << unsigned{minor};
        EXPECT_EQ(answered.response.digest[0], type);
        const auto digest = crypto::digest_of(static_cast<crypto::DigestKind>(type),
                                              asked.message().first(kHeaderSize + 13));
        EXPECT_EQ(to_text(answered.response.digest.subspan(1)), to_text(digest.bytes()));
    }
}

TEST(ResponseWriter, Version20HasNoDigestAndSaysSo) {
    const Answered answered = answer_error(ask(kFlagRrdg, 0), ResponseCode::kHandleNotFound, "t");
    EXPECT_EQ(answered.response.header.flags & kFlagRrdg, 0U);
    EXPECT_TRUE(answered.response.digest.empty());
}

TEST(ResponseWriter, RequestThatIsNotWholeHasNoDigest) {
    Asked asked = ask(kFlagRrdg);
    test::put_u32(asked.octets, test::kBodyLengthAt, 1000);
    const Answered answered = answer_error(asked, ResponseCode::kProtocolError, "t");
    EXPECT_EQ(answered.response.header.flags & kFlagRrdg, 0U);
    EXPECT_EQ(std::get<ErrorBody>(answered.response.body).text, "t");
}

TEST(ResponseWriter, WritesTheNumbersOfOldVersions) {
    EXPECT_EQ(
        answer_error(ask(0, 4), ResponseCode::kServerBackup, "").response.header.response_code,
        ResponseCode::kPrefixReferral);
    EXPECT_EQ(
        answer_error(ask(0, 5), ResponseCode::kServerBackup, "").response.header.response_code,
        ResponseCode::kServerBackup);
}

TEST(ResponseWriter, SaysWhenTheRoomDoesNotSuffice) {
    const Asked asked = ask(kFlagRrdg);
    const ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    constexpr std::size_t kSize = kEnvelopeSize + kHeaderSize + 33 + 4 + 2 + 4;
    for (std::size_t size = 0; size <= kSize; ++size) {
        Octets room(size);
        Writer out(room);
        EXPECT_EQ(write_error(out, head, asked.message(), "no"), size == kSize) << size;
    }
}

TEST(ResponseWriter, SiteRecordStandsUnframed) {
    const Asked asked = ask(0);
    ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    head.operation = OperationCode::kGetSiteInfo;
    Octets room(512);
    Writer out(room);
    ASSERT_TRUE(write_plain(out, head, asked.message(), to_bytes("site")));
    room.resize(out.position());
    const Answered answered = read(std::move(room));
    EXPECT_EQ(to_text(std::get<SiteBody>(answered.response.body).record), "site");
}

TEST(ResponseWriter, SeveralAnswersFollowEachOtherInOneRoom) {
    const Asked asked = ask(0);
    ResponseHead head = make_response_head(asked.envelope, &asked.header, kOrigin);
    head.code = ResponseCode::kHandleNotFound;
    Octets room(512);
    Writer out(room);
    ASSERT_TRUE(write_error(out, head, asked.message(), "first"));
    const std::size_t second = out.position();
    ASSERT_TRUE(write_error(out, head, asked.message(), "second"));
    const auto at = room.begin();
    read(Octets(at, at + static_cast<std::ptrdiff_t>(second)));
    read(Octets(at + static_cast<std::ptrdiff_t>(second),
                at + static_cast<std::ptrdiff_t>(out.position())));
}

TEST(ResponseCodes, EveryKindOfErrorHasOne) {
    EXPECT_EQ(response_code_of(ErrorKind::kMalformed), ResponseCode::kProtocolError);
    EXPECT_EQ(response_code_of(ErrorKind::kUnsupported), ResponseCode::kOperationNotSupported);
    EXPECT_EQ(response_code_of(ErrorKind::kDenied), ResponseCode::kInsufficientPermissions);
    EXPECT_EQ(response_code_of(ErrorKind::kOverloaded), ResponseCode::kServerBusy);
    EXPECT_EQ(response_code_of(ErrorKind::kUnavailable), ResponseCode::kError);
    EXPECT_EQ(response_code_of(ErrorKind::kCorrupt), ResponseCode::kError);
}

}  // namespace
}  // namespace idnode::handle
