#include "bench/paced_load.h"

#include <gtest/gtest.h>

#include "bench/echo.h"
#include "bench/processes.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

Mix make_mix() {
    return Mix::make({.kind = MixKind::kNational, .count = 20'000, .seed = 1}).value();
}

TEST(PacedLoad, GetsAllAnswersAtItsRate) {
    const Mix mix = make_mix();
    const Descriptor socket = bound_udp();
    auto server = Process::fork_with(-1, [&] { echo_udp(socket, 200); });
    ASSERT_TRUE(server);
    const Target target{.udp_port = port_of(socket), .tcp_port = 0, .expect = Expect::kEcho};
    const LoadResult result =
        load_udp_paced(mix, target, {.per_second = 2'000, .seconds = 0.5, .seed = 1});
    EXPECT_EQ(result.fault, "");
    EXPECT_EQ(result.answered, 1'000U);
    // The last question falls due an interval before the end.
    EXPECT_GE(result.seconds, 0.499);
    EXPECT_GT(result.p50_us, 0);
    EXPECT_GE(result.p99_us, result.p50_us);
}

TEST(PacedLoad, SaysWhenNobodyAnswers) {
    const Mix mix = make_mix();
    const Descriptor silent = bound_udp();
    const Target target{.udp_port = port_of(silent), .tcp_port = 0, .expect = Expect::kEcho};
    const LoadResult result =
        load_udp_paced(mix, target, {.per_second = 100, .seconds = 0.1, .seed = 1});
    EXPECT_EQ(result.answered, 0U);
    EXPECT_EQ(result.fault, "answers are missing");
    EXPECT_GE(result.resent, 10U);
}

TEST(PacedLoad, SaysWhenTheServerAnswersWrongly) {
    const Mix mix = make_mix();
    const Descriptor socket = bound_udp();
    auto server = Process::fork_with(-1, [&] { echo_udp(socket, 200); });
    ASSERT_TRUE(server);
    const Target target{.udp_port = port_of(socket), .tcp_port = 0, .expect = Expect::kRecords};
    const LoadResult result =
        load_udp_paced(mix, target, {.per_second = 1'000, .seconds = 0.2, .seed = 1});
    EXPECT_NE(result.fault, "");
}

}  // namespace
}  // namespace idnode::bench
