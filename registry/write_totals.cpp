#include "registry/write_totals.h"

#include <algorithm>

#include "protocol/core/identifier.h"
#include "registry/growth.h"
#include "registry/key.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

bool moved(std::uint64_t& count, std::int64_t by) {
    if (by < 0 && count < static_cast<std::uint64_t>(-by)) return false;
    count += static_cast<std::uint64_t>(by);
    return true;
}

}  // namespace

std::int64_t counted_size(const RecordFields& fields) {
    std::size_t size = fields.identifier.size() + fields.own.size();
    for (const std::string_view column : fields.columns) size += column.size();
    return static_cast<std::int64_t>(size);
}

CountTotals::Delta& CountTotals::of(std::uint32_t prefix_number) {
    if (last_ == nullptr || prefix_number != last_number_) {
        last_ = &deltas_[prefix_number];  // A map's entries do not move.
        last_number_ = prefix_number;
    }
    return *last_;
}

void CountTotals::on_added(std::uint32_t prefix_number, std::int64_t size) {
    Delta& delta = of(prefix_number);
    ++delta.live;
    ++delta.added;
    delta.size += size;
}

void CountTotals::on_removed(std::uint32_t prefix_number, std::int64_t size) {
    Delta& delta = of(prefix_number);
    --delta.live;
    delta.size -= size;
}

void CountTotals::on_resized(std::uint32_t prefix_number, std::int64_t by) {
    of(prefix_number).size += by;
}

Result<Done> CountTotals::write(lmdb::WriteTxn& txn) const {
    for (const auto& [number, delta] : deltas_) {
        const auto key = count_key(number);
        const auto stored = txn.get(lmdb::Table::kCount, key);
        if (!stored) return tl::unexpected(stored.error());
        PrefixCounts counts;
        if (*stored) {
            const auto decoded = decode_counts(**stored);
            if (!decoded) return tl::unexpected(decoded.error());
            counts = *decoded;
        }
        if (!moved(counts.live, delta.live) || !moved(counts.cumulative, delta.added) ||
            !moved(counts.size, delta.size)) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "counts of a prefix"});
        }
        const std::string encoded = encode_counts(counts);
        if (auto put = txn.put(lmdb::Table::kCount, key, to_bytes(encoded)); !put) return put;
    }
    return Done{};
}

void FormTotals::on_block(const BlockView& block, std::size_t stored_size, std::int64_t sign) {
    Delta& delta = deltas_[static_cast<std::uint8_t>(block.key_form())];
    delta.blocks += sign;
    delta.records += sign * std::int64_t{block.record_count()};
    delta.used_size += sign * static_cast<std::int64_t>(block.used_size());
    delta.stored_size += sign * static_cast<std::int64_t>(stored_size);
}

Result<Done> FormTotals::write(lmdb::WriteTxn& txn) const {
    if (deltas_.empty()) return Done{};
    const auto stored = txn.get(lmdb::Table::kMeta, to_bytes(kFormsKey));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta forms"});
    auto forms = decode_forms(**stored);
    if (!forms) return tl::unexpected(forms.error());
    for (const auto& [number, delta] : deltas_) {
        auto form = std::ranges::find(*forms, number, &FormInfo::form);
        if (form == forms->end()) form = forms->insert(form, FormInfo{.form = number});
        if (!moved(form->blocks, delta.blocks) || !moved(form->records, delta.records) ||
            !moved(form->used_size, delta.used_size) ||
            !moved(form->stored_size, delta.stored_size)) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "counts of blocks"});
        }
    }
    const std::string encoded = encode_forms(*forms);
    return txn.put(lmdb::Table::kMeta, to_bytes(kFormsKey), to_bytes(encoded));
}

void JournalDraft::add(JournalAction action, std::string_view first, std::string_view last,
                       std::uint64_t count) {
    entries_.push_back({action, count, std::string(first), std::string(last)});
}

Result<Done> JournalDraft::write(lmdb::WriteTxn& txn, Origin origin, std::string_view actor,
                                 MetaState& state) const {
    state.last_date_ms = std::max(state.last_date_ms, now_ms());
    const auto file = txn.environment().info();
    if (!file) return tl::unexpected(file.error());
    std::string tlvs;
    append_file_pages(tlvs, file->page_count);
    std::string stored;
    for (const Draft& draft : entries_) {
        JournalEntry entry;
        entry.action = draft.action;
        entry.origin = origin;
        entry.date_ms = state.last_date_ms;
        entry.transaction = txn.id();
        entry.count = draft.count;
        entry.previous = state.journal_hash;
        entry.actor = actor;
        entry.first = draft.first;
        entry.last = draft.last;
        entry.tlvs = &draft == &entries_.front() ? std::string_view(tlvs) : std::string_view();
        encode_journal_entry(entry, stored);
        ++state.journal_sequence;
        state.journal_hash = journal_hash(state.journal_sequence, to_bytes(stored));
        const auto key = journal_key(state.journal_sequence);
        if (auto put = txn.append(lmdb::Table::kJournal, key, to_bytes(stored)); !put) return put;
    }
    return Done{};
}

void SpanDraft::add(JournalAction action, std::string_view identifier, std::string_view folded) {
    if (count_ > 0 && !folded.starts_with(prefix_)) finish();
    if (count_ == 0) {
        first_ = identifier;
        action_ = action;
        prefix_ = folded.substr(0, prefix_size_of(folded) + 1);
    }
    last_ = identifier;
    ++count_;
}

void SpanDraft::finish() {
    if (count_ == 1) journal_.add(action_, first_);
    if (count_ > 1) journal_.add(JournalAction::kSpan, first_, last_, count_);
    count_ = 0;
}

}  // namespace idnode::registry
