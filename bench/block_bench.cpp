// Blocks alone, without LMDB: packing, finding, loading and walking records of the mixes.
//
// `octets_per_id` counts what a file would take: the page of each block, LMDB's head and the entry
// in its leaf with them.
#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/layout.h"
#include "bench/mixes.h"
#include "protocol/core/identifier.h"
#include "registry/block.h"

namespace idnode::bench {
namespace {

using registry::BlockView;
using registry::PackRecord;

constexpr std::uint64_t kPieceCount = 8;
constexpr std::uint64_t kPieceSize = 50'000;
constexpr std::uint64_t kRecordCount = kPieceCount * kPieceSize;
constexpr std::size_t kUsedMax = registry::kBlockSize * registry::kFillPercentDefault / 100;
constexpr std::size_t kLeafEntrySize = 52;

// Pieces out of a large set, as the packer gets them from a mapped CSV: a pattern for each
// combination of columns that are not empty.
class Run {
public:
    explicit Run(MixKind kind) {
        const auto mix = Mix::make({kind, 100 * kRecordCount, 1});
        if (!mix) std::abort();
        MixReader reader(*mix);
        const Layout layout = layout_of(kind);
        Item item;
        for (std::uint64_t i = 0; i < kRecordCount; ++i) {
            const std::uint64_t index = i / kPieceSize * 100 * kPieceSize + i % kPieceSize;
            reader.read(index, item);
            add(layout, item, static_cast<std::uint32_t>(mix->enterprise_of(index)));
        }
    }
    [[nodiscard]] const std::vector<PackRecord>& records() const { return records_; }

private:
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

    void add(const Layout& layout, const Item& item, std::uint32_t prefix_number) {
        PackRecord record;
        record.folded = keep(item.identifier.view());
        record.fields.identifier = record.folded;
        record.fields.time = item.timestamp;
        record.fields.pattern = {prefix_number, 0};
        std::vector<std::string_view>& columns = columns_.emplace_back();
        unsigned combination = 0;
        for (const Column column : layout.columns) {
            if (column == Column::kIdentifier || column == Column::kTimestamp) continue;
            const std::string_view text = column_text(column, item);
            combination = combination << 1U | (text.empty() ? 0U : 1U);
            if (!text.empty() && column != Column::kSuffix) columns.push_back(keep(text));
        }
        record.fields.pattern.id = static_cast<std::uint16_t>(combination);
        record.fields.columns = columns;
        records_.push_back(record);
    }

    std::deque<std::string> texts_;
    std::deque<std::vector<std::string_view>> columns_;
    std::vector<PackRecord> records_;
};

const Run& run_of(std::int64_t kind) {
    static std::array<std::unique_ptr<Run>, 4> runs;
    auto& run = runs[static_cast<std::size_t>(kind)];
    if (run == nullptr) run = std::make_unique<Run>(static_cast<MixKind>(kind));
    return *run;
}

// Blocks of a run, and which block each record is in.
struct Packed {
    std::vector<std::vector<std::uint8_t>> blocks;
    std::vector<std::uint32_t> block_of;
};

Packed pack(const Run& run) {
    Packed packed;
    registry::BlockPacker packer;
    std::span<const PackRecord> rest = run.records();
    while (!rest.empty()) {
        const auto taken = packer.pack(rest, kUsedMax, packed.blocks.emplace_back());
        if (!taken) std::abort();
        packed.block_of.insert(packed.block_of.end(), *taken,
                               static_cast<std::uint32_t>(packed.blocks.size() - 1));
        rest = rest.subspan(*taken);
    }
    return packed;
}

void pack_blocks(benchmark::State& state) {
    const Run& run = run_of(state.range(0));
    registry::BlockPacker packer;
    std::vector<std::uint8_t> block;
    std::size_t blocks = 0;
    std::size_t used = 0;
    std::size_t numeric = 0;
    while (state.KeepRunning()) {
        blocks = used = numeric = 0;
        std::span<const PackRecord> rest = run.records();
        while (!rest.empty()) {
            const auto taken = packer.pack(rest, kUsedMax, block);
            const auto view = BlockView::open(block);
            ++blocks;
            used += view->used_size();
            numeric += view->key_form() != registry::KeyForm::kFrontCoded ? 1U : 0U;
            rest = rest.subspan(*taken);
        }
    }
    const auto count = static_cast<double>(run.records().size());
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecordCount));
    state.counters["octets_per_id"] =
        static_cast<double>(blocks * (registry::kPageSize + kLeafEntrySize)) / count;
    state.counters["used_per_id"] = static_cast<double>(used) / count;
    state.counters["fill"] = static_cast<double>(used) / static_cast<double>(blocks * kUsedMax);
    state.counters["numeric"] = static_cast<double>(numeric) / static_cast<double>(blocks);
}
BENCHMARK(pack_blocks)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

// Questions in random order, so many that they and their blocks do not fit the near caches.
class Questions {
public:
    explicit Questions(const Run& run) : packed_(pack(run)) {
        std::mt19937_64 random(1);
        for (std::size_t i = 0; i < kQuestionCount; ++i) {
            const std::size_t at = random() % kRecordCount;
            questions_.push_back(
                {FoldedIdentifier(run.records()[at].folded), packed_.block_of[at]});
        }
    }

    struct Question {
        FoldedIdentifier identifier;
        std::uint32_t block;
    };
    const Question& next() { return questions_[next_++ % kQuestionCount]; }
    [[nodiscard]] ByteSpan block(const Question& question) const {
        return packed_.blocks[question.block];
    }

private:
    static constexpr std::size_t kQuestionCount = 8'192;

    Packed packed_;
    std::vector<Question> questions_;
    std::size_t next_ = 0;
};

void find_present(benchmark::State& state) {
    Questions questions(run_of(state.range(0)));
    registry::Record record;
    while (state.KeepRunning()) {
        const auto& question = questions.next();
        const std::string_view folded = question.identifier.text();
        const auto view = BlockView::open(questions.block(question));
        const auto position = view->find(folded);
        if (!position || !position->has_value() || !view->load(**position, folded, record)) {
            state.SkipWithError("a record is missing");
            return;
        }
        benchmark::DoNotOptimize(record.fields.time);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_present)->DenseRange(0, 3);

void find_absent(benchmark::State& state) {
    Questions questions(run_of(state.range(0)));
    std::string other;
    while (state.KeepRunning()) {
        const auto& question = questions.next();
        other = question.identifier.text();
        other.back() = '*';
        const auto position = BlockView::open(questions.block(question))->find(other);
        if (!position || position->has_value()) {
            state.SkipWithError("found what is not there");
            return;
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_absent)->DenseRange(0, 3);

void walk_blocks(benchmark::State& state) {
    const Run& run = run_of(state.range(0));
    const Packed packed = pack(run);
    registry::Record record;
    while (state.KeepRunning()) {
        std::size_t count = 0;
        for (const auto& block : packed.blocks) {
            registry::BlockCursor cursor(*BlockView::open(block));
            for (auto more = cursor.next(record); more && *more; more = cursor.next(record))
                ++count;
        }
        if (count != kRecordCount) {
            state.SkipWithError("a record is missing");
            return;
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecordCount));
}
BENCHMARK(walk_blocks)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace idnode::bench

BENCHMARK_MAIN();
