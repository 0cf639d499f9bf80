#include "bench/load.h"

#include <sys/socket.h>

#include <gtest/gtest.h>

#include "bench/echo.h"
#include "bench/processes.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

Mix make_mix() {
    return Mix::make({.kind = MixKind::kNational, .count = 20'000, .seed = 1}).value();
}

struct Echo {
    Process process;
    Target target;
};

Echo start_echo(bool udp, Expect expect = Expect::kEcho) {
    const Descriptor socket = udp ? bound_udp() : listening_tcp();
    auto process =
        Process::fork_with(-1, [&] { udp ? echo_udp(socket, 200) : echo_tcp(socket, 200); });
    const std::uint16_t port = port_of(socket);
    return {.process = std::move(process.value()),
            .target = {.udp_port = port, .tcp_port = port, .expect = expect}};
}

LoadOptions options(std::uint64_t queries) {
    LoadOptions options;
    options.queries = queries;
    options.seconds_max = 60;
    return options;
}

TEST(Load, GetsAllAnswersOverUdp) {
    const Mix mix = make_mix();
    const Echo echo = start_echo(true);
    for (const std::uint32_t outstanding : {1U, 2U, 64U, 200U}) {
        LoadOptions load = options(3'000);
        load.outstanding = outstanding;
        const LoadResult result = load_udp(mix, echo.target, load);
        EXPECT_EQ(result.fault, "");
        EXPECT_GE(result.answered, 3'000U);
        EXPECT_LT(result.answered, 3'000U + 64);
        EXPECT_EQ(result.octets, result.answered * 200);
        EXPECT_GT(result.p50_us, 0);
        EXPECT_GE(result.p99_us, result.p50_us);
    }
}

TEST(Load, GetsAllAnswersOverTcp) {
    const Mix mix = make_mix();
    const Echo echo = start_echo(false);
    for (const std::uint32_t connections : {1U, 4U, 64U}) {
        for (const std::uint32_t depth : {1U, 16U}) {
            LoadOptions load = options(3'000);
            load.connections = connections;
            load.depth = depth;
            const LoadResult result = load_tcp(mix, echo.target, load);
            EXPECT_EQ(result.fault, "");
            EXPECT_GE(result.answered, 3'000U);
            EXPECT_EQ(result.octets, result.answered * 200);
        }
    }
}

TEST(Load, EndsAtTheFirstWrongAnswer) {
    const Mix mix = make_mix();
    const Echo udp = start_echo(true, Expect::kRecords);
    EXPECT_EQ(load_udp(mix, udp.target, options(1'000)).fault, "a response code other than 1");
    const Echo tcp = start_echo(false, Expect::kRecords);
    EXPECT_EQ(load_tcp(mix, tcp.target, options(1'000)).fault, "a response code other than 1");
}

TEST(Load, SaysWhenNobodyListens) {
    const Mix mix = make_mix();
    std::uint16_t udp_port = 0;
    std::uint16_t tcp_port = 0;
    {
        const Descriptor udp = bound_udp();
        const Descriptor tcp = listening_tcp();
        udp_port = port_of(udp);
        tcp_port = port_of(tcp);
    }
    const Target target{.udp_port = udp_port, .tcp_port = tcp_port, .expect = Expect::kEcho};
    EXPECT_NE(load_udp(mix, target, options(10)).fault, "");
    EXPECT_EQ(load_tcp(mix, target, options(10)).fault, "no TCP connection");
}

TEST(Load, SaysWhenTheServerCloses) {
    const Mix mix = make_mix();
    const Descriptor listener = listening_tcp();
    const auto closing = Process::fork_with(-1, [&] {
        for (;;) {
            const Descriptor peer(::accept(listener.get(), nullptr, nullptr));
            ::shutdown(peer.get(), SHUT_WR);
            char octet = 0;
            while (::recv(peer.get(), &octet, 1, 0) > 0) continue;
        }
    });
    LoadOptions load = options(10);
    load.connections = 1;
    const Target target{.udp_port = 0, .tcp_port = port_of(listener), .expect = Expect::kEcho};
    EXPECT_NE(load_tcp(mix, target, load).fault, "");
}

TEST(Latencies, FindQuantiles) {
    Latencies latencies;
    for (std::int64_t us = 0; us < 100; ++us) latencies.add(us * 1'000 + 10);
    EXPECT_EQ(latencies.quantile_us(0.0), 0.5);
    EXPECT_EQ(latencies.quantile_us(0.5), 50.5);
    EXPECT_EQ(latencies.quantile_us(0.99), 99.5);
    latencies.add(10'000'000'000);
    EXPECT_EQ(latencies.quantile_us(0.999), 20'000.5);
}

}  // namespace
}  // namespace idnode::bench
