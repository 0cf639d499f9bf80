#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "resolver/tcp_connections.h"
#include "tests/resolver/clients.h"
#include "tests/resolver/messages.h"
#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

using namespace idnode::test;

// Deadlines so long that none passes in a test that does not set its own.
Config patient_config() {
    Config config = loopback_config();
    config.server.tcp.idle_timeout_ms = 60'000;
    config.server.tcp.header_timeout_ms = 60'000;
    config.server.tcp.progress_timeout_ms = 60'000;
    return config;
}

bool answers(TcpClient& client) {
    return client.send(make_request({})) && client.receive_answer().has_value();
}

TEST(TcpLimits, IdleConnectionIsClosed) {
    Config config = patient_config();
    config.server.tcp.idle_timeout_ms = 20;
    RunningNode node(config);
    TcpClient silent(node.tcp());
    EXPECT_TRUE(silent.ends_in_order());
    TcpClient once(node.tcp());
    EXPECT_TRUE(answers(once));
    EXPECT_TRUE(once.ends_in_order());
    EXPECT_EQ(node.incidents("closed_idle"), 2U);
}

TEST(TcpLimits, SlowHeaderIsClosed) {
    Config config = patient_config();
    config.server.tcp.header_timeout_ms = 20;
    RunningNode node(config);
    TcpClient idle(node.tcp());
    TcpClient slow(node.tcp());
    ASSERT_TRUE(slow.send(ByteSpan(make_request({})).first(43)));
    EXPECT_TRUE(slow.ends_in_order());
    TcpClient with_header(node.tcp());
    ASSERT_TRUE(with_header.send(ByteSpan(make_request({})).first(44)));
    EXPECT_TRUE(answers(idle));
    ASSERT_TRUE(with_header.send(ByteSpan(make_request({})).subspan(44)));
    EXPECT_TRUE(with_header.receive_answer());
    EXPECT_EQ(node.incidents("closed_slow_header"), 1U);
}

