#include "resolver/tcp_connection.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "protocol/core/limits.h"
#include "tests/resolver/clients.h"
#include "tests/resolver/messages.h"
#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

using namespace idnode::test;

Octets pipeline(std::uint32_t count, Request request) {
    Octets all;
    for (std::uint32_t i = 0; i < count; ++i) {
        request.request_id = i + 1;
        const Octets one = make_request(request);
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

void expect_answers(TcpClient& client, std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = first; i < first + count; ++i) {
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << i;
        ASSERT_EQ(answer->envelope.request_id, i);
        ASSERT_EQ(answer->code, 1U) << i;
        ASSERT_TRUE(answer->filling_is_right) << i;
    }
}

TEST(TcpConnection, StaysOpenAfterAnAnswer) {
    RunningNode node;
    TcpClient client(node.tcp());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(make_request({})));
        expect_answers(client, 1, 1);
    }
}

TEST(TcpConnection, TakesAMessageByteByByte) {
    RunningNode node;
    TcpClient client(node.tcp());
    const Octets message = pipeline(2, {});
    for (const std::uint8_t octet : message) ASSERT_TRUE(client.send({&octet, 1}));
    expect_answers(client, 1, 2);
}

TEST(TcpConnection, AnswersSplitsAtEveryPlace) {
    RunningNode node;
    TcpClient client(node.tcp());
    const Octets messages = pipeline(2, {.length = 30});
    for (std::size_t at = 1; at < messages.size(); ++at) {
        ASSERT_TRUE(client.send(ByteSpan(messages).first(at)));
        ASSERT_TRUE(client.send(ByteSpan(messages).subspan(at)));
        expect_answers(client, 1, 2);
    }
}

// Sixteen requests in one segment are one read, one batch and one write.
TEST(TcpConnection, AnswersWhatCameTogetherTogether) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(16, {})));
    const Octets answers = client.read_once();
    EXPECT_EQ(answers.size(), 16U * 60U);
    EXPECT_EQ(node.record.batches(), std::vector<std::size_t>{16});
}

TEST(TcpConnection, AnswersALongPipelineInOrder) {
    constexpr std::uint32_t kCount = 5'000;
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(kCount, {.answer_length = 100})));
    expect_answers(client, 1, kCount);
    const auto batches = node.record.batches();
    EXPECT_LE(*std::max_element(batches.begin(), batches.end()), kTcpBatchMax);
    EXPECT_LT(batches.size(), kCount / 8);
}

TEST(TcpConnection, FullBatchesOfOrdinaryAnswers) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(512, {.answer_length = 4'000})));  // One read.
    expect_answers(client, 1, 512);
    EXPECT_EQ(node.record.batches(), std::vector<std::size_t>(8, kTcpBatchMax));
}

TEST(TcpConnection, TakesTheLongestMessage) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(make_request({.length = kMessageSizeMax})));
    expect_answers(client, 1, 1);
    ASSERT_TRUE(client.send(make_request({.answer_length = kAnswerSizeMax - 20})));
    expect_answers(client, 1, 1);
}

TEST(TcpConnection, FirstMessageDecidesTheFamily) {
    RunningNode node;
    TcpClient client(node.tcp());
    Octets both = make_request({.minor_version = 3, .suggested_minor = 10});
    const Octets second = make_request({});
    both.insert(both.end(), second.begin(), second.end());
    ASSERT_TRUE(client.send(both));
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kCaict);
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kCaict);
    ASSERT_TRUE(client.send(second));
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kCaict);
}

