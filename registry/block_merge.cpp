#include "registry/block_merge.h"

#include <algorithm>
#include <chrono>

#include "registry/key.h"
#include "registry/record_compare.h"

namespace idnode::registry {

namespace {

// Up to so many changes of one call each stand in the journal by themselves.
constexpr std::size_t kSingleEntriesMax = 64;
// Blocks are packed straight from the changes only when so many follow that none can come out
// short.
constexpr std::size_t kLookAhead = kBlockRecordCountMax;

std::uint64_t steady_ns() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// The first change from which on all are puts that were not refused.
std::size_t plain_from(const ChangeRun& changes, std::size_t from, std::size_t to) {
    while (to > from && changes.outcomes[to - 1] == ChangeOutcome::kPending &&
           (changes.flags[to - 1] & kDeleteFlag) == 0) {
        --to;
    }
    return to;
}

// The first record from `from` on that is not below `folded`. Looks twice as far each time, so that
// near ones are found as fast as far ones.
std::size_t first_not_below(std::span<const PackRecord> records, std::size_t from,
                            std::string_view folded) {
    std::size_t step = 1;
    std::size_t low = from;
    while (low + step < records.size() && records[low + step].folded < folded) {
        low += step;
        step *= 2;
    }
    const auto near = records.subspan(low, std::min(step + 1, records.size() - low));
    const auto found = std::ranges::lower_bound(near, folded, {}, &PackRecord::folded);
    return low + static_cast<std::size_t>(found - near.begin());
}

}  // namespace

BlockMerge::BlockMerge(const MergeTargets& targets, MergeBuffers& buffers, ApplyOptions options)
    : targets_(targets),
      buffers_(buffers),
      options_(options),
      used_max_(kBlockSize * static_cast<std::size_t>(std::clamp(options.fill_percent, 10, 100)) /
                100),
      span_(targets.journal) {}

bool BlockMerge::is_full() const {
    return pages_ >= limits_.pages_max ||
           (limits_.deadline_ns != UINT64_MAX && steady_ns() >= limits_.deadline_ns);
}

Result<std::size_t> BlockMerge::apply(const ChangeRun& changes, const MergeLimits& limits) {
    limits_ = limits;
    one_by_one_ = changes.size() <= kSingleEntriesMax;
    std::size_t at = 0;
    while (at < changes.size()) {
        if (changes.outcomes[at] != ChangeOutcome::kPending) {
            ++at;
            continue;
        }
        if (at > 0 && is_full()) break;
        const std::string_view folded = changes.records[at].folded;
        if (auto located = locate(folded); !located) return tl::unexpected(located.error());
        std::size_t to = changes.size();
        if (range_.has_next) {
            const auto rest = changes.records.subspan(at);
            const auto end = std::ranges::lower_bound(rest, std::string_view(range_.next_key), {},
                                                      &PackRecord::folded);
            to = at + static_cast<std::size_t>(end - rest.begin());
        }
        // Blocks between that are not touched end a span of the journal.
        if (range_.key != last_next_key_) span_.finish();
        last_next_key_ = range_.has_next ? range_.next_key : std::string();
        const auto taken = merge_range(changes, at, to);
        if (!taken) return taken;
        at = *taken;
    }
    span_.finish();
    return at;
}

Result<Done> BlockMerge::locate(std::string_view folded) {
    range_ = {};
    first_emitted_ = false;
    last_folded_ = {};
    buffers_.old_records.clear();
    buffers_.arena.clear();
    auto cursor = lmdb::Cursor::open(targets_.txn, lmdb::Table::kIds);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto found = cursor->seek_back(to_bytes(folded));
    if (!found) return tl::unexpected(found.error());
    range_.has_block = found->has_value();
    range_.key = range_.has_block ? to_text((*found)->key) : kFirstBlockKey;
    const auto next = range_.has_block ? cursor->next() : cursor->first();
    if (!next) return tl::unexpected(next.error());
    range_.has_next = next->has_value();
    if (range_.has_next) range_.next_key = to_text((*next)->key);
    return range_.has_block ? read_old((*found)->value) : Result<Done>(Done{});
}

Result<Done> BlockMerge::read_old(ByteSpan stored) {
    if (auto copied = lmdb::copy_out(stored, buffers_.old_block); !copied) return copied;
    const auto block = BlockView::open(buffers_.old_block);
    if (!block) return tl::unexpected(block.error());
    if (!block->checksum_ok()) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "checksum of a block"});
    }
    range_.used_size = block->used_size();
    buffers_.old_records.reserve(block->record_count());
    BlockCursor cursor(*block);
    Arena& arena = buffers_.arena;
    std::string_view before;
    while (true) {
        const auto more = cursor.next(*buffers_.record);
        if (!more) return tl::unexpected(more.error());
        if (!*more) return Done{};
        PackRecord copy{arena.copy(cursor.folded()), buffers_.record->fields};
        copy.fields.identifier = copy.fields.identifier == copy.folded
                                     ? copy.folded
                                     : arena.copy(copy.fields.identifier);
        copy.fields.columns = arena.copy(copy.fields.columns);
        copy.fields.own = arena.copy(copy.fields.own);
        if (!before.empty() && copy.folded <= before) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "order in a block"});
        }
        before = copy.folded;
        buffers_.old_records.push_back(copy);
    }
}

