#include "resolver/listen_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <barrier>
#include <thread>

#include <gtest/gtest.h>

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
    ASSERT_EQ(listen(first->workers[0].tcp[0].fd.get(), 1), 0);
    const auto tcp = bind_listen_sockets(listening_on({}, first->tcp), 1);
    ASSERT_FALSE(tcp);
    EXPECT_NE(tcp.error().text.find("cannot listen on tcp"), std::string::npos);
}

// Without taking turns both bind alone, one after the other, and then share with each other.
TEST(ListenSockets, OfTwoThatStartTogetherOneGetsThePort) {
    constexpr int kRounds = 60;
    int served = 0;
    for (int round = 0; round < kRounds; ++round) {
        Config config = listening_on({kAnyPort}, {kAnyPort});
        {
            const auto chosen = bind_listen_sockets(config, 1);
            ASSERT_TRUE(chosen);
            config = listening_on(chosen->udp, chosen->tcp);
        }
        std::barrier start(2);
        std::array<bool, 2> bound{};
        std::barrier end(2);
        const auto begin = [&](std::size_t which) {
            start.arrive_and_wait();
            const auto sockets = bind_listen_sockets(config, 4);
            bound[which] = sockets.has_value();
            end.arrive_and_wait();
        };
        std::thread other([&] { begin(1); });
        begin(0);
        other.join();
        ASSERT_FALSE(bound[0] && bound[1]) << "round " << round;
        served += bound[0] || bound[1] ? 1 : 0;
    }
    // Another program may have got a port that was chosen.
    EXPECT_GT(served, kRounds / 2);
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
