#include "bench/peers.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

Mix make_mix(std::uint64_t seed) {
    return Mix::make({.kind = MixKind::kMixed, .count = 1'700, .seed = seed}).value();
}

LoadOptions few_queries() {
    LoadOptions options;
    options.queries = 5'000;
    options.seconds_max = 60;
    return options;
}

// Of a program that is not there.
template <class Start>
void expect_no_start(const Start& start) {
    const auto work = WorkDirectory::make();
    PeerPaths paths;
    paths.knotd = paths.redis_server = work->path() + "/missing";
    paths.work = work->path();
    EXPECT_FALSE(start(paths, make_mix(1), -1).has_value());
}

TEST(Peers, SayWhenTheProgramIsNotThere) {
    expect_no_start(&start_knot);
    expect_no_start(&start_redis);
}

TEST(Knot, AnswersForEveryIdentifierOfTheSetAndNoOther) {
    PeerPaths paths;
    if (!std::filesystem::exists(paths.knotd)) GTEST_SKIP() << "Knot DNS is not installed";
    const auto work = WorkDirectory::make();
    paths.work = work->path();
    const Mix mix = make_mix(1);
    const auto knot = start_knot(paths, mix, 0);
    ASSERT_TRUE(knot.has_value()) << knot.error().to_string();
    const LoadResult result = load_udp(mix, knot->target, few_queries());
    EXPECT_EQ(result.fault, "");
    EXPECT_GE(result.answered, 5'000U);
    EXPECT_GE(result.sampled, 5'000U / kSampleEvery);
    EXPECT_NE(load_udp(make_mix(2), knot->target, few_queries()).fault, "");
}

TEST(Redis, AnswersForEveryIdentifierOfTheSetAndNoOther) {
    PeerPaths paths;
    if (!std::filesystem::exists(paths.redis_server)) GTEST_SKIP() << "Redis is not installed";
    const auto work = WorkDirectory::make();
    paths.work = work->path();
    const Mix mix = make_mix(1);
    const auto redis = start_redis(paths, mix, 0);
    ASSERT_TRUE(redis.has_value()) << redis.error().to_string();
    for (const std::uint32_t depth : {1U, 16U}) {
        LoadOptions load = few_queries();
        load.depth = depth;
        const LoadResult result = load_tcp(mix, redis->target, load);
        EXPECT_EQ(result.fault, "");
        EXPECT_GE(result.answered, 5'000U);
        EXPECT_GE(result.sampled, 5'000U / kSampleEvery);
    }
    EXPECT_EQ(load_tcp(make_mix(2), redis->target, few_queries()).fault,
              "a key that Redis does not have");
}

}  // namespace
}  // namespace idnode::bench
