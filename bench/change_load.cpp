#include "bench/change_load.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "bench/load.h"
#include "protocol/core/identifier.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "registry/writer.h"

namespace idnode::bench {
namespace {

using registry::Change;
using registry::ChangeKind;

tl::unexpected<Problem> problem(std::string text) {
    return tl::unexpected(
        Problem{.file = {}, .line = 0, .column = 0, .text = std::move(text), .remedy = {}});
}

std::string folded_of(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

// What one change points into.
struct OwnedChange {
    std::string identifier;
    std::string folded;
    registry::PatternRef pattern;
    std::uint32_t time = 0;
    std::vector<std::string> columns;
    std::vector<std::string_view> column_views;
    std::string own;

    Change change(ChangeKind kind) {
        column_views.assign(columns.begin(), columns.end());
        Change change;
        change.kind = kind;
        change.record.folded = folded;
        change.record.fields = {identifier, time, pattern, column_views, to_bytes(own)};
        return change;
    }
};

// One transaction; gives how long it took.
Checked<double> commit(registry::Registry& registry, std::span<Change> changes) {
    const std::int64_t start = now_ns();
    auto writer = registry::Writer::begin(registry, registry::Origin::kCommand);
    if (!writer) return tl::unexpected(registry.problem(writer.error()));
    const auto applied = writer->apply(changes, {.existing = registry::ExistingPolicy::kReplace});
    if (!applied) return tl::unexpected(registry.problem(applied.error()));
    const auto committed = std::move(*writer).commit();
    if (!committed) return tl::unexpected(registry.problem(committed.error()));
    return static_cast<double>(now_ns() - start) / 1e9;
}

class RandomChanger {
public:
    RandomChanger(registry::Registry& registry, const Mix& mix, const RandomChanges& options)
        : registry_(registry), mix_(mix), options_(options), items_(mix), reader_(registry) {}

    Checked<ChangesDone> run() {
        const std::int64_t start = now_ns();
        const std::int64_t end = start + static_cast<std::int64_t>(options_.seconds * 1e9);
        while (now_ns() < end) {
            // Commits fall due at even intervals; one that is late follows at once.
            const auto due = start + static_cast<std::int64_t>(done_.changes * 1'000'000'000 /
                                                               options_.per_second);
            if (const std::int64_t early = due - now_ns(); early > 0) {
                std::this_thread::sleep_for(std::chrono::nanoseconds(early));
            }
            if (auto stepped = step(); !stepped) return tl::unexpected(stepped.error());
        }
        done_.seconds = static_cast<double>(now_ns() - start) / 1e9;
        return done_;
    }

private:
    Checked<void> step() {
        std::map<std::string, OwnedChange> puts;
        while (puts.size() < std::max<std::uint64_t>(options_.per_commit / 2, 1)) {
            if (auto put = draw()) puts.insert_or_assign(put->folded, std::move(*put));
        }
        // What was put by the commit before goes again.
        std::map<std::string, std::pair<ChangeKind, OwnedChange*>> all;
        for (auto& [folded, put] : before_) all[folded] = {ChangeKind::kDelete, &put};
        for (auto& [folded, put] : puts) all[folded] = {ChangeKind::kPut, &put};
        std::vector<Change> changes;
        changes.reserve(all.size());
        for (auto& [folded, one] : all) changes.push_back(one.second->change(one.first));
        const auto took = commit(registry_, changes);
        if (!took) return tl::unexpected(took.error());
        done_.commit_seconds_max = std::max(done_.commit_seconds_max, *took);
        done_.changes += changes.size();
        ++done_.commits;
        before_ = std::move(puts);
        return {};
    }

    // The number behind that of an identifier of the set, where the set leaves it free, with that
    // one's record. Nothing: this draw had none.
    std::optional<OwnedChange> draw() {
        const std::uint64_t index = scaled(hash64(options_.seed, drawn_++), mix_.count());
        if (index + 1 >= mix_.count()) return std::nullopt;
        items_.read_identifier(index, item_);
        const std::string known(item_.identifier.view());
        std::string free = known;
        if (free.back() < '0' || free.back() >= '9') return std::nullopt;
        ++free.back();
        items_.read_identifier(index + 1, item_);
        if (item_.identifier.view() == free) return std::nullopt;
        return neighbour_of(known, std::move(free));
    }

    std::optional<OwnedChange> neighbour_of(const std::string& known, std::string free) {
        const FoldedIdentifier folded(known);
        lookup_->identifier = &folded;
        auto snapshot = reader_.snapshot();
        if (!snapshot) return std::nullopt;
        snapshot->find_batch({lookup_.get(), 1});
        if (lookup_->outcome != registry::Outcome::kFound) return std::nullopt;
        const registry::RecordFields& fields = lookup_->record.fields;
        OwnedChange put;
        put.folded = folded_of(free);
        put.identifier = std::move(free);
        put.pattern = fields.pattern;
        put.time = fields.time;
        put.columns.assign(fields.columns.begin(), fields.columns.end());
        put.own = to_text(fields.own);
        return put;
    }

    registry::Registry& registry_;
    const Mix& mix_;
    const RandomChanges& options_;
    MixReader items_;
    registry::RegistryReader reader_;
    std::unique_ptr<registry::Lookup> lookup_ = std::make_unique<registry::Lookup>();
    Item item_;
    std::uint64_t drawn_ = 0;
    std::map<std::string, OwnedChange> before_;
    ChangesDone done_;
};

registry::Pattern run_pattern() {
    using registry::PieceKind;
    registry::Pattern pattern;
    pattern.values.push_back(
        {1,
         0,
         14,
         86'400,
         "URL",
         std::string(4, '\0'),
         {{PieceKind::kLiteral, 0, "https://id.example.com/"}, {PieceKind::kIdentifier, 0, {}}}});
    return pattern;
}

// In a transaction of its own, so that a run is nothing but its span.
Checked<registry::PatternRef> add_pattern(registry::Registry& registry, std::string_view prefix) {
    auto writer = registry::Writer::begin(registry, registry::Origin::kImport);
    if (!writer) return tl::unexpected(registry.problem(writer.error()));
    const auto pattern = writer->add_pattern(prefix, run_pattern());
    if (!pattern) return tl::unexpected(registry.problem(pattern.error()));
    const auto committed = std::move(*writer).commit();
    if (!committed) return tl::unexpected(registry.problem(committed.error()));
    return *pattern;
}

// One run in one transaction; gives how long that took, without the making of the identifiers.
Checked<double> put_run(registry::Registry& registry, std::string_view prefix,
                        registry::PatternRef pattern, std::uint64_t size) {
    std::vector<OwnedChange> owned(size);
    std::vector<Change> changes;
    changes.reserve(size);
    for (std::uint64_t i = 0; i < size; ++i) {
        owned[i].identifier = fmt::format("{}/MIDDLE{:010}", prefix, i);
        owned[i].folded = folded_of(owned[i].identifier);
        owned[i].time = 1'700'000'000;
        owned[i].pattern = pattern;
        changes.push_back(owned[i].change(ChangeKind::kPut));
    }
    return commit(registry, changes);
}

Checked<std::unique_ptr<registry::Registry>> open(const std::string& path) {
    return registry::Registry::open(path, registry::Access::kWrite);
}

// One run into a prefix without one, added to `done`.
Checked<Done> put_next_run(registry::Registry& registry, std::string_view prefix,
                           std::uint64_t size, ChangesDone& done) {
    const auto pattern = add_pattern(registry, prefix);
    if (!pattern) return tl::unexpected(pattern.error());
    const auto before = registry.info();
    const auto took = put_run(registry, prefix, *pattern, size);
    if (!took) return tl::unexpected(took.error());
    const auto after = registry.info();
    if (!before || !after) return problem("the registry cannot be read");
    if (after->identifiers != before->identifiers + size) {
        return problem("a run was not new: the registry was used for this before");
    }
    done.journal_entries += after->journal_head - before->journal_head;
    done.changes += size;
    ++done.commits;
    done.seconds += *took;
    done.commit_seconds_max = std::max(done.commit_seconds_max, *took);
    return Done{};
}

}  // namespace

Checked<ChangesDone> change_at_random(const std::string& registry, const Mix& mix,
                                      const RandomChanges& options) {
    const auto opened = open(registry);
    if (!opened) return tl::unexpected(opened.error());
    return RandomChanger(**opened, mix, options).run();
}

Checked<ChangesDone> put_runs(const std::string& registry, const Mix& mix,
                              const MiddleRuns& options) {
    const auto opened = open(registry);
    if (!opened) return tl::unexpected(opened.error());
    std::set<std::size_t> used;
    ChangesDone done;
    for (std::uint64_t drawn = 0; done.commits < options.runs; ++drawn) {
        if (used.size() == mix.enterprises().size()) {
            return problem(fmt::format("the set has only {} enterprises", used.size()));
        }
        const std::size_t at = scaled(hash64(options.seed, drawn), mix.enterprises().size());
        if (!used.insert(at).second) continue;
        const auto put =
            put_next_run(**opened, mix.enterprises()[at].prefix.view(), options.run_size, done);
        if (!put) return tl::unexpected(put.error());
    }
    return done;
}

}  // namespace idnode::bench
