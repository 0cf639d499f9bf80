// answer_bench: what one answered lookup costs, octets in to octets out, without a network.
//
// Draws identifiers evenly from a generated set, hands the requests to the daemon's service in
// batches as a listener does, checks every answer, and prints the time per lookup: the thread's
// CPU time, after as many lookups that bring pages and patterns into memory. Under callgrind the
// instructions of answer_measured() alone are counted (tests/bench/instructions_test.py).

#include <sys/resource.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/program.h"
#include "bench/questions.h"
#include "registry/registry.h"
#include "registry/registry_parts.h"
#include "resolver/handle_service.h"

namespace idnode::bench {
namespace {

constexpr std::string_view kProgram = "answer_bench";

constexpr std::uint32_t kBatchMax = 64;
// Requests made ahead of each timed stretch, so that making them is not timed.
constexpr std::uint32_t kStretch = 256;
// For an answer; more than any of the mixes needs.
constexpr std::size_t kRoomSize = 2'048 + 64;

struct Arguments {
    std::string registry;
    int mix = 0;
    MixOptions set;
    std::uint64_t queries = 1'000'000;
    std::optional<std::uint64_t> warm_up;  // As many as `queries`, if nothing is said.
    std::uint64_t query_seed = 1;
    std::uint32_t batch = 32;
    bool by_cursor = false;
    bool json = false;
};

double thread_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

class AnswerLoad {
public:
    AnswerLoad(const Mix& mix, const Arguments& arguments, resolver::Service& service)
        : batch_(arguments.batch),
          questions_(mix, kStretch, arguments.query_seed, Expect::kRecords),
          service_(service),
          exchanges_(kStretch),
          rooms_(std::size_t{kStretch} * kRoomSize) {}

    // Asks kStretch questions; false when an answer is wrong.
    bool run() {
        for (std::uint32_t i = 0; i < kStretch; ++i) {
            exchanges_[i] = {};
            exchanges_[i].request = questions_.ask(i, 0);
            exchanges_[i].room = std::span(rooms_).subspan(i * kRoomSize, kRoomSize);
        }
        const double start = thread_ns();
        for (std::uint32_t i = 0; i < kStretch; i += batch_) {
            answer_measured(std::span(exchanges_).subspan(i, std::min(batch_, kStretch - i)));
        }
        nanoseconds_ += thread_ns() - start;
        answered_ += kStretch;
        for (const resolver::Exchange& exchange : exchanges_) {
            if (!questions_.take(exchange.room.first(exchange.answer_size), 0)) return false;
        }
        return true;
    }

    void forget_times() {
        nanoseconds_ = 0;
        answered_ = 0;
    }
    [[nodiscard]] double ns_per_lookup() const {
        return nanoseconds_ / static_cast<double>(answered_);
    }
    [[nodiscard]] std::uint64_t answered() const { return answered_; }
    [[nodiscard]] const std::string& fault() const { return questions_.fault(); }

private:
    // A name for callgrind to find.
    [[gnu::noinline]] void answer_measured(std::span<resolver::Exchange> exchanges) {
        service_.answer_batch(exchanges);
    }

    std::uint32_t batch_;
    Questions questions_;
    resolver::Service& service_;
    std::vector<resolver::Exchange> exchanges_;
    std::vector<std::uint8_t> rooms_;
    double nanoseconds_ = 0;
    std::uint64_t answered_ = 0;
};

// Waits for the disk since the process began: measured in memory, there are none.
std::uint64_t major_faults() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_majflt);
}

// At least `count` lookups; false when an answer is wrong.
bool ask(AnswerLoad& load, std::uint64_t count) {
    for (std::uint64_t done = 0; done < count; done += kStretch) {
        if (!load.run()) return false;
    }
    return true;
}

int measure(const Arguments& arguments) {
    auto registry = registry::Registry::open(arguments.registry, registry::Access::kRead);
    if (!registry) return complain(kProgram, registry.error().to_string());
    auto log = resolver::Log::open({});
    if (!log) return complain(kProgram, log.error().to_string());
    std::optional<registry::BlockIndexKeeper> keeper;
    if (!arguments.by_cursor) {
        keeper.emplace(**registry);
        const registry::BlockIndexes& indexes = (*registry)->parts().indexes;
        while (indexes.version() == 0) {
            if (const auto failure = indexes.failure()) {
                return complain(kProgram, (*registry)->problem(*failure).to_string());
            }
            std::this_thread::yield();
        }
    }
    resolver::WorkerStats stats;
    resolver::HandleService service({**registry, stats, *log}, {}, {});
    const Checked<Mix> mix = Mix::make(arguments.set);
    if (!mix) return complain(kProgram, mix.error().to_string());
    AnswerLoad load(*mix, arguments, service);
    bool is_right = ask(load, arguments.warm_up.value_or(arguments.queries));
    load.forget_times();
    const std::uint64_t faults_before = major_faults();
    is_right = is_right && ask(load, arguments.queries);
    if (!is_right) return complain(kProgram, "a wrong answer: " + load.fault());
    const std::uint64_t faults = major_faults() - faults_before;
    const double ns = load.ns_per_lookup();
    if (arguments.json) {
        fmt::print(R"({{"mix":{},"identifiers":{},"answered":{},"ns_per_lookup":{:.1f},)"
                   R"("major_faults":{}}})"
                   "\n",
                   arguments.mix, arguments.set.count, load.answered(), ns, faults);
    } else {
        fmt::print("{} lookups, {:.1f} ns of CPU each, {:.2f} M/s, {} major faults\n",
                   load.answered(), ns, 1'000 / ns, faults);
    }
    return 0;
}

int run(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("What one answered lookup costs, octets in to octets out.");
    app.footer("Example:\n  answer_bench --registry DIR --mix 0 --count 1000000");
    app.add_option("--registry", arguments.registry, "Holds the set")->required();
    app.add_option("--mix", arguments.mix, "0 mixed, 1 best, 2 bad, 3 a national node")
        ->check(CLI::Range(0, 3));
    app.add_option("--count", arguments.set.count, "Identifiers in the set");
    app.add_option("--seed", arguments.set.seed, "Of the set");
    app.add_option("--queries", arguments.queries, "Lookups timed")->check(CLI::PositiveNumber);
    app.add_option("--warm-up", arguments.warm_up, "Lookups before them (default: as many)");
    app.add_option("--query-seed", arguments.query_seed, "Of the draw");
    app.add_option("--batch", arguments.batch, "Lookups that come together")
        ->check(CLI::Range(std::uint32_t{1}, kBatchMax));
    app.add_flag("--by-cursor", arguments.by_cursor, "Without the index of blocks");
    app.add_flag("--json", arguments.json, "One JSON document");
    if (const auto code = parse_arguments(app, argc, argv)) return *code;
    arguments.set.kind = static_cast<MixKind>(arguments.mix);
    return measure(arguments);
}

}  // namespace
}  // namespace idnode::bench

int main(int argc, char** argv) {
    using namespace idnode::bench;
    return run_program(kProgram, [&] { return run(argc, argv); });
}