void BlockMerge::note(JournalAction action, const PackRecord& record) {
    span_.add(action, record.fields.identifier, record.folded);
    if (one_by_one_) span_.finish();
}

void BlockMerge::account_added(const ChangeRun& changes, std::size_t at) {
    const PackRecord& record = changes.records[at];
    changes.outcomes[at] = ChangeOutcome::kAdded;
    targets_.counts.on_added(changes.prefix_numbers[at], counted_size(record.fields));
    note(JournalAction::kCreate, record);
}

void BlockMerge::take_new(const ChangeRun& changes, std::size_t at, Merged& merged) {
    if ((changes.flags[at] & kDeleteFlag) != 0) {
        changes.outcomes[at] = ChangeOutcome::kAbsent;
        return;
    }
    account_added(changes, at);
    merged.changed = true;
    buffers_.merged.push_back(changes.records[at]);
}

Result<bool> BlockMerge::same(const PackRecord& old_record, const PackRecord& new_record,
                              std::uint8_t flags) {
    const Pattern* patterns[2] = {nullptr, nullptr};
    const PatternRef refs[2] = {old_record.fields.pattern, new_record.fields.pattern};
    for (std::size_t i = 0; i < 2; ++i) {
        if (refs[i].id == kNoPattern) continue;
        const auto found = buffers_.patterns.find(targets_.txn, refs[i]);
        if (!found) return tl::unexpected(found.error());
        patterns[i] = *found;
    }
    const Times times = (flags & kTimeDefaultedFlag) != 0 ? Times::kNewDefaulted : Times::kCompared;
    return records_equal(old_record.fields, patterns[0], new_record.fields, patterns[1], times);
}

Result<Done> BlockMerge::take_over(const ChangeRun& changes, std::size_t at,
                                   const PackRecord& old_record, Merged& merged) {
    const PackRecord& record = changes.records[at];
    const std::uint32_t prefix_number = changes.prefix_numbers[at];
    const std::int64_t old_size = counted_size(old_record.fields);
    const auto change_old = [&](ChangeOutcome outcome, JournalAction action) {
        changes.outcomes[at] = outcome;
        note(action, record);
        merged.changed = true;
        merged.old_untouched = false;
    };
    if ((changes.flags[at] & kDeleteFlag) != 0) {
        targets_.counts.on_removed(prefix_number, old_size);
        change_old(ChangeOutcome::kDeleted, JournalAction::kDelete);
        return Done{};
    }
    const auto equal = same(old_record, record, changes.flags[at]);
    if (!equal) return tl::unexpected(equal.error());
    if (*equal || options_.existing != ExistingPolicy::kReplace) {
        const bool keep = options_.existing == ExistingPolicy::kKeep;
        changes.outcomes[at] = *equal ? ChangeOutcome::kUnchanged
                               : keep ? ChangeOutcome::kKept
                                      : ChangeOutcome::kRejected;
        buffers_.merged.push_back(old_record);
        return Done{};
    }
    targets_.counts.on_resized(prefix_number, counted_size(record.fields) - old_size);
    change_old(ChangeOutcome::kReplaced, JournalAction::kUpdate);
    buffers_.merged.push_back(record);
    return Done{};
}

