// The writer killed at random moments of puts and bulk loads: no acknowledged change is lost, none
// is half there. IDNODE_KILL_ROUNDS says how many rounds (20).
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "registry/bulk_load.h"
#include "registry/walk.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

std::string name_of(int number) { return "88.1/" + std::to_string(1'000'000 + number); }
std::string text_of(int number) {
    return "value " + std::to_string(number) +
           std::string(static_cast<std::size_t>(number % 90), '.');
}

// Tells the parent what is durable.
class Acknowledgements : public BulkSink {
public:
    explicit Acknowledgements(int pipe, int first) : pipe_(pipe), first_(first) {}
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome /*outcome*/) override {}
    void on_commit(const BulkCounts& so_far) override {
        tell(first_ + static_cast<int>(so_far.records));
    }
    // All below `end` are there.
    void tell(int end) const {
        if (write(pipe_, &end, sizeof end) != sizeof end) std::_Exit(1);
    }

private:
    int pipe_;
    int first_;
};

void put_for_ever(Registry& registry, int first, const Acknowledgements& acknowledgements) {
    for (int i = first;; ++i) {
        const WholeRecord record(name_of(i), text_of(i));
        Change change;
        change.record = record.pack();
        auto writer = Writer::begin(registry, Origin::kCommand);
        if (!writer || !writer->apply({&change, 1}) || !std::move(*writer).commit()) std::_Exit(1);
        acknowledgements.tell(i + 1);
    }
}

void load_for_ever(Registry& registry, int first, Acknowledgements& acknowledgements) {
    BulkLoad load(registry, {.batch_count_max = 700}, acknowledgements);
    for (int i = first;; ++i) {
        const WholeRecord record(name_of(i), text_of(i));
        BulkRecord bulk;
        bulk.record = record.pack();
        if (!load.add(bulk)) std::_Exit(1);
    }
}

struct Killed {
    int acknowledged = 0;
    int signal = 0;
};

// Lets a child write from `first` on and kills it `delay_ms` after its first acknowledgement.
Killed write_and_kill(const std::string& path, int first, bool bulk, int delay_ms) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
        ::close(ends[0]);
        auto registry = Registry::open(path, Access::kWrite);
        if (!registry) std::_Exit(1);
        Acknowledgements acknowledgements(ends[1], first);
        if (bulk) load_for_ever(**registry, first, acknowledgements);
        put_for_ever(**registry, first, acknowledgements);
    }
    ::close(ends[1]);
    Killed killed{first, 0};
    const auto read_one = [&] {
        return read(ends[0], &killed.acknowledged, sizeof(int)) == sizeof(int);
    };
    if (read_one()) {
        // Not a wait for something to happen: the random moment itself.
        poll(nullptr, 0, delay_ms);
    }
    kill(child, SIGKILL);
    while (read_one()) {
    }
    ::close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    killed.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return killed;
}

// The records are those below some end, each whole; gives the end.
int check_records(Registry& registry) {
    RecordWalk walk(registry, {});
    int end = 0;
    while (true) {
        const auto more = walk.next();
        EXPECT_TRUE(more) << more.error().where;
        if (!more || !*more) return end;
        EXPECT_EQ(walk.folded(), name_of(end));
        EXPECT_EQ(to_plain_text(walk.record()), "URL@1=" + text_of(end));
        ++end;
    }
}

TEST(KillWriter, LosesNothingAcknowledged) {
    const char* const asked = std::getenv("IDNODE_KILL_ROUNDS");
    const int rounds = asked != nullptr ? std::atoi(asked) : 20;
    TestRegistry registry;
    std::mt19937 random(20'261'124);
    int next = 0;
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
        registry.close();
        const int delay_ms = static_cast<int>(random() % 40);
        const Killed killed = write_and_kill(registry.path(), next, round % 2 == 1, delay_ms);
        ASSERT_EQ(killed.signal, SIGKILL);
        ASSERT_GT(killed.acknowledged, next) << "round " << round;
        registry.open();
        next = check_records(*registry);
        EXPECT_GE(next, killed.acknowledged) << "round " << round;
        EXPECT_EQ(registry.verify_text(), "clean") << "round " << round;
        EXPECT_EQ(registry->info()->identifiers, static_cast<std::uint64_t>(next));
    }
}

}  // namespace
}  // namespace idnode::registry