TEST(TcpConnection, RefusesALengthAndCloses) {
    for (const std::uint32_t length : {0U, 23U, 262'145U, 0x7FFFFFFFU}) {
        RunningNode node;
        TcpClient client(node.tcp());
        Octets octets = make_request({.request_id = 1});
        const Octets wrong = make_envelope(2, length);
        octets.insert(octets.end(), wrong.begin(), wrong.end());
        ASSERT_TRUE(client.send(octets));
        expect_answers(client, 1, 1);
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << length;
        EXPECT_EQ(answer->code, 4U);
        EXPECT_EQ(answer->envelope.request_id, 2U);
        EXPECT_TRUE(client.ends_in_order());
        EXPECT_EQ(node.incidents("length_refused"), 1U);
    }
}

// What the client still sends must not turn the end into a reset that takes the answer with it.
TEST(TcpConnection, RefusalArrivesAlthoughTheClientGoesOnSending) {
    RunningNode node;
    TcpClient client(node.tcp());
    Octets octets = make_envelope(2, 300'000);
    octets.resize(300'020);
    ASSERT_TRUE(client.send(octets));
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 4U);
    EXPECT_TRUE(client.ends_in_order());
}

TEST(TcpConnection, ClosesOnAnUnusableEnvelope) {
    RunningNode node;
    TcpClient garbage(node.tcp());
    ASSERT_TRUE(garbage.send(Octets(20, 0xFF)));
    EXPECT_TRUE(garbage.ends_in_order());
    TcpClient negative(node.tcp());
    Octets octets = make_request({});
    const Octets wrong = make_envelope(2, 0x80000000);
    octets.insert(octets.end(), wrong.begin(), wrong.end());
    ASSERT_TRUE(negative.send(octets));
    expect_answers(negative, 1, 1);
    EXPECT_TRUE(negative.ends_in_order());
    EXPECT_EQ(node.incidents("envelope_unusable"), 2U);
}

TEST(TcpConnection, ClosesWhenTheServiceSaysSo) {
    RunningNode node;
    TcpClient after_answer(node.tcp());
    Octets octets = make_request({.operation = kCloseAfterAnswer});
    const Octets behind = make_request({.request_id = 2});
    octets.insert(octets.end(), behind.begin(), behind.end());
    ASSERT_TRUE(after_answer.send(octets));
    expect_answers(after_answer, 1, 1);
    EXPECT_TRUE(after_answer.ends_in_order());
    TcpClient without_answer(node.tcp());
    ASSERT_TRUE(without_answer.send(make_request({.operation = kCloseWithoutAnswer})));
    EXPECT_TRUE(without_answer.ends_in_order());
}

TEST(TcpConnection, AnswersAClientThatHasShutItsSide) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(200, {.answer_length = 30'000})));
    client.shut_sending();
    expect_answers(client, 1, 200);
    EXPECT_TRUE(client.ends_in_order());
}

TEST(TcpConnection, PartOfAMessageAtTheEndIsForgotten) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(ByteSpan(make_request({})).first(30)));
    client.shut_sending();
    EXPECT_TRUE(client.ends_in_order());
    EXPECT_EQ(node.record.messages(), 0U);
}

// 800 answers of 60 KB are 48 MB. A client that does not read gets some of them computed: what
// the kernel buffers, and the bound of the connection. When it reads on, it gets all of them.
TEST(TcpConnection, StopsReadingWhileAnswersAreNotFetched) {
    constexpr std::uint32_t kCount = 800;
    RunningNode node;
    TcpClient client(node.tcp());
    const Octets all = pipeline(kCount, {.answer_length = 60'000});
    const std::size_t sent = client.send_some(all);
    std::size_t seen = 0;
    ASSERT_TRUE(eventually([&] {
        const std::size_t before = std::exchange(seen, node.record.messages());
        return seen > 0 && seen == before;
    }));
    EXPECT_LT(node.record.messages(), 500U);
    std::size_t at = sent;
    for (std::uint32_t i = 1; i <= kCount; ++i) {
        while (at < all.size()) {
            const std::size_t more = client.send_some(ByteSpan(all).subspan(at));
            if (more == 0) break;
            at += more;
        }
        expect_answers(client, i, 1);
        if (HasFatalFailure()) return;
    }
}

// What cannot be cut ends a batch of 4 MB of answers, most of which have to wait: it is met once.
TEST(TcpConnection, RefusesALengthBehindAnswersThatHaveToWait) {
    constexpr std::uint32_t kCount = kTcpBatchMax - 1;
    Config config = loopback_config();
    config.server.tcp.unsent_size_max = 65'536;
    RunningNode node(config);
    TcpClient other(node.tcp());
    TcpClient client(node.tcp());
    Octets octets = pipeline(kCount, {.answer_length = kAnswerSizeMax - 20});
    const Octets wrong = make_envelope(kCount + 1, 23);
    octets.insert(octets.end(), wrong.begin(), wrong.end());
    ASSERT_TRUE(client.send(octets));
    ASSERT_TRUE(eventually([&] { return node.record.messages() > 0; }));
    ASSERT_TRUE(other.send(make_request({})));
    expect_answers(other, 1, 1);  // The worker has stopped answering the client.
    expect_answers(client, 1, kCount);
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 4U);
    EXPECT_TRUE(client.ends_in_order());
    EXPECT_GT(node.record.messages(), kTcpBatchMax + 1);  // Some of the batch came twice.
    EXPECT_EQ(node.incidents("length_refused"), 1U);
}

// A client that is gone with its answers unread resets the connection under the node's writes.
TEST(TcpConnection, SurvivesClientsThatVanish) {
    RunningNode node;
    for (int i = 0; i < 50; ++i) {
        TcpClient client(node.tcp());
        ASSERT_TRUE(client.send(pipeline(50, {.answer_length = 60'000})));
        if (i % 2 == 0) client.read_once();
    }
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(make_request({})));
    expect_answers(client, 1, 1);
    EXPECT_GE(node.incidents("closed_broken"), 1U);
}

TEST(TcpConnection, NodeSendsWhatIsUnsentWhenItIsStopped) {
    RunningNode node;
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(40, {.answer_length = 60'000})));
    ASSERT_TRUE(eventually([&] { return node.record.messages() == 40; }));
    std::thread stopping([&] { node.stop(); });
    expect_answers(client, 1, 40);
    EXPECT_TRUE(client.ends_in_order());
    stopping.join();
}

// What was read when the client's answers passed the bound is answered too. What it sends then is
// not, and must not turn the end into a reset that takes answers with it.
TEST(TcpConnection, NodeAnswersWhatItHasReadWhenItIsStopped) {
    constexpr std::uint32_t kCount = 200;
    Config config = loopback_config();
    config.server.drain_timeout_ms = 60'000;
    RunningNode node(config);
    TcpClient idle(node.tcp());
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(kCount, {.answer_length = 60'000})));  // One read.
    ASSERT_TRUE(eventually([&] { return node.record.messages() > 0; }));
    ASSERT_TRUE(idle.send(make_request({})));
    expect_answers(idle, 1, 1);  // The worker has stopped answering the client.
    ASSERT_LT(node.record.messages(), kCount);
    ASSERT_TRUE(client.send(pipeline(kCount, {.answer_length = 60'000})));
    std::thread stopping([&] { node.stop(); });
    EXPECT_TRUE(idle.ends_in_order());  // The node drains.
    expect_answers(client, 1, kCount);
    EXPECT_TRUE(client.ends_in_order());
    stopping.join();
}

// Answers that lie in the kernel, nothing unsent: what the client goes on asking must not turn the
// end into a reset that takes them with it.
TEST(TcpConnection, NodeWaitsForItsPeerToHaveTheAnswersWhenItIsStopped) {
    constexpr std::uint32_t kCount = 40;
    Config config = loopback_config();
    config.server.drain_timeout_ms = 60'000;
    RunningNode node(config);
    TcpClient idle(node.tcp());
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(pipeline(kCount, {.answer_length = 6'000})));
    ASSERT_TRUE(eventually([&] { return node.record.messages() == kCount; }));
    std::thread stopping([&] { node.stop(); });
    EXPECT_TRUE(idle.ends_in_order());  // The node drains.
    EXPECT_TRUE(client.send(pipeline(kCount, {.answer_length = 6'000})));
    expect_answers(client, 1, kCount);
    EXPECT_TRUE(client.ends_in_order());
    stopping.join();
}

}  // namespace
}  // namespace idnode::resolver
