#include "bench/series.h"

#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

namespace idnode::bench {
namespace {

LoadResult good_result() {
    LoadResult result;
    result.answered = 100;
    result.seconds = 0.5;
    result.p99_us = 7;
    result.octets = 5'000;
    return result;
}

TEST(Spread, IsMinimumMedianAndMaximum) {
    const Spread odd = spread_of({3, 1, 2});
    EXPECT_EQ(odd.min, 1);
    EXPECT_EQ(odd.median, 2);
    EXPECT_EQ(odd.max, 3);
    EXPECT_EQ(spread_of({4, 1, 2, 3}).median, 2.5);
    EXPECT_EQ(spread_of({5}).median, 5);
}

TEST(Series, TakesTurnsAndNeverTheSameSeed) {
    std::string turns;
    std::set<std::uint64_t> seeds;
    const auto load = [&](char name) {
        return [&turns, &seeds, name](std::uint64_t seed) {
            turns += name;
            seeds.insert(seed);
            return good_result();
        };
    };
    const auto measured =
        run_series({{"a", ::getpid(), load('a')}, {"b", ::getpid(), load('b')}}, 3, 1);
    ASSERT_TRUE(measured.has_value());
    EXPECT_EQ(turns, "abababab");  // The first of each warms up.
    EXPECT_EQ(seeds.size(), 8U);
    ASSERT_EQ(measured->size(), 2U);
    EXPECT_EQ((*measured)[1].name, "b");
    EXPECT_EQ((*measured)[1].per_second, (std::vector<double>{200, 200, 200}));
    EXPECT_EQ((*measured)[1].answered, 300U);
    EXPECT_EQ((*measured)[1].octets, 15'000U);
}

TEST(Series, EndsAtAFault) {
    int calls = 0;
    const auto load = [&](std::uint64_t) {
        LoadResult result = good_result();
        if (++calls == 2) result.fault = "wrong";
        return result;
    };
    const auto measured = run_series({{"a", ::getpid(), load}}, 5, 1);
    ASSERT_FALSE(measured.has_value());
    EXPECT_EQ(measured.error().text, "a: wrong after 100 answers");
    EXPECT_EQ(calls, 2);
}

Report sample_report() {
    Report report;
    report.command = "node_bench \"x\"";
    report.commit = "abc";
    report.machine = "m";
    report.set = "s";
    report.measured.resize(2);
    report.measured[0] = {
        .name = "node", .cpu_us = {3, 4}, .per_second = {10, 20}, .p99_us = {1, 1}};
    report.measured[1] = {
        .name = "echo", .cpu_us = {2, 2}, .per_second = {10, 20}, .p99_us = {1, 1}};
    report.comparisons = {{"node / echo", 0, 1}};
    return report;
}

TEST(Report, ComparesRoundByRound) {
    const Report report = sample_report();
    const Spread ratio = ratio_of(report, report.comparisons[0]);
    EXPECT_EQ(ratio.min, 1.5);
    EXPECT_EQ(ratio.median, 1.75);
    EXPECT_EQ(ratio.max, 2);
}

TEST(Report, IsOneLineOfJson) {
    EXPECT_EQ(json_of(sample_report()),
              R"({"command":"node_bench \"x\"","commit":"abc","machine":"m","set":"s","measured":[)"
              R"({"name":"node","cpu_us_per_query":{"min":3.0000,"median":3.5000,"max":4.0000},)"
              R"("rounds":[3.0000,4.0000],)"
              R"("queries_per_second":{"min":10.0000,"median":15.0000,"max":20.0000},)"
              R"("p99_us":{"min":1.0000,"median":1.0000,"max":1.0000},)"
              R"("answered":0,"answer_octets":0.0,"compared_octet_by_octet":0,"asked_again":0},)"
              R"({"name":"echo","cpu_us_per_query":{"min":2.0000,"median":2.0000,"max":2.0000},)"
              R"("rounds":[2.0000,2.0000],)"
              R"("queries_per_second":{"min":10.0000,"median":15.0000,"max":20.0000},)"
              R"("p99_us":{"min":1.0000,"median":1.0000,"max":1.0000},)"
              R"("answered":0,"answer_octets":0.0,"compared_octet_by_octet":0,"asked_again":0}],)"
              R"("ratios":{"node / echo":{"min":1.5000,"median":1.7500,"max":2.0000}}})"
              "\n");
}

TEST(Report, HasALineForEachInTheTable) {
    const std::string table = table_of(sample_report());
    EXPECT_NE(table.find("\nnode "), std::string::npos);
    EXPECT_NE(table.find("\necho "), std::string::npos);
    EXPECT_NE(table.find("\nnode / echo                  1.500   1.750   2.000\n"),
              std::string::npos)
        << table;
}

TEST(Machine, HasALine) { EXPECT_NE(machine_line().find("cores"), std::string::npos); }

}  // namespace
}  // namespace idnode::bench
