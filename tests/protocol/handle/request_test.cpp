#include "protocol/handle/request.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/protocol/block.h"
#include "tests/protocol/handle/samples.h"

namespace idnode::handle {
namespace {

using test::Block;
using test::Octets;
using test::Sample;

// decode_resolution takes a resolution exactly when decode_request does, and as the same.
void expect_same_resolution(const Envelope& envelope, ByteSpan message,
                            const Result<Request>& request) {
    Reader in(message);
    const Result<Header> header = decode_header(in);
    if (!header || header->operation != OperationCode::kResolution) return;
    ResolutionRequest body;
    const Result<Done> done = decode_resolution(envelope, *header, message, body);
    ASSERT_EQ(done.has_value(), request.has_value());
    if (!done) {
        EXPECT_EQ(done.error().where, request.error().where);
        return;
    }
    const auto& same = std::get<ResolutionRequest>(request->body);
    EXPECT_EQ(body.identifier, same.identifier);
    EXPECT_EQ(to_text(body.indexes.wire()), to_text(same.indexes.wire()));
    EXPECT_EQ(to_text(body.types.wire()), to_text(same.types.wire()));
}

// Decoded and encoded again; empty: refused.
Octets again(const Octets& octets) {
    const Block block(octets);
    Reader in(block.bytes());
    const Result<Envelope> envelope = decode_envelope(in);
    if (!envelope) return {};
    const ByteSpan message = in.rest();
    const Result<Request> request = decode_request(*envelope, message);
    expect_same_resolution(*envelope, message, request);
    if (!request) return {};
    Octets encoded(octets.size() + 8);
    Writer out(encoded);
    encode_request(out, *envelope, *request);
    EXPECT_TRUE(out.ok());
    encoded.resize(out.position());
    return encoded;
}

Result<Request> decode(const Octets& octets) {
    Reader in(octets);
    const Result<Envelope> envelope = decode_envelope(in);
    return decode_request(*envelope, in.rest());
}

const Octets& sample(const std::vector<Sample>& samples, std::string_view name) {
    const auto found = std::ranges::find(samples, name, &Sample::name);
    EXPECT_NE(found, samples.end()) << name;
    return found->octets;
}

TEST(Request, OfEveryKindEncodesAgainToTheSameOctets) {
    for (const Sample& sample : test::request_samples()) {
        EXPECT_EQ(again(sample.octets), sample.octets) << sample.name;
    }
}

TEST(Request, KeepsOctetsBehindTheLastKnownField) {
    for (const Sample& sample : test::request_samples()) {
        // A dump's tail would be the place to go on from.
        if (sample.name == "dump") continue;
        Octets longer = sample.octets;
        longer.insert(longer.end() - 4, {0, 0, 0, 1, 'x'});
        test::put_u32(longer, test::kBodyLengthAt,
                      static_cast<std::uint32_t>(test::body_size_of(sample.octets) + 5));
        test::put_u32(longer, test::kMessageLengthAt,
                      static_cast<std::uint32_t>(longer.size() - kEnvelopeSize));
        EXPECT_EQ(again(longer), longer) << sample.name;
        const Result<Request> request = decode(longer);
        ASSERT_TRUE(request.has_value()) << sample.name;
        EXPECT_GE(request->tail.size(), 5U) << sample.name;
    }
}

TEST(Request, RejectsEveryShorterBodyButTheLegalOnes) {
    for (const Sample& sample : test::request_samples()) {
        for (std::size_t size = 0; size < test::body_size_of(sample.octets); ++size) {
            const Octets shorter = test::with_body_size(sample.octets, size);
            const bool legal = std::ranges::count(sample.legal_body_sizes, size) != 0;
            EXPECT_EQ(again(shorter), legal ? shorter : Octets{}) << sample.name << ' ' << size;
        }
    }
}

TEST(Request, RejectsEveryShorterMessageButTheOneWithoutCredentialLength) {
    for (const Sample& sample : test::request_samples()) {
        for (std::size_t size = kEnvelopeSize; size < sample.octets.size(); ++size) {
            const Octets shorter = test::cut_at(sample.octets, size);
            const bool legal = size == sample.octets.size() - 4;
            EXPECT_EQ(again(shorter), legal ? shorter : Octets{}) << sample.name << ' ' << size;
        }
    }
}

TEST(Request, IsNotWrittenIntoASmallerRoom) {
    for (const Sample& sample : test::request_samples()) {
        const Result<Request> request = decode(sample.octets);
        ASSERT_TRUE(request.has_value());
        for (std::size_t size = 0; size < sample.octets.size(); ++size) {
            Octets room(size);
            Writer out(room);
            encode_request(out, Envelope{}, *request);
            EXPECT_FALSE(out.ok()) << sample.name << ' ' << size;
        }
    }
}

TEST(Request, ThatIsAResponseIsRefused) {
    Octets octets = test::request_samples().front().octets;
    octets[kEnvelopeSize + 7] = 1;
    const Result<Request> request = decode(octets);
    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().where, "response instead of request");
}

TEST(Request, BrokenBodyIsMalformedAndSaysSo) {
    const Octets shorter = test::with_body_size(test::request_samples().front().octets, 3);
    const Result<Request> request = decode(shorter);
    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(request.error().where, "request body");
}

TEST(Request, ResolutionGivesIdentifierAndFilters) {
    const auto samples = test::request_samples();
    const Result<Request> request = decode(sample(samples, "resolve some"));
    ASSERT_TRUE(request.has_value());
    const auto& body = std::get<ResolutionRequest>(request->body);
    EXPECT_EQ(body.identifier, "88/a");
    EXPECT_EQ(std::vector<std::uint32_t>({1, 5}),
              std::vector<std::uint32_t>({*body.indexes.begin(), *++body.indexes.begin()}));
    std::vector<std::string> types;
    for (const std::string_view type : body.types) types.emplace_back(type);
    EXPECT_EQ(types, std::vector<std::string>({"URL", "EMAIL."}));
}

TEST(Request, ResolutionIsFollowedByItsToken) {
    Octets octets = test::request_samples().front().octets;
    octets.insert(octets.end() - 4, {0, 0, 0, 2, 'j', 'w'});
    test::put_u32(octets, test::kBodyLengthAt, 22);
    test::put_u32(octets, test::kMessageLengthAt, kHeaderSize + 22 + 4);
    const Result<Request> request = decode(octets);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->tail.size(), 6U);
    EXPECT_EQ(to_text(request->tail.last(2)), "jw");
}

