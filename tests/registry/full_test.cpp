// What happens when the map, the disk or a file's size limit is full: a clean error, nothing lost.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "registry/bulk_load.h"
#include "registry/external_sort.h"
#include "registry/verify.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

using testing::HasSubstr;

// Puts until the registry refuses; gives the error and how many were acknowledged.
std::pair<Error, int> put_until_full(Registry& registry, int first) {
    for (int i = first;; ++i) {
        const WholeRecord record("88.1/" + std::to_string(10'000 + i), std::string(20'000, 'x'));
        Change change;
        change.record = record.pack();
        auto writer = Writer::begin(registry, Origin::kCommand);
        if (!writer) return {writer.error(), i};
        if (auto applied = writer->apply({&change, 1}); !applied) return {applied.error(), i};
        if (auto done = std::move(*writer).commit(); !done) return {done.error(), i};
    }
}

void expect_all_there(Registry& registry, int count) {
    RegistryReader reader(registry);
    for (int i = 0; i < count; ++i) {
        EXPECT_EQ(look_up(reader, "88.1/" + std::to_string(10'000 + i)).size(), 20'006U) << i;
    }
    EXPECT_EQ(look_up(reader, "88.1/" + std::to_string(10'000 + count)), "absent");
    EXPECT_TRUE(verify(registry)->clean());
}

TEST(Full, MapFullIsACleanErrorAndAMapThatGrowsHelps) {
    TestRegistry registry({"88.1"}, kMapSizeMin);
    const auto [error, count] = put_until_full(*registry, 0);
    EXPECT_EQ(error.kind, ErrorKind::kUnavailable);
    EXPECT_THAT(registry->problem(error).to_string(), HasSubstr("map of the registry is full"));
    EXPECT_THAT(registry->problem(error).to_string(), HasSubstr("--map-size"));
    EXPECT_GT(count, 5);
    expect_all_there(*registry, count);
    registry.close();
    ASSERT_TRUE(Registry::set_map_size(registry.path(), 4 * kMapSizeMin));
    registry.open();
    const auto [again, more] = put_until_full(*registry, count);
    EXPECT_GT(more, 2 * count);
    expect_all_there(*registry, more);
}

class Nothing : public BulkSink {
public:
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome /*outcome*/) override { ++told; }
    void on_commit(const BulkCounts& so_far) override { EXPECT_EQ(so_far.records, told); }
    std::uint64_t told = 0;
};

TEST(Full, ABulkLoadEndsAndKeepsWhatIsCommitted) {
    TestRegistry registry({"88.1"}, kMapSizeMin);
    Nothing sink;
    BulkLoad load(*registry, {.batch_count_max = 50}, sink);
    Result<Done> added = Done{};
    for (int i = 0; i < 10'000 && added; ++i) {
        const WholeRecord record("88.1/" + std::to_string(10'000 + i), std::string(1'000, 'x'));
        BulkRecord bulk;
        bulk.record = record.pack();
        added = load.add(bulk);
    }
    ASSERT_FALSE(added);
    EXPECT_THAT(registry->problem(added.error()).to_string(), HasSubstr("map of the registry"));
    EXPECT_GT(sink.told, 0U);
    EXPECT_EQ(registry->info()->identifiers, sink.told);
    EXPECT_EQ(registry.verify_text(), "clean");
}

// Runs in a child process, whose limits and mounts are its own; its result is what the test
// expects.
template <class Body>
int run_in_child(Body body) {
    const pid_t child = fork();
    if (child == 0) {
        body();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Full, ALimitOfTheFileSizeIsACleanError) {
    const int result = run_in_child([] {
        TestRegistry registry;
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = 2 << 20;
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
        const auto [error, count] = put_until_full(*registry, 0);
        EXPECT_NE(error.code, 0);
        EXPECT_GT(count, 5);
        expect_all_there(*registry, count);
    });
    EXPECT_EQ(result, 0);
}

bool write_text(const char* path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    return static_cast<bool>(out.flush());
}

// A small disk of the test's own, in a mount namespace of its own.
bool mount_small_disk(const std::string& path) {
    const auto user = std::to_string(getuid());
    const auto group = std::to_string(getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    if (!write_text("/proc/self/setgroups", "deny") ||
        !write_text("/proc/self/uid_map", "0 " + user + " 1") ||
        !write_text("/proc/self/gid_map", "0 " + group + " 1")) {
        return false;
    }
    return mount("none", path.c_str(), "tmpfs", 0, "size=2m") == 0;
}

TEST(Full, AFullDiskIsACleanErrorAndRoomHelps) {
    constexpr int kNoNamespaces = 77;
    const int result = run_in_child([] {
        const ScratchDirectory directory;
        if (!mount_small_disk(directory.path())) std::_Exit(kNoNamespaces);
        const std::string filler = directory.write("filler", std::string(1 << 20, 'f'));
        auto made = Registry::init(directory.path("registry"));
        ASSERT_TRUE(made) << made.error().to_string();
        auto writer = Writer::begin(**made, Origin::kCommand);
        ASSERT_TRUE(writer->add_prefix("88.1"));
        ASSERT_TRUE(std::move(*writer).commit());
        const auto [error, count] = put_until_full(**made, 0);
        EXPECT_EQ(error.kind, ErrorKind::kUnavailable);
        EXPECT_THAT((*made)->problem(error).to_string(), HasSubstr("disk"));
        EXPECT_GT(count, 5);
        expect_all_there(**made, count);
        made->reset();
        ASSERT_EQ(unlink(filler.c_str()), 0);
        auto opened = Registry::open(directory.path("registry"), Access::kWrite);
        ASSERT_TRUE(opened);
        const auto [again, more] = put_until_full(**opened, count);
        EXPECT_GT(more, count);
        expect_all_there(**opened, more);
    });
    if (result == kNoNamespaces) GTEST_SKIP() << "no namespaces for users here";
    EXPECT_EQ(result, 0);
}

TEST(Full, ASortOfUnknownSizeThatRunsOutOfRoomSaysSo) {
    constexpr int kNoNamespaces = 77;
    const int result = run_in_child([] {
        const ScratchDirectory directory;
        if (!mount_small_disk(directory.path())) std::_Exit(kNoNamespaces);
        ExternalSort sorter(directory.path(), 65'536);
        const std::string text(1'000, 'x');
        Checked<Done> added;
        for (std::uint64_t i = 0; i < 10'000 && added; ++i) {
            added = sorter.add({std::to_string(i), text, i, 0});
        }
        ASSERT_FALSE(added);
        EXPECT_THAT(added.error().text, HasSubstr("MiB so far cannot be written"));
        EXPECT_THAT(added.error().text, HasSubstr("No space left"));
        EXPECT_THAT(added.error().remedy, HasSubstr("--temporary"));
    });
    if (result == kNoNamespaces) GTEST_SKIP() << "no namespaces for users here";
    EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace idnode::registry