Result<BlockMerge::Merged> BlockMerge::merge(const ChangeRun& changes, std::size_t from,
                                             std::size_t to) {
    const std::vector<PackRecord>& old = buffers_.old_records;
    std::vector<PackRecord>& records = buffers_.merged;
    records.clear();
    Merged merged;
    std::size_t old_at = 0;
    std::size_t at = from;
    while (old_at < old.size() && at < to) {
        if (changes.outcomes[at] != ChangeOutcome::kPending) {
            ++at;
            continue;
        }
        const std::string_view folded = changes.records[at].folded;
        const std::size_t below = first_not_below(old, old_at, folded);
        records.insert(records.end(), old.begin() + static_cast<std::ptrdiff_t>(old_at),
                       old.begin() + static_cast<std::ptrdiff_t>(below));
        old_at = below;
        if (old_at == old.size()) break;
        if (old[old_at].folded != folded) {
            take_new(changes, at++, merged);
            if (merged.changed) merged.old_untouched = false;
        } else if (auto taken = take_over(changes, at++, old[old_at++], merged); !taken) {
            return tl::unexpected(taken.error());
        }
    }
    records.insert(records.end(), old.begin() + static_cast<std::ptrdiff_t>(old_at), old.end());
    // A long row of plain puts behind the old records need not be copied.
    const bool long_tail = to - at > kLookAhead;
    const std::size_t straight = long_tail ? plain_from(changes, at, to) : to;
    const std::size_t copied_to = to - straight > kLookAhead ? straight + kLookAhead : to;
    for (; at < straight; ++at) {
        if (changes.outcomes[at] == ChangeOutcome::kPending) take_new(changes, at, merged);
    }
    merged.from_changes = records.size();
    for (; at < copied_to; ++at) take_new(changes, at, merged);
    merged.next_change = at;
    return merged;
}

Result<std::size_t> BlockMerge::merge_range(const ChangeRun& changes, std::size_t from,
                                            std::size_t to) {
    const auto merged = merge(changes, from, to);
    if (!merged) return tl::unexpected(merged.error());
    if (!merged->changed) return to;
    return write_merged(changes, to, *merged);
}

// The old block leaves the counts; its key is written over or erased by the caller.
Result<Done> BlockMerge::forget_old() {
    if (!range_.has_block) return Done{};
    const auto block = BlockView::open(buffers_.old_block);
    if (!block) return tl::unexpected(block.error());
    targets_.forms.on_block(*block, buffers_.old_block.size(), -1);
    return Done{};
}

// No record is left: the key goes, and its range falls to the block before.
Result<Done> BlockMerge::erase_old() {
    if (auto forgotten = forget_old(); !forgotten) return forgotten;
    pages_ += 2;
    return targets_.txn.erase(lmdb::Table::kIds, to_bytes(range_.key));
}

// In place of the old block when all of them fit in one; false: they do not.
Result<bool> BlockMerge::write_one(std::span<const PackRecord> records) {
    const auto packed = buffers_.packer.pack(records, kBlockSize, buffers_.new_block);
    if (!packed) return tl::unexpected(packed.error());
    if (*packed != records.size()) return false;
    if (auto forgotten = forget_old(); !forgotten) return tl::unexpected(forgotten.error());
    auto emitted = emit(records.front(), records.back());
    if (!emitted) return tl::unexpected(emitted.error());
    return true;
}

// One more record behind a block that is full enough: the block stays as it is.
Result<std::size_t> BlockMerge::write_behind(const ChangeRun& changes, std::size_t to,
                                             const Merged& merged) {
    first_emitted_ = true;
    last_folded_ = buffers_.old_records.back().folded;
    return write_filled(changes, buffers_.old_records.size(), to, merged);
}

