// The registry by itself: sorted load, lookups in batches of 32 as a worker does them, durable
// puts.
//
// Records: serial numbers with gaps under 50 prefixes, a pattern for all, an own value for one in
// ten. The registry lies in the temporary directory (TMPDIR) and is gone afterwards.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "protocol/core/check.h"
#include "registry/bulk_load.h"
#include "registry/own_values.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "registry/writer.h"

namespace idnode::registry {
namespace {

constexpr int kPrefixes = 50;
constexpr std::uint32_t kTime = 1'700'000'000;
constexpr std::size_t kBatch = 32;

std::string name_of(int prefix, std::int64_t number) {
    return fmt::format("88.118.{}/SN2023A{:09}", 100 + prefix, number);
}

class NoSink : public BulkSink {
public:
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome /*outcome*/) override {}
    void on_commit(const BulkCounts& /*so_far*/) override {}
};

Pattern sample_pattern() {
    Pattern pattern;
    pattern.values.push_back(
        {1,
         0,
         14,
         86'400,
         "URL",
         std::string(4, '\0'),
         {{PieceKind::kLiteral, 0, "https://id.example/"}, {PieceKind::kSuffix, 0, {}}}});
    pattern.values.push_back({2,
                              0,
                              14,
                              86'400,
                              "EMAIL",
                              std::string(4, '\0'),
                              {{PieceKind::kLiteral, 0, "contact@id.example"}}});
    return pattern;
}

std::string own_value() {
    handle::ValueView view;
    view.index = 3;
    view.type = "BATCH";
    view.data = to_bytes(std::string_view("B1234567"));
    view.timestamp = kTime;
    std::string own;
    encode_own_values({&view, 1}, kTime, own);
    return own;
}

// A directory that goes with the object.
class Scratch {
public:
    Scratch() {
        std::string path = std::filesystem::temp_directory_path() / "idnode-bench-XXXXXX";
        IDN_CHECK(::mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] std::string path() const { return path_; }

private:
    std::string path_;
};

void write_serial(std::int64_t number, std::string& name) {
    for (std::size_t at = name.size(); at > name.size() - 9; --at, number /= 10) {
        name[at - 1] = static_cast<char>('0' + number % 10);
    }
}

void load(Registry& registry, std::int64_t count) {
    NoSink sink;
    BulkLoad bulk_load(registry, {.add_prefixes = true}, sink);
    const BulkPattern pattern = bulk_load.declare_pattern(sample_pattern());
    const std::string own = own_value();
    BulkRecord bulk;
    bulk.pattern = pattern;
    bulk.record.fields.time = kTime;
    for (int prefix = 0; prefix < kPrefixes; ++prefix) {
        std::string name = name_of(prefix, 0);
        for (std::int64_t i = 0; i < count / kPrefixes; ++i) {
            write_serial(i * 10 / 9, name);  // One in ten is missing.
            bulk.record.folded = name;
            bulk.record.fields.identifier = name;
            bulk.record.fields.own = i % 10 == 0 ? to_bytes(own) : ByteSpan{};
            IDN_CHECK(bulk_load.add(bulk));
        }
    }
    IDN_CHECK(bulk_load.flush());
}

std::unique_ptr<Registry> loaded(const std::string& path, std::int64_t count) {
    auto registry = Registry::init(path + "/registry");
    IDN_CHECK(registry);
    load(**registry, count);
    return std::move(*registry);
}

void load_sorted(benchmark::State& state) {
    std::int64_t loads = 0;
    while (state.KeepRunning()) {
        const Scratch scratch;
        const auto registry = loaded(scratch.path(), state.range(0));
        ++loads;
        const auto info = registry->info();
        state.counters["B/id"] =
            static_cast<double>(info->used_size) / static_cast<double>(info->identifiers);
    }
    state.SetItemsProcessed(loads * state.range(0));
}
BENCHMARK(load_sorted)->Arg(20'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void find(benchmark::State& state, std::int64_t step, Outcome expected) {
    const Scratch scratch;
    const std::int64_t count = state.range(0);
    const auto registry = loaded(scratch.path(), count);
    RegistryReader reader(*registry);
    std::mt19937_64 random(1);
    std::vector<FoldedIdentifier> names(kBatch * 1'024);
    for (FoldedIdentifier& name : names) {
        const auto i =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count / kPrefixes));
        name.assign(name_of(static_cast<int>(random() % kPrefixes), i * 10 / 9 * step + step - 1));
    }
    auto lookups = std::make_unique<Lookup[]>(kBatch);
    std::size_t at = 0;
    while (state.KeepRunning()) {
        for (std::size_t i = 0; i < kBatch; ++i) lookups[i].identifier = &names[at + i];
        at = (at + kBatch) % names.size();
        auto snapshot = reader.snapshot();
        IDN_CHECK(snapshot);
        snapshot->find_batch({lookups.get(), kBatch});
        for (std::size_t i = 0; i < kBatch; ++i) IDN_CHECK(lookups[i].outcome == expected);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

void find_present(benchmark::State& state) { find(state, 1, Outcome::kFound); }
BENCHMARK(find_present)->Arg(20'000)->Arg(1'000'000);

// Numbers beyond the last.
void find_absent(benchmark::State& state) { find(state, 100'000, Outcome::kAbsent); }
BENCHMARK(find_absent)->Arg(20'000)->Arg(1'000'000);

void put_durable(benchmark::State& state) {
    const Scratch scratch;
    const auto registry = loaded(scratch.path(), state.range(0));
    std::mt19937_64 random(2);
    const std::string own = own_value();
    while (state.KeepRunning()) {
        const auto number = static_cast<std::int64_t>(random() % 900'000'000);
        const std::string name = name_of(static_cast<int>(random() % kPrefixes), number);
        Change change;
        change.record.folded = name;
        change.record.fields.identifier = name;
        change.record.fields.time = kTime;
        change.record.fields.own = to_bytes(own);
        auto writer = Writer::begin(*registry, Origin::kCommand);
        IDN_CHECK(writer && writer->apply({&change, 1}) && std::move(*writer).commit());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(put_durable)->Arg(20'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace idnode::registry

BENCHMARK_MAIN();
