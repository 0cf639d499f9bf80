#include "registry/block_index_build.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/core/identifier.h"
#include "registry/block_layout.h"
#include "registry/key.h"

namespace idnode::registry {
namespace {

constexpr auto kSnapshotTime = std::chrono::seconds(1);
// Keys between two looks at the clock.
constexpr std::size_t kKeysPerLook = 1'024;
// Journal entries behind which following costs more than a new index.
constexpr std::uint64_t kFollowCountMax = 100'000;

struct NamedPrefix {
    std::string start;  // Folded, with the "/".
    std::uint32_t number = 0;
};

std::vector<NamedPrefix> sorted_prefixes(const PrefixesAt& prefixes) {
    std::unordered_map<std::uint32_t, std::string> names;
    const auto take = [&](const PrefixView& prefix) {
        std::string start(prefix.name);
        std::ranges::transform(start, start.begin(), fold_ascii);
        names.insert_or_assign(prefix.number, start + "/");
    };
    prefixes.table->for_each(take);
    prefixes.changed->for_each(take);
    std::vector<NamedPrefix> sorted;
    sorted.reserve(names.size());
    for (auto& [number, start] : names) sorted.push_back({std::move(start), number});
    std::ranges::sort(sorted, {}, &NamedPrefix::start);
    return sorted;
}

// Takes the keys in order and lays out the runs.
class IndexDraft {
public:
    explicit IndexDraft(std::vector<NamedPrefix> prefixes) : prefixes_(std::move(prefixes)) {
        std::uint32_t number_max = 0;
        for (const NamedPrefix& prefix : prefixes_) {
            number_max = std::max(number_max, prefix.number);
        }
        runs_.resize(std::size_t{number_max} + 1);
    }

    void add(std::string_view key, ByteSpan block) {
        while (at_ < prefixes_.size() && key >= prefixes_[at_].start &&
               !key.starts_with(prefixes_[at_].start)) {
            end_run();
        }
        if (at_ < prefixes_.size() && key.starts_with(prefixes_[at_].start)) {
            ends_.push_back(keys_.append(key.substr(prefixes_[at_].start.size())).size());
        }
        blocks_.push_back({0, block.data(), false, block.size() > kBlockSize});
    }

    std::shared_ptr<BlockIndex> finish(std::uint64_t base) {
        while (at_ < prefixes_.size()) end_run();
        return std::make_shared<BlockIndex>(base, std::move(runs_), std::move(shapes_), blocks_);
    }

private:
    // The run of the prefix in hand is whole; goes to the next prefix.
    void end_run() {
        BlockIndex::Run& run = runs_[prefixes_[at_].number];
        run.first = static_cast<std::uint32_t>(blocks_.size() - ends_.size());
        run.count = static_cast<std::uint32_t>(ends_.size());
        if (run.count != 0) number_keys(run);
        keys_.clear();
        ends_.clear();
        ++at_;
    }

    void number_keys(BlockIndex::Run& run) {
        std::vector<std::string_view> keys;
        std::size_t start = 0;
        for (const std::size_t end : ends_) {
            keys.push_back(std::string_view(keys_).substr(start, end - start));
            start = end;
        }
        run.shape = shape_number(IndexShape(keys));
        const IndexShape& shape = shapes_[run.shape];
        for (std::size_t i = 0; i < keys.size(); ++i) {
            BlockIndex::Found& block = blocks_[run.first + i];
            block.bound = shape.number_of(keys[i]);
            block.is_cut = !shape.covers(keys[i]);
        }
    }

    std::uint32_t shape_number(const IndexShape& shape) {
        const auto next = static_cast<std::uint32_t>(shapes_.size());
        const auto [found, is_new] = shape_numbers_.try_emplace(shape.identity(), next);
        if (is_new) shapes_.push_back(shape);
        return found->second;
    }

    std::vector<NamedPrefix> prefixes_;
    std::size_t at_ = 0;  // The prefix in hand: no key before it is left.
    std::string keys_;    // Suffixes of the keys of its run, one behind the other.
    std::vector<std::size_t> ends_;
    std::vector<BlockIndex::Run> runs_;
    std::vector<IndexShape> shapes_;
    std::unordered_map<std::string, std::uint32_t> shape_numbers_;
    std::vector<BlockIndex::Found> blocks_;
};

// Gives the keys one after the other, under a new snapshot every second.
class KeyWalkInSlices {
public:
    explicit KeyWalkInSlices(lmdb::ReadTxn& txn) : txn_(txn) {}

