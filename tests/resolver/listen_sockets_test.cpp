#include "resolver/listen_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <optional>

#include <gtest/gtest.h>

#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

Config listening_on(std::vector<Endpoint> udp, std::vector<Endpoint> tcp) {
    Config config;
    config.listen = {std::move(udp), std::move(tcp)};
    return config;
}

int option_of(const Fd& fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    getsockopt(fd.get(), level, name, &value, &size);
    return value;
}

const Endpoint kAnyPort = *parse_endpoint("127.0.0.1:0");

TEST(ListenSockets, WorkersShareThePortTheSystemChose) {
    const auto sockets = bind_listen_sockets(listening_on({kAnyPort, kAnyPort}, {kAnyPort}), 3);
    ASSERT_TRUE(sockets) << sockets.error().to_string();
    ASSERT_EQ(sockets->udp.size(), 2U);
    ASSERT_EQ(sockets->tcp.size(), 1U);
    EXPECT_NE(sockets->udp[0].port, 0);
    EXPECT_NE(sockets->udp[0].port, sockets->udp[1].port);
    EXPECT_NE(sockets->tcp[0].port, 0);
    ASSERT_EQ(sockets->workers.size(), 3U);
    for (const WorkerSockets& worker : sockets->workers) {
        ASSERT_EQ(worker.udp.size(), 2U);
        EXPECT_EQ(worker.udp[0].endpoint, sockets->udp[0]);
        EXPECT_EQ(worker.udp[1].endpoint, sockets->udp[1]);
        EXPECT_EQ(worker.tcp.at(0).endpoint, sockets->tcp[0]);
        EXPECT_EQ(option_of(worker.udp[0].fd, SOL_SOCKET, SO_REUSEPORT), 1);
    }
}

TEST(ListenSockets, TakenPortIsAProblemForEitherTransport) {
    auto first = bind_listen_sockets(listening_on({kAnyPort}, {kAnyPort}), 1);
    ASSERT_TRUE(first);
    const auto udp = bind_listen_sockets(listening_on(first->udp, {}), 1);
    ASSERT_FALSE(udp);
    EXPECT_EQ(udp.error().text,
              "cannot listen on udp " + first->udp[0].to_string() + ": Address already in use");
    EXPECT_NE(udp.error().remedy.find("stop it"), std::string::npos);
    const auto tcp = bind_listen_sockets(listening_on({}, first->tcp), 1);
    ASSERT_FALSE(tcp);
    EXPECT_NE(tcp.error().text.find("cannot listen on tcp"), std::string::npos);
}

// Holds the turn as a node that is binding does, from its making on.
class Turn {
public:
    Turn() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = bind_turn_name();
        std::copy(name.begin(), name.end(), address.sun_path + 1);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        // Other tests bind too, in other processes.
        EXPECT_TRUE(test::eventually([&] {
            return bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
        }));
    }

private:
    Fd fd_;
};

// Without turns the second node could bind alone between the first one's binding alone and its
// sharing, and both would share the port.
TEST(ListenSockets, ANodeWaitsWhileAnotherOneBinds) {
    Config config;
    {
        const auto chosen = bind_listen_sockets(listening_on({kAnyPort}, {kAnyPort}), 1);
        ASSERT_TRUE(chosen);
        config = listening_on(chosen->udp, chosen->tcp);
    }
    std::optional<Turn> turn(std::in_place);
    auto second = std::async(std::launch::async, [&] { return bind_listen_sockets(config, 1); });
    EXPECT_EQ(second.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
    // The first node's socket, shared with its workers only.
    const Fd first(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ASSERT_EQ(setsockopt(first.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    sockaddr_storage address{};
    const socklen_t size = to_sockaddr(config.listen.udp[0], address);
    ASSERT_EQ(bind(first.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    turn.reset();
    const auto refused = second.get();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text.find("Address already in use"), std::string::npos);
}

// TCP ports are taken by listening; no other node may come in between.
TEST(ListenSockets, TcpSocketsListenFromTheStart) {
    const auto first = bind_listen_sockets(listening_on({}, {kAnyPort}), 1);
    ASSERT_TRUE(first);
    EXPECT_EQ(option_of(first->workers[0].tcp[0].fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    EXPECT_FALSE(bind_listen_sockets(listening_on({}, first->tcp), 1));
}

TEST(ListenSockets, PortIsFreeAgainAfterwards) {
    std::vector<Endpoint> udp;
    std::vector<Endpoint> tcp;
    {
        const auto first = bind_listen_sockets(listening_on({kAnyPort}, {kAnyPort}), 2);
        ASSERT_TRUE(first);
        udp = first->udp;
        tcp = first->tcp;
    }
    EXPECT_TRUE(bind_listen_sockets(listening_on(udp, tcp), 2));
}

TEST(ListenSockets, AddressOfAnotherMachineIsAProblem) {
    const auto sockets =
        bind_listen_sockets(listening_on({*parse_endpoint("198.51.100.7:0")}, {}), 1);
    ASSERT_FALSE(sockets);
    EXPECT_NE(sockets.error().remedy.find("does not have this address"), std::string::npos);
}

TEST(ListenSockets, WildcardsTellTheAddressAsked) {
    const auto sockets =
        bind_listen_sockets(listening_on({kAnyPort, *parse_endpoint("0.0.0.0:0")}, {}), 1);
    ASSERT_TRUE(sockets) << sockets.error().to_string();
    const auto& udp = sockets->workers[0].udp;
    EXPECT_EQ(option_of(udp[0].fd, IPPROTO_IP, IP_PKTINFO), 0);
    EXPECT_EQ(option_of(udp[1].fd, IPPROTO_IP, IP_PKTINFO), 1);
}

TEST(ListenSockets, MissingIpv6LoopbackIsLeftOut) {
    const Endpoint ipv6 = *parse_endpoint("[::1]:0");
    const auto sockets = bind_listen_sockets(listening_on({kAnyPort, ipv6}, {}), 1);
    ASSERT_TRUE(sockets) << sockets.error().to_string();
    EXPECT_EQ(sockets->udp.size() + sockets->left_out.size(), 2U);
    for (const Endpoint& endpoint : sockets->left_out) EXPECT_EQ(endpoint, ipv6);
}

}  // namespace
}  // namespace idnode::resolver
