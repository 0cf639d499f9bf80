// Readers and a writer at once: each answer is one state or the other. IDNODE_RACE_SECONDS says how
// long the readers go on (else until the writer has made kChanges changes).
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "registry/bulk_load.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr int kReaders = 4;
constexpr int kChanges = 300;
constexpr std::array<const char*, 4> kNames = {"88.1/a", "88.1/zz", "88.2/b", "88.2/y/1"};

// All names get the same text in one transaction; now and then a prefix is suspended and resumed.
void change_all(Registry& registry, int round) {
    std::deque<WholeRecord> records;
    std::vector<Change> changes;
    const std::string text(static_cast<std::size_t>(round % 7) * 300, 'x');
    for (const char* name : kNames) {
        Change change;
        change.record = records.emplace_back(name, std::to_string(round) + text).pack();
        changes.push_back(change);
    }
    auto writer = Writer::begin(registry, Origin::kCommand);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->apply(changes, {.existing = ExistingPolicy::kReplace}));
    const bool suspended = round % 3 == 0;
    ASSERT_TRUE(writer->set_prefix_state(
        "88.2", suspended ? PrefixState::kSuspended : PrefixState::kActive, "turn"));
    ASSERT_TRUE(std::move(*writer).commit());
}

// What a batch may answer: all of one round, and the prefix as that round left it.
void check_batch(const std::vector<Lookup>& lookups) {
    ASSERT_EQ(lookups[0].outcome, Outcome::kFound);
    const std::string first = to_plain_text(lookups[0].record);
    const int round = std::atoi(first.c_str() + first.find('=') + 1);
    EXPECT_EQ(to_plain_text(lookups[1].record), first);
    for (std::size_t i = 2; i < lookups.size(); ++i) {
        if (round % 3 == 0) {
            EXPECT_EQ(lookups[i].outcome, Outcome::kSuspended) << first;
        } else {
            EXPECT_EQ(lookups[i].outcome, Outcome::kFound) << first;
            EXPECT_EQ(to_plain_text(lookups[i].record), first);
        }
    }
}

void read_until(Registry& registry, const std::atomic<bool>& done, std::atomic<int>& batches) {
    RegistryReader reader(registry);
    const std::vector<FoldedIdentifier> folded(kNames.begin(), kNames.end());
    std::vector<Lookup> lookups(kNames.size());
    for (std::size_t i = 0; i < kNames.size(); ++i) lookups[i].identifier = &folded[i];
    while (!done && !testing::Test::HasFailure()) {
        auto snapshot = reader.snapshot();
        ASSERT_TRUE(snapshot) << snapshot.error().where;
        snapshot->find_batch(lookups);
        check_batch(lookups);
        ++batches;
    }
}

class Readers {
public:
    explicit Readers(Registry& registry) {
        for (auto& thread : threads_) {
            thread = std::thread([&] { read_until(registry, done_, batches_); });
        }
    }
    ~Readers() { stop(); }
    void stop() {
        done_ = true;
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }
    [[nodiscard]] int batches() const { return batches_; }

private:
    std::atomic<bool> done_ = false;
    std::atomic<int> batches_ = 0;
    std::array<std::thread, kReaders> threads_;
};

bool goes_on(int round, std::chrono::steady_clock::time_point began) {
    const char* const seconds = std::getenv("IDNODE_RACE_SECONDS");
    if (seconds == nullptr) return round < kChanges;
    return std::chrono::steady_clock::now() - began < std::chrono::seconds(std::atoi(seconds));
}

TEST(Threads, ReadersSeeOneStateOrTheOther) {
    TestRegistry registry({"88.1", "88.2"});
    change_all(*registry, 1);
    Readers readers(*registry);
    const auto began = std::chrono::steady_clock::now();
    for (int round = 2; goes_on(round, began) && !HasFailure(); ++round)
        change_all(*registry, round);
    readers.stop();
    EXPECT_GT(readers.batches(), 0);
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Threads, ReadersSeeOneStateWhileAnotherProcessWrites) {
    TestRegistry registry({"88.1", "88.2"});
    change_all(*registry, 1);
    registry.close();
    const pid_t child = fork();
    if (child == 0) {
        auto own = Registry::open(registry.path(), Access::kWrite);
        if (!own) std::_Exit(1);
        const auto began = std::chrono::steady_clock::now();
        for (int round = 2; goes_on(round, began) && !HasFailure(); ++round) {
            change_all(**own, round);
        }
        std::_Exit(HasFailure() ? 1 : 0);
    }
    registry.open(Access::kRead);
    int status = 1;
    {
        Readers readers(*registry);
        waitpid(child, &status, 0);
        readers.stop();
        EXPECT_GT(readers.batches(), 0);
    }
    EXPECT_EQ(status, 0);
}

class CommitCount : public BulkSink {
public:
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome /*outcome*/) override {}
    void on_commit(const BulkCounts& so_far) override { commits = so_far.commits; }
    std::atomic<std::uint64_t> commits = 0;
};

TEST(Threads, PutsGetInBetweenTheCommitsOfALoad) {
    TestRegistry registry({"88.1", "88.2"});
    CommitCount sink;
    std::atomic<bool> done = false;
    std::thread loader([&] {
        BulkLoad load(*registry, {.batch_count_max = 100}, sink);
        for (int i = 0; !done; ++i) {
            const WholeRecord record("88.2/" + std::to_string(100'000'000 + i), "x");
            BulkRecord bulk;
            bulk.record = record.pack();
            ASSERT_TRUE(load.add(bulk));
        }
    });
    while (sink.commits < 5) std::this_thread::yield();
    const std::uint64_t before = sink.commits;
    for (int i = 0; i < 20; ++i) registry.put("88.1/" + std::to_string(i), "x");
    const std::uint64_t after = sink.commits;
    done = true;
    loader.join();
    EXPECT_LE(after - before, 100U);
    EXPECT_EQ(registry.verify_text(), "clean");
}

}  // namespace
}  // namespace idnode::registry
