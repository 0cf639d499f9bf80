#include <algorithm>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/response.h"
#include "tests/protocol/block.h"
#include "tests/protocol/handle/samples.h"

namespace idnode::handle {
namespace {

using test::Block;
using test::Octets;
using test::Sample;

Octets again(const Octets& octets) {
    const Block block(octets);
    Reader in(block.bytes());
    const Result<Envelope> envelope = decode_envelope(in);
    if (!envelope) return {};
    const Result<Response> response = decode_response(*envelope, in.rest());
    if (!response) return {};
    Octets encoded(octets.size() + 8);
    Writer out(encoded);
    encode_response(out, *envelope, *response);
    EXPECT_TRUE(out.ok());
    encoded.resize(out.position());
    return encoded;
}

Result<Response> decode(const Octets& octets) {
    Reader in(octets);
    const Result<Envelope> envelope = decode_envelope(in);
    return decode_response(*envelope, in.rest());
}

// Keeps the octets that the views of `response` point into.
struct Decoded {
    Octets octets;
    Response response;
};

Decoded sample(std::string_view name) {
    const auto samples = test::response_samples();
    const auto found = std::ranges::find(samples, name, &Sample::name);
    EXPECT_NE(found, samples.end()) << name;
    Decoded decoded{found->octets, {}};
    const Result<Response> response = decode(decoded.octets);
    EXPECT_TRUE(response.has_value()) << name;
    decoded.response = *response;
    return decoded;
}

TEST(Response, OfEveryKindEncodesAgainToTheSameOctets) {
    for (const Sample& sample : test::response_samples()) {
        EXPECT_EQ(again(sample.octets), sample.octets) << sample.name;
    }
}

TEST(Response, RejectsEveryShorterBodyButTheLegalOnes) {
    for (const Sample& sample : test::response_samples()) {
        for (std::size_t size = 0; size < test::body_size_of(sample.octets); ++size) {
            const Octets shorter = test::with_body_size(sample.octets, size);
            const bool legal = std::ranges::count(sample.legal_body_sizes, size) != 0;
            EXPECT_EQ(again(shorter), legal ? shorter : Octets{}) << sample.name << ' ' << size;
        }
    }
}

TEST(Response, RejectsEveryShorterMessageButTheOneWithoutCredentialLength) {
    for (const Sample& sample : test::response_samples()) {
        for (std::size_t size = kEnvelopeSize; size < sample.octets.size(); ++size) {
            const Octets shorter = test::cut_at(sample.octets, size);
            const bool legal = size == sample.octets.size() - 4;
            EXPECT_EQ(again(shorter), legal ? shorter : Octets{}) << sample.name << ' ' << size;
        }
    }
}

TEST(Response, ThatIsARequestIsRefused) {
    const Octets octets = test::request_samples().front().octets;
    const Result<Response> response = decode(octets);
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().where, "request instead of response");
}

TEST(Response, ResolutionGivesIdentifierValuesAndDigest) {
    const Decoded decoded = sample("resolution with digest");
    EXPECT_EQ(decoded.response.digest.size(), 33U);
    EXPECT_EQ(decoded.response.digest[0], 3U);
    const auto& body = std::get<ResolutionBody>(decoded.response.body);
    EXPECT_EQ(body.identifier, "88/a");
    ASSERT_EQ(body.values.count(), 1U);
    EXPECT_EQ(body.values.begin()->type, "URL");
}

TEST(Response, DigestOfNoKnownTypeIsRefused) {
    Octets octets = sample("resolution with digest").octets;
    for (const unsigned type : {0U, 4U, 255U}) {
        octets[test::kBodyAt] = static_cast<std::uint8_t>(type);
        EXPECT_TRUE(again(octets).empty()) << type;
    }
}

TEST(Response, BelowVersion21HasNoDigestWhateverItsFlagSays) {
    Octets octets = sample("resolution").octets;
    octets[1] = 0;
    octets[kEnvelopeSize + 9] = 0x80;
    EXPECT_EQ(again(octets), octets);
    EXPECT_TRUE(decode(octets)->digest.empty());
}

TEST(Response, ChallengesOfBothFormsGiveTheirNonce) {
    const Decoded typed = sample("challenge");
    EXPECT_EQ(to_text(std::get<ChallengeBody>(typed.response.body).nonce), "nonce");
    EXPECT_FALSE(std::get<ChallengeBody>(typed.response.body).md5.has_value());
    const Decoded old = sample("old challenge");
    EXPECT_EQ(std::get<ChallengeBody>(old.response.body).md5->size(), 16U);
}

TEST(Response, ReferralsGiveIdentifierOrValues) {
    const Decoded values = sample("referral");
    EXPECT_EQ(std::get<ReferralBody>(values.response.body).values->count(), 1U);
    const Decoded named = sample("service referral");
    EXPECT_EQ(std::get<ReferralBody>(named.response.body).identifier, "0.NA/1");
    EXPECT_FALSE(std::get<ReferralBody>(named.response.body).values.has_value());
}

TEST(Response, ErrorGivesItsText) {
    const Decoded decoded = sample("error with digest");
    EXPECT_EQ(std::get<ErrorBody>(decoded.response.body).text, "text");
    EXPECT_EQ(decoded.response.digest.size(), 33U);
}

TEST(Response, ListGivesItsIdentifiers) {
    const Decoded decoded = sample("list");
    std::vector<std::string_view> seen;
    for (const auto identifier : std::get<IdentifierListBody>(decoded.response.body).identifiers) {
        seen.push_back(identifier);
    }
    EXPECT_EQ(seen, std::vector<std::string_view>({"88/A", "88/B"}));
}

TEST(Response, EveryOperationAndCodeIsRefusedOrEncodesAgain) {
    for (std::uint32_t operation = 0; operation < 2100; ++operation) {
        for (const std::uint32_t code : {1U, 2U, 302U, 303U, 402U, 3001U}) {
            const Octets octets = test::message_of(static_cast<OperationCode>(operation),
                                                   static_cast<ResponseCode>(code), 0, Octets(16));
            const Octets encoded = again(octets);
            EXPECT_TRUE(encoded.empty() || encoded == octets) << operation << ' ' << code;
        }
    }
}

}  // namespace
}  // namespace idnode::handle