TEST(Request, CreateGivesItsValues) {
    const auto samples = test::request_samples();
    const Result<Request> request = decode(sample(samples, "create"));
    const auto& body = std::get<ValuesRequest>(request->body);
    ASSERT_EQ(body.values.count(), 2U);
    EXPECT_EQ(body.values.begin()->index, 1U);
    EXPECT_EQ(body.values.begin()->type, "URL");
    EXPECT_EQ(to_text(body.values.begin()->data), "http://a");
}

TEST(Request, VerifyKnowsBothFormsOfTheDigest) {
    const auto samples = test::request_samples();
    const Result<Request> typed = decode(sample(samples, "verify sha256"));
    EXPECT_EQ(std::get<VerifyRequest>(typed->body).digest_type, 3U);
    EXPECT_EQ(std::get<VerifyRequest>(typed->body).digest.size(), 32U);
    const Result<Request> old = decode(sample(samples, "verify old form"));
    EXPECT_EQ(std::get<VerifyRequest>(old->body).digest_type, 0U);
    EXPECT_EQ(std::get<VerifyRequest>(old->body).digest.size(), 16U);
    EXPECT_EQ(to_text(std::get<VerifyRequest>(old->body).answer), "answer");
}

TEST(Request, VerifyRefusesADigestOfNoKnownType) {
    const auto samples = test::request_samples();
    Octets octets = sample(samples, "verify sha256");
    const std::size_t type_at = test::kBodyAt + 11 + 4 + 9;
    ASSERT_EQ(octets[type_at], 3U);
    octets[type_at] = 4;
    EXPECT_TRUE(again(octets).empty());
}

TEST(Request, RetrieveHasAKindFrom29OnOnly) {
    const auto samples = test::request_samples();
    Octets octets = sample(samples, "retrieve one source");
    EXPECT_EQ(std::get<RetrieveRequest>(decode(octets)->body).last_transaction_id, 7U);
    octets[test::kBodyAt] = 2;
    EXPECT_TRUE(again(octets).empty()) << "a kind that does not exist";
    // Without the kind, as 2.8 writes it.
    octets.erase(octets.begin() + test::kBodyAt);
    octets[1] = 8;
    test::put_u32(octets, test::kBodyLengthAt, 25);
    test::put_u32(octets, test::kMessageLengthAt, kHeaderSize + 25 + 4);
    EXPECT_EQ(again(octets), octets);
    EXPECT_EQ(std::get<RetrieveRequest>(decode(octets)->body).last_transaction_id, 7U);
}

TEST(Request, DumpMayNameWhereToGoOn) {
    const auto samples = test::request_samples();
    const Result<Request> resumed = decode(sample(samples, "dump resumed"));
    const auto& start = std::get<DumpRequest>(resumed->body).start;
    ASSERT_TRUE(start.has_value());
    EXPECT_EQ(start->after, "88/a");
    EXPECT_EQ(start->kind, 2U);
    const Result<Request> whole = decode(sample(samples, "dump"));
    EXPECT_FALSE(std::get<DumpRequest>(whole->body).start.has_value());
}

TEST(Request, SessionOfAnUnknownModeKeepsItsKeyMaterialAsTail) {
    const auto samples = test::request_samples();
    Octets octets = sample(samples, "session dh");
    octets[test::kBodyAt + 1] = 9;
    EXPECT_EQ(again(octets), octets);
    EXPECT_EQ(decode(octets)->tail.size(), 4U + 3U + 2U);
}

TEST(Request, ListsEndAtTheirLimit) {
    for (const std::size_t count : {kListCountMax, kListCountMax + 1}) {
        Octets body{0, 0, 0, 1, 'x'};
        body.resize(body.size() + 4 + 4 * count + 4);
        test::put_u32(body, 5, static_cast<std::uint32_t>(count));
        const Octets octets =
            test::message_of(OperationCode::kResolution, ResponseCode::kNone, 0, body);
        EXPECT_EQ(again(octets), count <= kListCountMax ? octets : Octets{}) << count;
    }
}

TEST(Request, ItsOperationsNumberDecidesItsBody) {
    for (std::uint32_t operation = 0; operation < 2100; ++operation) {
        const Octets octets = test::message_of(static_cast<OperationCode>(operation),
                                               ResponseCode::kNone, 0, Octets(64));
        const Octets encoded = again(octets);
        EXPECT_TRUE(encoded.empty() || encoded == octets) << operation;
    }
}

}  // namespace
}  // namespace idnode::handle
