#include "resolver/stats.h"

#include <set>

#include <gtest/gtest.h>

#include "resolver/log.h"
#include "tests/resolver/test_files.h"

namespace idnode::resolver {
namespace {

TEST(Stats, CountsByTransportOperationAndCode) {
    WorkerStats stats;
    const std::uint32_t codes[] = {0, 1, 7, 100, 200, 301, 402, 605, 3001};
    const std::uint32_t operations[] = {0, 1, 2, 100, 105, 201, 402, 1003, 2001};
    for (const std::uint32_t operation : operations) {
        for (const std::uint32_t code : codes) {
            for (std::uint32_t i = 0; i <= code % 3; ++i) {
                stats.count_answer(Transport::kTcp, operation, code);
            }
        }
    }
    for (const std::uint32_t operation : operations) {
        for (const std::uint32_t code : codes) {
            EXPECT_EQ(stats.answers(Transport::kTcp, operation, code), code % 3 + 1);
            EXPECT_EQ(stats.answers(Transport::kUdp, operation, code), 0U);
        }
    }
}

TEST(Stats, UnknownNumbersAreCountedTogether) {
    WorkerStats stats;
    stats.count_answer(Transport::kUdp, 77, 1);
    stats.count_answer(Transport::kUdp, 0xFFFFFFFF, 1);
    stats.count_answer(Transport::kUdp, 1, 8);
    stats.count_answer(Transport::kUdp, 1, 0xFFFFFFFF);
    EXPECT_EQ(stats.answers(Transport::kUdp, 3, 1), 2U);
    EXPECT_EQ(stats.answers(Transport::kUdp, 1, 9999), 2U);
}

TEST(Stats, EveryIncidentHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (int i = 0; i < static_cast<int>(Incident::kCount); ++i) {
        names.insert(to_string(static_cast<Incident>(i)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(Incident::kCount));
    EXPECT_EQ(names.count("unknown"), 0U);
}

TEST(LatencyHistogram, BoundsAreWithinAnEighth) {
    for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value += value / 8 + 1) {
        LatencyHistogram histogram;
        histogram.record(value, 1);
        EXPECT_GE(histogram.quantile(1.0), value);
        EXPECT_LE(histogram.quantile(1.0), value + value / 8 + 1);
    }
    LatencyHistogram extremes;
    extremes.record(0, 1);
    EXPECT_EQ(extremes.quantile(0.5), 0U);
    extremes.record(UINT64_MAX, 1);
    EXPECT_EQ(extremes.quantile(1.0), UINT64_MAX);
}

TEST(LatencyHistogram, QuantilesFollowTheCounts) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.quantile(0.99), 0U);
    histogram.record(1'000, 98);
    histogram.record(100'000, 2);
    EXPECT_EQ(histogram.count(), 100U);
    EXPECT_LT(histogram.quantile(0.5), 1'200U);
    EXPECT_LT(histogram.quantile(0.98), 1'200U);
    EXPECT_GE(histogram.quantile(0.99), 100'000U);
}

TEST(Stats, WritesWhatIsNotZero) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.path_of("log");
    auto log = Log::open({LogLevel::kInfo, file});
    ASSERT_TRUE(log);
    WorkerStats stats;
    stats.write_to(*log, 3);
    EXPECT_EQ(test::read_file(file), "");
    stats.count_answer(Transport::kUdp, 1, 100);
    stats.count_answer(Transport::kTcp, 77, 5);
    stats.count(Incident::kSendDropped, 4);
    stats.record_batch(Transport::kUdp, 2, 5'000);
    stats.write_to(*log, 3);
    const std::string text = test::read_file(file);
    for (const char* line :
         {"stats worker=3 transport=udp operation=1 code=100 count=1\n",
          "stats worker=3 transport=tcp operation=other code=5 count=1\n",
          "stats worker=3 incident=send_dropped count=4\n",
          "stats worker=3 transport=udp messages=2 batches=1 p50_us=5.1 p90_us=5.1 "}) {
        EXPECT_EQ(test::occurrences(text, line), 1U) << line << text;
    }
    EXPECT_EQ(test::occurrences(text, "\n"), 4U) << text;
}

}  // namespace
}  // namespace idnode::resolver