    Result<std::optional<lmdb::Entry>> next() {
        if (!cursor_) return first();
        if (++taken_ % kKeysPerLook == 0 &&
            std::chrono::steady_clock::now() - opened_ > kSnapshotTime) {
            if (auto renewed = renew(); !renewed) return tl::unexpected(renewed.error());
            const auto found = cursor_->seek(to_bytes(last_key_));
            if (!found || !*found || to_text((*found)->key) != last_key_) return keep(found);
        }
        return keep(cursor_->next());
    }

private:
    Result<std::optional<lmdb::Entry>> first() {
        auto opened = lmdb::Cursor::open(txn_, lmdb::Table::kIds);
        if (!opened) return tl::unexpected(opened.error());
        cursor_.emplace(std::move(*opened));
        opened_ = std::chrono::steady_clock::now();
        return keep(cursor_->first());
    }

    Result<Done> renew() {
        txn_.reset();
        if (auto renewed = txn_.renew(); !renewed) return renewed;
        opened_ = std::chrono::steady_clock::now();
        return cursor_->renew(txn_);
    }

    Result<std::optional<lmdb::Entry>> keep(const Result<std::optional<lmdb::Entry>>& found) {
        if (!found || !*found) return found;
        const std::string_view key = to_text((*found)->key);
        // Damaged pages may lead back, and round and round.
        if (!last_key_.empty() && key <= last_key_) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "order of blocks"});
        }
        last_key_ = key;
        return found;
    }

    lmdb::ReadTxn& txn_;
    std::optional<lmdb::Cursor> cursor_;
    std::string last_key_;
    std::size_t taken_ = 0;
    std::chrono::steady_clock::time_point opened_;
};

// Marks what one entry names. False: it cannot be told.
bool mark_entry(BlockIndex& index, const JournalEntry& entry, const PrefixesAt& prefixes) {
    BlockIndex::Change change = BlockIndex::Change::kDelete;
    std::string_view last = entry.last;
    switch (entry.action) {
        case JournalAction::kCreate:
        case JournalAction::kUpdate:
            change = BlockIndex::Change::kPut;
            last = entry.first;
            break;
        case JournalAction::kDelete:
            last = entry.first;
            break;
        case JournalAction::kSpan:
            break;
        case JournalAction::kHome:
        case JournalAction::kUnhome:
        case JournalAction::kPrefix:
        case JournalAction::kPattern:
            return true;
        default:
            return false;
    }
    const FoldedIdentifier first_folded(entry.first);
    const FoldedIdentifier last_folded(last);
    const auto prefix = prefixes.find(first_folded.prefix());
    if (!prefix || first_folded.prefix() != last_folded.prefix()) return false;
    return index.mark(prefix->number, first_folded.suffix(), last_folded.suffix(), change);
}

}  // namespace

Result<std::shared_ptr<BlockIndex>> build_block_index(RegistryParts& parts,
                                                      const std::stop_token& stop) {
    auto txn = lmdb::ReadTxn::begin(parts.environment);
    if (!txn) return tl::unexpected(txn.error());
    auto state = read_state(*txn);
    if (!state) return tl::unexpected(state.error());
    const auto prefixes = parts.prefixes.at(*txn, *state);
    if (!prefixes) return tl::unexpected(prefixes.error());
    IndexDraft draft(sorted_prefixes(**prefixes));
    KeyWalkInSlices walk(*txn);
    auto entry = walk.next();
    for (; entry && *entry; entry = walk.next()) {
        if (stop.stop_requested()) return nullptr;
        const ByteSpan block = (*entry)->value;
        if (!BlockIndex::can_point_to(block)) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "place of a block"});
        }
        draft.add(to_text((*entry)->key), block);
    }
    if (!entry) return tl::unexpected(entry.error());
    return draft.finish(state->journal_sequence);
}

Result<Done> follow_journal(BlockIndex& index, const lmdb::ReadTxn& txn, const MetaState& state,
                            const PrefixesAt& prefixes) {
    const std::uint64_t from = index.followed();
    if (state.journal_sequence <= from || index.given_up()) return Done{};
    if (state.journal_sequence - from > kFollowCountMax) return index.give_up(), Done{};
    auto cursor = lmdb::Cursor::open(txn, lmdb::Table::kJournal);
    if (!cursor) return tl::unexpected(cursor.error());
    std::uint64_t sequence = from;
    auto found = cursor->seek(journal_key(from + 1));
    for (; found && *found; found = cursor->next()) {
        const auto entry = decode_journal_entry((*found)->value);
        const bool is_next = read_journal_key((*found)->key) == ++sequence;
        if (!entry || !is_next || !mark_entry(index, *entry, prefixes)) {
            index.give_up();
            return Done{};
        }
    }
    if (!found) return tl::unexpected(found.error());
    if (sequence != state.journal_sequence) return index.give_up(), Done{};
    index.set_followed(sequence);
    return Done{};
}

}  // namespace idnode::registry
