#include "bench/processes.h"

#include <sys/wait.h>

#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/node_under_test.h"

namespace idnode::bench {
namespace {

TEST(Process, EndsWithItsOwner) {
    pid_t pid = 0;
    {
        auto process = Process::fork_with(-1, [] {
            for (;;) ::pause();
        });
        ASSERT_TRUE(process.has_value());
        pid = process->pid();
        EXPECT_TRUE(process->runs());
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, HasItsTimeCounted) {
    const auto process = Process::fork_with(-1, [] {
        for (;;) static_cast<void>(now_ns());
    });
    const std::int64_t end = now_ns() + 30'000'000'000;
    double seconds = 0;
    while (seconds < 0.05 && now_ns() < end) seconds = cpu_seconds(process->pid()).value();
    EXPECT_GE(seconds, 0.05);
    EXPECT_LT(seconds, 30);
}

TEST(Process, ThatIsGoneHasNoTime) {
    auto process = Process::fork_with(-1, [] { ::_exit(0); });
    const pid_t pid = process->pid();
    process->stop();
    EXPECT_FALSE(process->runs());
    EXPECT_FALSE(cpu_seconds(pid).has_value());
}

TEST(StartNode, SaysWhatTheProgramSaid) {
    const auto work = WorkDirectory::make();
    ASSERT_TRUE(work.has_value());
    const NodePaths paths{
        .idnode = "", .idnoded = "/nowhere/idnoded", .registry = "r", .work = work->path()};
    const auto node = start_node(paths, -1);
    ASSERT_FALSE(node.has_value());
    EXPECT_NE(node.error().text.find("cannot start /nowhere/idnoded"), std::string::npos);
}

TEST(WorkDirectory, GoesWithAllInIt) {
    std::string path;
    {
        const auto work = WorkDirectory::make();
        path = work.value().path();
        std::filesystem::create_directories(path + "/a/b");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Log, IsWaitedForUntilTheLineIsWhole) {
    const auto work = WorkDirectory::make();
    const std::string log = work->path() + "/log";
    auto process = Process::start(
        {"/bin/sh", "-c", "printf 'one\\nrea' >&2; printf 'dy port=7\\n' >&2; exec sleep 60"}, -1,
        log);
    ASSERT_TRUE(process.has_value());
    EXPECT_EQ(log_with(*process, log, "ready", 30).value(), "one\nready port=7\n");
    EXPECT_FALSE(log_with(*process, log, "never", 0).has_value());
}

TEST(Log, OfAProcessThatEndedIsInTheProblem) {
    const auto work = WorkDirectory::make();
    const std::string log = work->path() + "/log";
    auto process = Process::start({"/bin/sh", "-c", "echo ready, not >&2"}, -1, log);
    ASSERT_TRUE(process.has_value());
    while (process->runs()) continue;
    const auto waited = log_with(*process, log, "ready", 30);
    ASSERT_FALSE(waited.has_value());
    EXPECT_NE(waited.error().text.find("ready, not"), std::string::npos);
}

}  // namespace
}  // namespace idnode::bench