Result<std::size_t> BlockMerge::write_merged(const ChangeRun& changes, std::size_t to,
                                             const Merged& merged) {
    const std::vector<PackRecord>& records = buffers_.merged;
    const bool whole = merged.next_change == to;
    if (records.empty()) {
        if (auto erased = erase_old(); !erased) return tl::unexpected(erased.error());
        return to;
    }
    const bool behind = merged.old_untouched && range_.has_block;
    const bool old_full = range_.used_size >= used_max_ / 10 * 9;
    if (whole) {
        const auto fits = write_one(records);
        if (!fits) return tl::unexpected(fits.error());
        if (*fits) return to;
    }
    if (behind && old_full) return write_behind(changes, to, merged);
    if (auto forgotten = forget_old(); !forgotten) return tl::unexpected(forgotten.error());
    if (!whole || behind || records.size() > 2 * buffers_.old_records.size()) {
        return write_filled(changes, 0, to, merged);
    }
    if (auto written = write_even(records); !written) return tl::unexpected(written.error());
    return to;
}

// Halves until each part fits.
Result<Done> BlockMerge::write_even(std::span<const PackRecord> records) {
    const auto packed = buffers_.packer.pack(records, kBlockSize, buffers_.new_block);
    if (!packed) return tl::unexpected(packed.error());
    if (*packed == records.size()) return emit(records.front(), records.back());
    const std::size_t half = records.size() / 2;
    if (auto written = write_even(records.first(half)); !written) return written;
    return write_even(records.subspan(half));
}

Result<std::size_t> BlockMerge::write_filled(const ChangeRun& changes, std::size_t start,
                                             std::size_t to, const Merged& merged) {
    const std::span<const PackRecord> records(buffers_.merged);
    const bool whole = merged.next_change == to;
    std::size_t at = start;
    while (at < records.size() && (whole || at < merged.from_changes)) {
        const auto packed =
            buffers_.packer.pack(records.subspan(at), used_max_, buffers_.new_block);
        if (!packed) return packed;
        if (auto emitted = emit(records[at], records[at + *packed - 1]); !emitted) {
            return tl::unexpected(emitted.error());
        }
        at += *packed;
    }
    if (whole) return to;
    return write_straight(changes, merged.next_change - (records.size() - at), to,
                          merged.next_change);
}

// Packs changes [from, to) as they lie there. Those below `next_change` are accounted for already
// and must all be written; behind them a limit may end the work.
Result<std::size_t> BlockMerge::write_straight(const ChangeRun& changes, std::size_t from,
                                               std::size_t to, std::size_t next_change) {
    std::size_t at = from;
    while (at < to && (at < next_change || !is_full())) {
        const auto packed = buffers_.packer.pack(changes.records.subspan(at, to - at), used_max_,
                                                 buffers_.new_block);
        if (!packed) return packed;
        const std::size_t end = at + *packed;
        if (auto emitted = emit(changes.records[at], changes.records[end - 1]); !emitted) {
            return tl::unexpected(emitted.error());
        }
        for (; next_change < end; ++next_change) account_added(changes, next_change);
        at = end;
    }
    return at;
}

// Stores the new block, which holds the records from `first` to `last`.
Result<Done> BlockMerge::emit(const PackRecord& first, const PackRecord& last) {
    const std::string_view key =
        first_emitted_ ? separator(last_folded_, first.folded) : std::string_view(range_.key);
    const auto block = BlockView::open(buffers_.new_block);
    if (!block) return tl::unexpected(block.error());
    targets_.forms.on_block(*block, buffers_.new_block.size(), 1);
    // Behind all other keys LMDB fills its pages from left to right.
    const bool append = !range_.has_next && (first_emitted_ || !range_.has_block);
    first_emitted_ = true;
    last_folded_ = last.folded;
    pages_ += 2 + buffers_.new_block.size() / 4096;
    return append ? targets_.txn.append(lmdb::Table::kIds, to_bytes(key), buffers_.new_block)
                  : targets_.txn.put(lmdb::Table::kIds, to_bytes(key), buffers_.new_block);
}

}  // namespace idnode::registry