// Octets that trickle in do not extend the deadline of a message.
TEST(TcpLimits, SlowMessageIsClosed) {
    Config config = patient_config();
    config.server.tcp.progress_timeout_ms = 40;
    RunningNode node(config);
    TcpClient client(node.tcp());
    Octets message = make_request({.length = 200'000});
    ASSERT_TRUE(client.send(ByteSpan(message).first(100)));
    std::size_t at = 100;
    EXPECT_TRUE(eventually([&] {
        client.send_some(ByteSpan(message).subspan(at++, 1));
        pollfd item{client.fd(), POLLIN, 0};
        return poll(&item, 1, 0) == 1;
    }));
    EXPECT_LT(at, message.size());
    EXPECT_EQ(node.incidents("closed_slow_message"), 1U);
}

// The end of the connection cannot reach a client that reads nothing: its place becomes free.
// Their answers are 24 MB.
Octets many_large_questions() {
    Octets all;
    for (int i = 0; i < 400; ++i) {
        const Octets one = make_request({.answer_length = 60'000});
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

TEST(TcpLimits, SlowReaderIsClosed) {
    Config config = patient_config();
    config.server.tcp.progress_timeout_ms = 40;
    config.server.tcp.connections_max = 1;
    RunningNode node(config);
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(many_large_questions()));
    ASSERT_TRUE(eventually([&] { return node.record.messages() > 0; }));
    EXPECT_TRUE(eventually([&] {
        TcpClient next(node.tcp());
        return answers(next);
    }));
    EXPECT_EQ(node.incidents("closed_slow_reader"), 1U);
}

// All that it asks is read: what waits for it grows until the end.
TEST(TcpLimits, ReaderOfNothingIsClosedAlthoughItGoesOnAsking) {
    Config config = patient_config();
    config.server.tcp.progress_timeout_ms = 200;
    config.server.tcp.connections_max = 1;
    config.server.tcp.unsent_size_max = 67'108'864;
    RunningNode node(config);
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(many_large_questions()));
    ASSERT_TRUE(eventually([&] { return node.record.messages() == 400; }));
    const Octets question = make_request({});
    EXPECT_TRUE(eventually([&] {
        client.send_some(question);
        TcpClient next(node.tcp());
        return answers(next);
    }));
    EXPECT_GT(node.record.messages(), 401U);
    EXPECT_EQ(node.incidents("closed_slow_reader"), 1U);
}

TEST(TcpLimits, SlowButSteadyReaderIsServed) {
    Config config = patient_config();
    config.server.tcp.progress_timeout_ms = 1'500;
    RunningNode node(config);
    TcpClient client(node.tcp());
    // With a large one of its own the client would tell of room too seldom.
    const int buffer = 131'072;
    ASSERT_EQ(setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer), 0);
    ASSERT_TRUE(client.send(many_large_questions()));
    // Several times the limit, and not fast enough to empty a third of the kernel's buffer in it.
    std::vector<std::uint8_t> room(16'384);
    std::size_t received = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(4'500);
    while (received < 400 * 60'000) {
        const ssize_t count = recv(client.fd(), room.data(), room.size(), 0);
        ASSERT_GT(count, 0) << received;
        received += static_cast<std::size_t>(count);
        if (std::chrono::steady_clock::now() < until) poll(nullptr, 0, 25);
    }
    EXPECT_EQ(node.incidents("closed_slow_reader"), 0U);
}

// A batch of 64 such answers alone is 4 MB, and the kernel does not take many of them.
TEST(TcpLimits, LargeAnswersWaitWithinTheBoundOfTheConnection) {
    Config config = patient_config();
    config.server.tcp.unsent_size_max = 65'536;
    // And one answer more, and the questions that wait.
    config.server.tcp.held_size_max = 65'536 + 131'072;
    RunningNode node(config);
    TcpClient other(node.tcp());
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(many_large_questions()));
    ASSERT_TRUE(eventually([&] { return node.record.messages() > 0; }));
    EXPECT_TRUE(answers(other));  // The worker has stopped answering the client.
    for (int i = 0; i < 400; ++i) ASSERT_TRUE(client.receive_answer()) << i;
    EXPECT_LT(node.record.messages(), 2U * 400U);  // Few are looked up more than once.
    EXPECT_EQ(node.incidents("closed_held_size"), 0U);
}

TEST(TcpLimits, ConnectionsTogetherHoldNoMoreThanTheirBound) {
    Config config = patient_config();
    config.server.tcp.held_size_max = 300'000;
    RunningNode node(config);
    TcpClient small(node.tcp());
    ASSERT_TRUE(small.send(ByteSpan(make_request({})).first(50)));
    TcpClient first(node.tcp());
    const Octets message = make_request({.length = 200'000});
    ASSERT_TRUE(first.send(message));
    EXPECT_TRUE(first.receive_answer());
    ASSERT_TRUE(first.send(ByteSpan(message).first(190'000)));
    TcpClient second(node.tcp());
    second.send_some(ByteSpan(message).first(190'000));
    EXPECT_TRUE(eventually([&] {
        pollfd items[] = {{first.fd(), POLLIN, 0}, {second.fd(), POLLIN, 0}};
        return poll(items, 2, 0) > 0;
    }));
    ASSERT_TRUE(small.send(ByteSpan(make_request({})).subspan(50)));
    EXPECT_TRUE(small.receive_answer());
    EXPECT_EQ(node.incidents("closed_held_size"), 1U);
}

TEST(TcpLimits, AddressHasItsShare) {
    Config config = patient_config();
    config.server.tcp.connections_per_address_max = 2;
    RunningNode node(config);
    TcpClient first(node.tcp());
    EXPECT_TRUE(answers(first));
    {
        TcpClient second(node.tcp());
        EXPECT_TRUE(answers(second));
        TcpClient third(node.tcp());
        EXPECT_TRUE(third.read_once().empty());
        EXPECT_TRUE(answers(first));
    }
    EXPECT_TRUE(eventually([&] {
        TcpClient again(node.tcp());
        return answers(again);
    }));
    EXPECT_GE(node.incidents("connections_over_address_limit"), 1U);
}

TEST(TcpLimits, NodeHasABoundForAllWorkers) {
    Config config = patient_config();
    config.server.workers = 3;
    config.server.tcp.connections_max = 4;
    RunningNode node(config);
    std::vector<std::unique_ptr<TcpClient>> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<TcpClient>(node.tcp()));
        EXPECT_TRUE(answers(*clients.back()));
    }
    TcpClient fifth(node.tcp());
    EXPECT_TRUE(fifth.read_once().empty());
    EXPECT_EQ(node.incidents("connections_over_limit"), 1U);
}

// With no descriptor left the node closes newcomers, goes on with the rest.
TEST(TcpLimits, LivesWithoutDescriptors) {
    RunningNode node(patient_config());
    TcpClient client(node.tcp());
    EXPECT_TRUE(answers(client));
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const auto highest = static_cast<rlim_t>(client.fd());
    const rlimit tight{highest + 8, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    std::vector<Fd> sockets;
    for (int i = 0; i < 16; ++i) {
        Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (fd.valid()) sockets.push_back(std::move(fd));
    }
    ASSERT_FALSE(sockets.empty());
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(node.tcp(), storage);
    for (const Fd& fd : sockets) {
        static_cast<void>(connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size));
        pollfd item{fd.get(), POLLIN, 0};
        EXPECT_EQ(poll(&item, 1, 10'000), 1);  // Closed by the node.
    }
    EXPECT_TRUE(answers(client));
    setrlimit(RLIMIT_NOFILE, &before);
    sockets.clear();
    TcpClient later(node.tcp());
    EXPECT_TRUE(answers(later));
    EXPECT_GE(node.incidents("accept_failed"), 1U);
}

}  // namespace
}  // namespace idnode::resolver
