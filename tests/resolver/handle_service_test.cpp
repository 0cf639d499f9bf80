#include "resolver/handle_service.h"

#include <sys/mman.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "protocol/crypto/digest.h"
#include "tests/resolver/handle_fixture.h"
#include "tests/resolver/test_files.h"

namespace idnode::resolver {
namespace {

using handle::OperationCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint8_t kHidden = handle::kAdminRead | handle::kAdminWrite;
constexpr ClientFamily kFamilies[] = {ClientFamily::kHandle, ClientFamily::kCaict,
                                      ClientFamily::kIdPointer};

// The code for `ask` by each family in turn.
#define EXPECT_CODES(ask, handle_code, caict_code, id_pointer_code)               \
    do {                                                                          \
        Ask each = ask;                                                           \
        const std::uint32_t codes[] = {handle_code, caict_code, id_pointer_code}; \
        for (std::size_t family = 0; family < 3; ++family) {                      \
            each.family = kFamilies[family];                                      \
            EXPECT_EQ(send(each).code(), codes[family]) << family;                \
        }                                                                         \
    } while (false)

TEST_F(HandleServiceTest, AnswersValuesInAscendingIndexAndEchoesWhatWasAsked) {
    put("88.118.8/SN1", {{1, "URL", "https://example.org/"}, {2, "EMAIL", "a@example.org"}});
    const Reply reply = send({.identifier = "88.118.8/sn1"});
    EXPECT_EQ(reply.code(), 1U);
    EXPECT_EQ(reply.envelope.request_id, kRequestId);
    const auto& body = std::get<handle::ResolutionBody>(reply.response.body);
    EXPECT_EQ(body.identifier, "88.118.8/sn1");
    EXPECT_THAT(reply.indexes(), ElementsAre(1, 2));
    EXPECT_EQ(to_text(body.values.begin()->data), "https://example.org/");
    EXPECT_EQ(body.values.begin()->timestamp, 1'700'000'000U);
    EXPECT_EQ(reply.response.header.site_serial, 3);
    EXPECT_NE(reply.response.header.flags & handle::kFlagAuth, 0U);
    EXPECT_CODES((Ask{.identifier = "88.118.8/SN1"}), 1, 1, 1);
}

TEST_F(HandleServiceTest, FiltersByIndexAndTypeAndTypeFamily) {
    put("88.118.8/SN1", {{1, "URL", "a"}, {2, "URL.zh", "b"}, {3, "EMAIL", "c"}, {4, "URLX", "d"}});
    EXPECT_THAT(send({.indexes = {3}}).indexes(), ElementsAre(3));
    EXPECT_THAT(send({.types = {"url"}}).indexes(), ElementsAre(1));
    EXPECT_THAT(send({.types = {"URL."}}).indexes(), ElementsAre(1, 2));
    EXPECT_THAT(send({.indexes = {3}, .types = {"URLX"}}).indexes(), ElementsAre(3, 4));
    EXPECT_CODES((Ask{.indexes = {9}}), 200, 200, 200);
}

TEST_F(HandleServiceTest, SaysThatAnIdentifierIsNotThere) {
    EXPECT_CODES((Ask{.identifier = "88.118.8/nope"}), 100, 100, 100);
    EXPECT_CODES((Ask{.identifier = "88.118.8/"}), 100, 100, 100);
    EXPECT_CODES((Ask{.identifier = "88.118.8/" + std::string(1'000, 'x')}), 100, 100, 100);
}

TEST_F(HandleServiceTest, DoesNotAnswerForAPrefixThatDoesNotLiveHere) {
    for (const char* prefix : {"88.9", "88.118.80", "88.118", "88.600", "88.700", "", "10.1000"}) {
        SCOPED_TRACE(prefix);
        EXPECT_CODES((Ask{.identifier = std::string(prefix) + "/x"}), 301, 100, 100);
    }
    EXPECT_EQ(send({.identifier = "88.9/x", .family = ClientFamily::kCaict}).text(),
              "That prefix doesn't live here");
}

TEST_F(HandleServiceTest, TellsSinceWhenAndWhyAPrefixIsSuspended) {
    put("88.500/a", {{1, "URL", "x"}});
    suspend("88.500", "licence expired");
    EXPECT_CODES((Ask{.identifier = "88.500/a"}), 401, 401, 401);
    EXPECT_CODES((Ask{.identifier = "88.500/not-there"}), 401, 401, 401);
    const std::string text = send({.identifier = "88.500/a"}).text();
    EXPECT_THAT(text, HasSubstr("suspended; since=20"));
    EXPECT_THAT(text, HasSubstr("; reason=licence expired"));
}

TEST_F(HandleServiceTest, KeepsThePrefixHandleOfASuspendedPrefixResolvable) {
    put("0.NA/88.500", {{1, "HS_SERV", "0.SERV/1"}});
    suspend("88.500", "x");
    EXPECT_CODES((Ask{.identifier = "0.NA/88.500"}), 1, 1, 1);
    const Reply bare = send({.identifier = "88.500"});
    EXPECT_EQ(bare.code(), 1U);
    EXPECT_EQ(std::get<handle::ResolutionBody>(bare.response.body).identifier, "88.500");
    EXPECT_CODES((Ask{.identifier = "88.118.8"}), 100, 100, 100);
}

TEST_F(HandleServiceTest, LeavesHiddenValuesOutOfWhatIsPublic) {
    put("88.118.8/SN1", {{1, "URL", "a"}, {2, "KEY", "b", kHidden}, {3, "SEC", "c", 0}});
    for (const ClientFamily family : kFamilies) {
        EXPECT_THAT(send({.flags = handle::kFlagPubl, .family = family}).indexes(), ElementsAre(1));
    }
    EXPECT_CODES((Ask{.indexes = {2}, .flags = handle::kFlagPubl}), 200, 200, 200);
    EXPECT_CODES((Ask{.indexes = {2}, .flags = 0}), 401, 200, 200);
    EXPECT_CODES((Ask{.flags = 0}), 401, 1, 1);
    EXPECT_CODES((Ask{.indexes = {1}, .flags = 0}), 1, 1, 1);
    EXPECT_CODES((Ask{.indexes = {3}, .flags = 0}), 401, 200, 200);
    EXPECT_THAT(send({.flags = 0, .family = ClientFamily::kCaict}).indexes(), ElementsAre(1));
}

TEST_F(HandleServiceTest, AnswersARecordWithoutValuesAsNothingToShow) {
    put("88.118.8/SN1", {});
    EXPECT_CODES((Ask{}), 200, 200, 200);
}

TEST_F(HandleServiceTest, GivesTheSiteRecordToAnyoneForAnyHandle) {
    for (const char* identifier : {"/", "88.9/x", "", "\xFF"}) {
        for (const ClientFamily family : kFamilies) {
            const Reply reply = send({.identifier = identifier,
                                      .operation = OperationCode::kGetSiteInfo,
                                      .family = family});
            EXPECT_EQ(reply.code(), 1U);
            EXPECT_EQ(to_text(std::get<handle::SiteBody>(reply.response.body).record),
                      "site octets");
        }
    }
}

TEST_F(HandleServiceTest, RefusesOperationsThatItDoesNotOffer) {
    for (const std::uint32_t operation : {0U, 105U, 302U, 401U, 1000U, 1003U, 3U, 99'999U}) {
        SCOPED_TRACE(operation);
        const Ask ask{.identifier = "/", .operation = static_cast<OperationCode>(operation)};
        EXPECT_CODES(ask, 5, 5, 5);
        const Reply reply = send(ask);
        EXPECT_EQ(reply.envelope.request_id, kRequestId);
        EXPECT_EQ(static_cast<std::uint32_t>(reply.response.header.operation), operation);
    }
}

TEST_F(HandleServiceTest, RefusesIdentifiersThatCannotBe) {
    for (const std::string& identifier :
         {std::string(), std::string("88.118.8/\xC3"), std::string(2'049, '8')}) {
        EXPECT_CODES((Ask{.identifier = identifier}), 102, 102, 102);
    }
    EXPECT_CODES((Ask{.identifier = "88.118.8/" + std::string(2'048 - 9, 'x')}), 100, 100, 100);
}

TEST_F(HandleServiceTest, SaysThatItDoesNotKnowASession) {
    EXPECT_CODES((Ask{.identifier = "88.118.8/x", .session_id = 10'001}), 500, 100, 100);
    std::vector<std::uint8_t> encrypted = request_of({.session_id = 7});
    encrypted[2] = static_cast<std::uint8_t>(encrypted[2] | handle::kEnvelopeEncrypted);
    EXPECT_EQ(send(encrypted).code(), 500U);
}

TEST_F(HandleServiceTest, SaysThatItCannotDecodeAMessageAndKeepsTheConnection) {
    std::vector<std::uint8_t> encrypted = request_of({});
    encrypted[2] = static_cast<std::uint8_t>(encrypted[2] | handle::kEnvelopeEncrypted);
    std::vector<std::uint8_t> broken_body = request_of({});
    broken_body[47] = 0xFF;  // The identifier's length.
    for (const auto& request : {encrypted, broken_body}) {
        for (const ClientFamily family : kFamilies) {
            const Reply reply = send(request, Transport::kTcp, family);
            EXPECT_EQ(reply.code(), 4U);
            EXPECT_EQ(reply.envelope.request_id, kRequestId);
            EXPECT_EQ(reply.after, AfterAnswer::kKeep);
        }
    }
}

TEST_F(HandleServiceTest, ClosesAConnectionWhoseLengthIsWrong) {
    for (const std::uint32_t length : {0U, 23U, 262'145U, 0x7FFF'FFFFU}) {
        std::vector<std::uint8_t> request = request_of({});
        Writer(MutableByteSpan(request).subspan(16)).u32(length);
        for (const ClientFamily family : kFamilies) {
            const Reply reply = send(request, Transport::kTcp, family);
            EXPECT_EQ(reply.code(), 4U) << length;
            EXPECT_EQ(reply.after, AfterAnswer::kClose);
            EXPECT_EQ(reply.envelope.request_id, kRequestId);
        }
    }
}

TEST_F(HandleServiceTest, NeverAnswersAResponse) {
    std::vector<std::uint8_t> request = request_of({});
    request[27] = 100;  // The header's response code.
    const Reply udp = send(request, Transport::kUdp);
    EXPECT_THAT(udp.octets, IsEmpty());
    const Reply tcp = send(request, Transport::kTcp);
    EXPECT_THAT(tcp.octets, IsEmpty());
    EXPECT_EQ(tcp.after, AfterAnswer::kClose);
    EXPECT_EQ(stats_.incidents(Incident::kResponseReceived), 2U);
    // Also when its length is wrong, which would be answered otherwise.
    Writer(MutableByteSpan(request).subspan(16)).u32(0x7FFF'FFFF);
    EXPECT_THAT(send(request, Transport::kTcp).octets, IsEmpty());
}

TEST_F(HandleServiceTest, KeepsSilentToWhatIsNoEnvelope) {
    const std::vector<std::uint8_t> request = request_of({});
    for (std::size_t size = 0; size < handle::kEnvelopeSize; ++size) {
        EXPECT_THAT(send(ByteSpan(request).first(size)).octets, IsEmpty());
    }
    for (const int major : {0, 4, 6, 255}) {
        std::vector<std::uint8_t> other = request;
        other[0] = static_cast<std::uint8_t>(major);
        EXPECT_THAT(send(other).octets, IsEmpty());
    }
}

TEST_F(HandleServiceTest, AnswersEachShorterMessageWithoutTouchingWhatIsBehind) {
    put("88.118.8/SN1", {{1, "URL", "x"}});
    const std::vector<std::uint8_t> whole = request_of({});
    for (std::size_t size = handle::kEnvelopeSize; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> request(whole.begin(),
                                                whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(send(request).code(), 4U) << size;
    }
}

TEST_F(HandleServiceTest, PutsTheRequestDigestInFrontWhenAskedTo) {
    put("88.118.8/SN1", {{1, "URL", "x"}});
    for (const char* identifier : {"88.118.8/SN1", "88.118.8/absent"}) {
        const Ask ask{.identifier = identifier, .flags = handle::kFlagRrdg};
        const std::vector<std::uint8_t> request = request_of(ask);
        const Reply reply = send(ask);
        ASSERT_EQ(reply.response.digest.size(), 33U);
        EXPECT_EQ(reply.response.digest[0], 3);
        const ByteSpan covered = ByteSpan(request).subspan(20, request.size() - 24);
        const crypto::Digest digest = crypto::digest_of(crypto::DigestKind::kSha256, covered);
        EXPECT_TRUE(std::ranges::equal(reply.response.digest.subspan(1), digest.bytes()));
    }
}

TEST_F(HandleServiceTest, PointsToTcpWhenAnAnswerIsTooLongForUdp) {
    put("88.118.8/SN1", {{1, "URL", std::string(500, 'x')}});
    const std::vector<std::uint8_t> request = request_of({});
    const Reply reply = send(request, Transport::kUdp, ClientFamily::kHandle, 512);
    EXPECT_EQ(reply.code(), 3U);
    EXPECT_EQ(reply.text(), "use TCP");
    EXPECT_EQ(send(request, Transport::kTcp).code(), 1U);
}

TEST_F(HandleServiceTest, SaysThatARequestIsTooLongOnItsFirstPart) {
    const std::vector<std::uint8_t> request = request_of({});
    Exchange exchange;
    exchange.request = request;
    exchange.too_long = true;
    const Reply reply = answer(exchange);
    EXPECT_EQ(reply.code(), 3U);
    EXPECT_EQ(reply.text(), "use TCP");
}

TEST_F(HandleServiceTest, ShortensATextThatDoesNotFitAtACharacter) {
    const std::string reason(330, 'r');
    suspend("88.118.8", reason + std::string(600, 'x'));
    const std::vector<std::uint8_t> request = request_of({.flags = handle::kFlagRrdg});
    const std::string whole = send(request).text();
    ASSERT_THAT(whole, testing::EndsWith("xxx"));
    for (std::size_t room = 512; room < 520; ++room) {
        const Reply reply = send(request, Transport::kUdp, ClientFamily::kHandle, room);
        EXPECT_EQ(reply.code(), 401U);
        EXPECT_EQ(reply.octets.size(), room);
        EXPECT_THAT(whole, testing::StartsWith(reply.text()));
    }
    ASSERT_NO_FATAL_FAILURE(resume("88.118.8"));
    std::string hanzi = reason;
    while (hanzi.size() < 900) hanzi += "\xE5\x81\x9C";
    suspend("88.118.8", hanzi);
    std::size_t sizes = 0;
    for (std::size_t room = 512; room < 520; ++room) {
        const Reply reply = send(request, Transport::kUdp, ClientFamily::kHandle, room);
        ASSERT_EQ(reply.code(), 401U);
        EXPECT_TRUE(is_utf8(reply.text()));
        EXPECT_GT(reply.octets.size() + 3, room);
        sizes += reply.octets.size() == room ? 1U : 0U;
    }
    EXPECT_GT(sizes, 1U);
    EXPECT_LT(sizes, 4U);
}

// Puts pages of a file without content in the place of some of the registry's map: reading them is
// SIGBUS, as reading the disk's bad pages is.
void make_unreadable(ByteSpan octets) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t before = reinterpret_cast<std::uintptr_t>(octets.data()) % page;
    const ByteSpan whole = octets.subspan(before == 0 ? 0 : page - before);
    ASSERT_LE(page, whole.size());
    const int empty = memfd_create("empty", MFD_CLOEXEC);
    ASSERT_GE(empty, 0);
    // cppcheck-suppress leakReturnValNotUsed ; a part of LMDB's map, which LMDB gives back
    ASSERT_NE(mmap(const_cast<std::uint8_t*>(whole.data()), page, PROT_READ, MAP_SHARED | MAP_FIXED,
                   empty, 0),
              MAP_FAILED);
    close(empty);
}

TEST_F(HandleServiceTest, UnreadablePageCostsOneAnswerOnly) {
    put("88.118.8/SN1", {{1, "URL", "x"}});
    put("88.118.8/BIG", {{1, "URL", std::string(60'000, 'b')}});
    // The first lookup compares a block's checksum, which would meet the page while finding.
    EXPECT_EQ(send(Ask{}).code(), 1U);
    {
        registry::RegistryReader reader(*registry_);
        auto snapshot = reader.snapshot();
        ASSERT_TRUE(snapshot);
        const FoldedIdentifier big("88.118.8/BIG");
        auto lookup = std::make_unique<registry::Lookup>();
        lookup->identifier = &big;
        snapshot->find_batch({lookup.get(), 1});
        ASSERT_EQ(lookup->outcome, registry::Outcome::kFound);
        ASSERT_NO_FATAL_FAILURE(make_unreadable(lookup->record.fields.own));
    }
    const std::vector<std::uint8_t> good = request_of({});
    const std::vector<std::uint8_t> bad = request_of({.identifier = "88.118.8/big"});
    std::vector<Exchange> exchanges(5);
    std::vector<std::vector<std::uint8_t>> rooms(5, std::vector<std::uint8_t>(kAnswerSizeMax));
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        exchanges[i].request = i % 2 == 1 ? ByteSpan(bad) : ByteSpan(good);
        exchanges[i].room = rooms[i];
    }
    service_->answer_batch(exchanges);
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        ASSERT_GT(exchanges[i].answer_size, 44U) << i;
        EXPECT_EQ(rooms[i][27], i % 2 == 1 ? 2 : 1) << i;
    }
    EXPECT_EQ(send({.identifier = "88.118.8/big"}).text(), "registry cannot be read");
    EXPECT_EQ(send(Ask{}).code(), 1U);
    const std::string log = test::read_file(directory_ + "/log");
    EXPECT_EQ(test::occurrences(log, "registry unreadable identifier=88.118.8/big"), 1U) << log;
    EXPECT_EQ(test::occurrences(log, "\n"), 1U) << log;
}

TEST_F(HandleServiceTest, AnswersABatchOfAnySizeEachOnItsOwn) {
    put("88.118.8/SN1", {{1, "URL", "x"}});
    const std::vector<std::uint8_t> found = request_of({});
    const std::vector<std::uint8_t> absent = request_of({.identifier = "88.118.8/absent"});
    std::vector<Exchange> exchanges(101);
    std::vector<std::vector<std::uint8_t>> rooms(exchanges.size(),
                                                 std::vector<std::uint8_t>(2'000));
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        exchanges[i].request = i % 3 == 0 ? ByteSpan(found) : ByteSpan(absent);
        exchanges[i].room = rooms[i];
    }
    service_->answer_batch(exchanges);
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        ASSERT_GT(exchanges[i].answer_size, 44U);
        EXPECT_EQ(rooms[i][27], i % 3 == 0 ? 1 : 100) << i;
    }
    EXPECT_EQ(stats_.answers(Transport::kUdp, 1, 1), 34U);
    EXPECT_EQ(stats_.answers(Transport::kUdp, 1, 100), 67U);
}

TEST_F(HandleServiceTest, SeesEveryChangeInTheNextBatch) {
    EXPECT_EQ(send(Ask{}).code(), 100U);
    put("88.118.8/SN1", {{1, "URL", "x"}});
    EXPECT_EQ(send(Ask{}).code(), 1U);
    suspend("88.118.8", "x");
    EXPECT_EQ(send(Ask{}).code(), 401U);
}

}  // namespace
}  // namespace idnode::resolver
