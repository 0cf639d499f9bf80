// scale_bench: the registry alone under many reader threads, and the disk alone under as many
// (bench/scale/run.sh).
//
// `lookups` draws identifiers evenly from a generated set, looks them up in batches and compares
// every record with what the set says; `disk` reads whole pages of a file at random places past the
// page cache. Both run for a while before they count, and give one JSON document.

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/layout.h"
#include "bench/mixes.h"
#include "bench/program.h"
#include "registry/registry.h"
#include "registry/registry_parts.h"
#include "registry/snapshot.h"

namespace idnode::bench {
namespace {

constexpr std::string_view kProgram = "scale_bench";

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr std::size_t kPage = 4'096;
constexpr std::size_t kBatchMax = 64;
constexpr auto kIndexWaitMax = std::chrono::minutes(20);
constexpr double kReportEvery = 10;  // Seconds.

struct Arguments {
    std::string registry;
    std::string file;
    int mix = 0;
    MixOptions set;
    std::uint64_t query_seed = 1;
    unsigned threads = 64;
    std::size_t batch = 32;
    double settle = 180;
    double seconds = 60;
};

// Counters of this process and of the disk that a file lies on; nothing: the system does not tell.
struct Counters {
    std::uint64_t done = 0;
    std::uint64_t major_faults = 0;
    std::optional<std::uint64_t> read_bytes;
    std::optional<std::uint64_t> device_reads;
    steady_clock::time_point time;
};

std::optional<std::uint64_t> bytes_read_by_us() {
    std::ifstream in("/proc/self/io");
    std::string name;
    std::uint64_t value = 0;
    while (in >> name >> value) {
        if (name == "read_bytes:") return value;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> reads_of_device(const std::string& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;
    std::ifstream in(
        fmt::format("/sys/dev/block/{}:{}/stat", ::major(status.st_dev), ::minor(status.st_dev)));
    std::uint64_t reads = 0;
    if (in >> reads) return reads;
    return std::nullopt;
}

// Threads that repeat one step each until they are told to end, and what they did meanwhile.
class Crew {
public:
    // Gives how much it did; nothing: something is wrong, see Crew::fail.
    using Step = std::function<std::optional<std::uint64_t>()>;

    ~Crew() { end(); }

    void add(const std::function<Step(unsigned number)>& make_step) {
        const auto number = static_cast<unsigned>(done_.size());
        done_.push_back(std::make_unique<Count>());
        threads_.emplace_back([this, make_step, number, &count = done_.back()->value] {
            const Step step = make_step(number);
            while (!ended_.load(std::memory_order_relaxed)) {
                const auto done = step();
                if (!done) return;
                count.fetch_add(*done, std::memory_order_relaxed);
            }
        });
    }

    // The first one counts, and ends the others.
    void fail(const std::string& text) {
        const std::lock_guard lock(mutex_);
        if (fault_.empty()) fault_ = text;
        ended_ = true;
    }

    void end() {
        ended_ = true;
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

    [[nodiscard]] std::string fault() const {
        const std::lock_guard lock(mutex_);
        return fault_;
    }
    [[nodiscard]] bool has_ended() const { return ended_; }

    [[nodiscard]] Counters counters(const std::string& file) const {
        Counters now;
        for (const auto& count : done_) now.done += count->value.load(std::memory_order_relaxed);
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        now.major_faults = static_cast<std::uint64_t>(usage.ru_majflt);
        now.read_bytes = bytes_read_by_us();
        now.device_reads = reads_of_device(file);
        now.time = steady_clock::now();
        return now;
    }

private:
    struct alignas(64) Count {
        std::atomic<std::uint64_t> value = 0;
    };

    std::vector<std::unique_ptr<Count>> done_;
    std::vector<std::thread> threads_;
    std::atomic<bool> ended_ = false;
    mutable std::mutex mutex_;
    std::string fault_;
};

// Lets the crew work for so long and says how far it is; ends early when the crew has ended.
void watch(const Crew& crew, const std::string& file, const char* what, double seconds) {
    const auto start = steady_clock::now();
    Counters last = crew.counters(file);
    for (;;) {
        const double gone = duration<double>(steady_clock::now() - start).count();
        if (gone >= seconds || crew.has_ended()) return;
        std::this_thread::sleep_for(duration<double>(std::min(0.05, seconds - gone)));
        const Counters now = crew.counters(file);
        const double since = duration<double>(now.time - last.time).count();
        if (since < kReportEvery) continue;
        fmt::print(stderr, "{}: {:.0f} a second, {:.0f} s left\n", what,
                   static_cast<double>(now.done - last.done) / since, seconds - gone);
        last = now;
    }
}

std::string per_item(std::optional<std::uint64_t> after, std::optional<std::uint64_t> before,
                     std::uint64_t items) {
    if (!after || !before || items == 0) return "null";
    return fmt::format("{:.5f}",
                       static_cast<double>(*after - *before) / static_cast<double>(items));
}

std::string json_of(const Counters& before, const Counters& after, const Arguments& arguments) {
    const double seconds = duration<double>(after.time - before.time).count();
    const std::uint64_t done = after.done - before.done;
    return fmt::format(
        R"({{"threads":{},"settled_seconds":{:.0f},"seconds":{:.1f},"done":{},"per_second":{:.0f},)"
        R"("device_reads_each":{},"read_bytes_each":{},"major_faults_each":{}}})"
        "\n",
        arguments.threads, arguments.settle, seconds, done, static_cast<double>(done) / seconds,
        per_item(after.device_reads, before.device_reads, done),
        per_item(after.read_bytes, before.read_bytes, done),
        per_item(after.major_faults, before.major_faults, done));
}

int run_crew(Crew& crew, const Arguments& arguments, const std::string& file, const char* what) {
    watch(crew, file, "settling", arguments.settle);
    const Counters before = crew.counters(file);
    watch(crew, file, what, arguments.seconds);
    const Counters after = crew.counters(file);
    crew.end();
    if (const std::string fault = crew.fault(); !fault.empty()) return complain(kProgram, fault);
    fmt::print("{}", json_of(before, after, arguments));
    return 0;
}

bool is_value(const registry::StoredValue& stored, const ItemValue& expected) {
    if (stored.index != expected.index || stored.type != expected.type) return false;
    std::string data;
    for (std::size_t i = 0; i < stored.piece_count; ++i) {
        const ByteSpan piece = stored.pieces[i];
        data.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    std::string_view rest = data;
    for (const std::string_view piece : expected.pieces) {
        if (!rest.starts_with(piece)) return false;
        rest.remove_prefix(piece.size());
    }
    return rest.empty();
}

// One thread's reader, and the items that it asks for.
class Looker {
public:
    Looker(registry::Registry& registry, const Mix& mix, const Arguments& arguments,
           unsigned number)
        : mix_(mix),
          items_reader_(mix),
          reader_(registry),
          seed_(hash64(arguments.query_seed, number)),
          batch_(arguments.batch),
          items_(batch_),
          identifiers_(batch_),
          lookups_(std::make_unique<registry::Lookup[]>(batch_)) {}

    // What is wrong with an answer; nothing: all are right.
    std::optional<std::string> look() {
        for (std::size_t i = 0; i < batch_; ++i) {
            items_reader_.read(scaled(hash64(seed_, asked_++), mix_.count()), items_[i]);
            identifiers_[i].assign(items_[i].identifier.view());
            lookups_[i].identifier = &identifiers_[i];
        }
        auto snapshot = reader_.snapshot();
        if (!snapshot) return "no snapshot of the registry";
        snapshot->find_batch({lookups_.get(), batch_});
        for (std::size_t i = 0; i < batch_; ++i) {
            if (!is_right(lookups_[i], items_[i])) {
                return fmt::format("a wrong answer for {}", items_[i].identifier.view());
            }
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] bool is_right(const registry::Lookup& lookup, const Item& item) const {
        if (lookup.outcome != registry::Outcome::kFound) return false;
        const registry::Record& record = lookup.record;
        if (record.fields.identifier != item.identifier.view()) return false;
        registry::ValueCursor stored = record.values();
        registry::StoredValue value;
        const ItemValues values(layout_of(mix_.options().kind), item);
        for (const ItemValue& expected : values.list()) {
            if (!stored.next(value) || value.timestamp != item.timestamp) return false;
            if (!is_value(value, expected)) return false;
        }
        return !stored.next(value) && stored.ok();
    }

    const Mix& mix_;
    MixReader items_reader_;
    registry::RegistryReader reader_;
    std::uint64_t seed_;
    std::uint64_t asked_ = 0;
    std::size_t batch_;
    std::vector<Item> items_;
    std::vector<FoldedIdentifier> identifiers_;
    std::unique_ptr<registry::Lookup[]> lookups_;
};

bool wait_for_index(registry::Registry& registry) {
    const auto until = steady_clock::now() + kIndexWaitMax;
    while (registry.parts().indexes.version() == 0) {
        if (steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

int measure_lookups(Arguments arguments) {
    arguments.set.kind = static_cast<MixKind>(arguments.mix);
    auto registry = registry::Registry::open(arguments.registry, registry::Access::kRead);
    if (!registry) return complain(kProgram, registry.error().to_string());
    const Checked<Mix> mix = Mix::make(arguments.set);
    if (!mix) return complain(kProgram, mix.error().to_string());
    const registry::BlockIndexKeeper keeper(**registry);
    if (!wait_for_index(**registry))
        return complain(kProgram, "the index of blocks does not come to be");
    Crew crew;
    const auto make_step = [&](unsigned number) -> Crew::Step {
        auto looker = std::make_shared<Looker>(**registry, *mix, arguments, number);
        return [&crew, looker, &arguments]() -> std::optional<std::uint64_t> {
            const auto fault = looker->look();
            if (!fault) return arguments.batch;
            crew.fail(*fault);
            return std::nullopt;
        };
    };
    for (unsigned i = 0; i < arguments.threads; ++i) crew.add(make_step);
    return run_crew(crew, arguments, arguments.registry + "/data.mdb", "lookups");
}

int measure_disk(const Arguments& arguments) {
    const int file = ::open(arguments.file.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (file < 0)
        return complain(kProgram, "cannot read " + arguments.file + " past the page cache");
    struct stat status {};
    if (::fstat(file, &status) != 0)
        return complain(kProgram, "cannot tell the size of " + arguments.file);
    const auto pages = static_cast<std::uint64_t>(status.st_size) / kPage;
    if (pages == 0) return complain(kProgram, arguments.file + " is shorter than a page");
    Crew crew;
    const auto make_step = [&](unsigned number) -> Crew::Step {
        const std::shared_ptr<void> page(std::aligned_alloc(kPage, kPage), std::free);
        const std::uint64_t seed = hash64(arguments.query_seed, number);
        return [&crew, page, file, pages, seed,
                asked = std::uint64_t{0}]() mutable -> std::optional<std::uint64_t> {
            const auto at = static_cast<off_t>(scaled(hash64(seed, asked++), pages) * kPage);
            if (::pread(file, page.get(), kPage, at) == kPage) return 1;
            crew.fail("cannot read a page");
            return std::nullopt;
        };
    };
    for (unsigned i = 0; i < arguments.threads; ++i) crew.add(make_step);
    const int result = run_crew(crew, arguments, arguments.file, "reads");
    ::close(file);
    return result;
}

void add_common(CLI::App& app, Arguments& arguments) {
    app.add_option("--threads", arguments.threads, "At once (default 64)")
        ->check(CLI::Range(1U, 512U));
    app.add_option("--settle", arguments.settle, "Seconds of work before counting (default 180)")
        ->check(CLI::Range(0.0, 86'400.0));
    app.add_option("--seconds", arguments.seconds, "Seconds counted (default 60)")
        ->check(CLI::Range(0.01, 86'400.0));
    app.add_option("--query-seed", arguments.query_seed, "Of the draw");
}

int run(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("The registry under many reader threads, and the disk under as many.");
    app.footer("Example:\n  scale_bench lookups --registry DIR --mix 3 --count 10000000000");
    app.require_subcommand(1);
    CLI::App& lookups = *app.add_subcommand("lookups", "Of identifiers of a set, all checked");
    lookups.add_option("--registry", arguments.registry, "Holds the set")->required();
    lookups.add_option("--mix", arguments.mix, "0 mixed, 1 best, 2 bad, 3 a national node")
        ->check(CLI::Range(0, 3));
    lookups.add_option("--count", arguments.set.count, "Identifiers in the set");
    lookups.add_option("--seed", arguments.set.seed, "Of the set");
    lookups.add_option("--batch", arguments.batch, "Lookups under one snapshot (default 32)")
        ->check(CLI::Range(std::size_t{1}, kBatchMax));
    add_common(lookups, arguments);
    CLI::App& disk = *app.add_subcommand("disk", "Direct reads of 4 KiB at random places");
    disk.add_option("--file", arguments.file, "To read from")->required();
    add_common(disk, arguments);
    if (const auto code = parse_arguments(app, argc, argv)) return *code;
    return lookups.parsed() ? measure_lookups(arguments) : measure_disk(arguments);
}

}  // namespace
}  // namespace idnode::bench

int main(int argc, char** argv) {
    using namespace idnode::bench;
    return run_program(kProgram, [&] { return run(argc, argv); });
}
