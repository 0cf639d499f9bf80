#include "registry/prefix_table.h"

// Its code in place of calls: a name is a few octets.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <set>

#include "protocol/core/check.h"
#include "protocol/core/identifier.h"
#include "registry/key.h"
#include "registry/registry_parts.h"
#include "registry/short_text.h"

namespace idnode::registry {

namespace {

// Journal entries that are read to find what changed; behind more the table is read anew.
constexpr std::uint64_t kFollowCountMax = 100'000;

std::string folded_copy(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

bool equals_folded(std::string_view name, std::string_view folded) {
    if (same_text(name, folded)) return true;  // Nearly all: digits and dots.
    return std::ranges::equal(name, folded, [](char a, char b) { return fold_ascii(a) == b; });
}

Prefix to_prefix(const PrefixView& view) {
    Prefix prefix;
    prefix.number = view.number;
    prefix.name = view.name;
    prefix.state = view.state;
    prefix.homed = view.homed;
    prefix.since = view.since;
    prefix.reason = view.reason;
    return prefix;
}

Result<std::shared_ptr<PrefixTable>> read_all(const lmdb::ReadTxn& txn) {
    const auto count = txn.entry_count(lmdb::Table::kPrefix);
    if (!count) return tl::unexpected(count.error());
    auto table = std::make_shared<PrefixTable>(*count);
    auto cursor = lmdb::Cursor::open(txn, lmdb::Table::kPrefix);
    if (!cursor) return tl::unexpected(cursor.error());
    auto entry = cursor->first();
    for (; entry && *entry; entry = cursor->next()) {
        const auto prefix = decode_prefix((*entry)->value);
        if (!prefix) return tl::unexpected(prefix.error());
        table->add(*prefix);
    }
    if (!entry) return tl::unexpected(entry.error());
    return table;
}

// Folded names of the prefixes that the journal names behind `sequence`; nothing when there is too
// much to read, or the entries are gone.
Result<std::optional<std::set<std::string>>> names_changed(const lmdb::ReadTxn& txn,
                                                           std::uint64_t sequence,
                                                           std::uint64_t head) {
    std::optional<std::set<std::string>> names;
    if (head < sequence || head - sequence > kFollowCountMax) return names;
    auto cursor = lmdb::Cursor::open(txn, lmdb::Table::kJournal);
    if (!cursor) return tl::unexpected(cursor.error());
    auto found = cursor->seek(journal_key(sequence + 1));
    std::set<std::string> changed;
    std::uint64_t seen = 0;
    for (; found && *found; found = cursor->next(), ++seen) {
        const auto entry = decode_journal_entry((*found)->value);
        if (!entry) return tl::unexpected(entry.error());
        if (entry->action == JournalAction::kPrefix || entry->action == JournalAction::kHome ||
            entry->action == JournalAction::kUnhome) {
            changed.insert(folded_copy(entry->first));
        }
    }
    if (!found) return tl::unexpected(found.error());
    if (seen == head - sequence) names = std::move(changed);
    return names;
}

}  // namespace

PrefixTable::PrefixTable(std::size_t count_max)
    : slots_(count_max + count_max / 2 + 2), entries_(kFirstPlace, '\0') {}

std::uint32_t PrefixTable::hash_of(std::string_view folded) {
    return static_cast<std::uint32_t>(XXH3_64bits(folded.data(), folded.size()) >> 32);
}

void PrefixTable::append(const Prefix& prefix) {
    const Entry entry{prefix.number,
                      prefix.since,
                      static_cast<std::uint16_t>(prefix.name.size()),
                      static_cast<std::uint16_t>(prefix.reason.size()),
                      prefix.state,
                      prefix.homed};
    entries_.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    entries_ += prefix.name;
    entries_ += prefix.reason;
}

void PrefixTable::read(std::size_t& place, PrefixView& prefix) const {
    Entry entry;
    std::memcpy(&entry, entries_.data() + place, sizeof entry);
    const char* const text = entries_.data() + place + sizeof entry;
    place += sizeof entry + entry.name_size + entry.reason_size;
    prefix.number = entry.number;
    prefix.name = {text, entry.name_size};
    prefix.state = entry.state;
    prefix.homed = entry.homed;
    prefix.since = entry.since;
    prefix.reason = {text + entry.name_size, entry.reason_size};
}

void PrefixTable::add(const Prefix& prefix) {
    IDN_CHECK(count_ + 1 < slots_.size() && entries_.size() < UINT32_MAX - 8'192U);
    const std::uint32_t hash = hash_of(folded_copy(prefix.name));
    std::size_t slot = first_slot(hash);
    while (slots_[slot].place != 0) slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    slots_[slot] = {static_cast<std::uint32_t>(entries_.size()), hash};
    append(prefix);
    ++count_;
}

bool PrefixTable::find(std::string_view folded, std::uint32_t hash, PrefixView& prefix) const {
    std::size_t slot = first_slot(hash);
    // There is always an empty slot, so this ends.
    while (slots_[slot].place != 0) {
        if (slots_[slot].hash == hash) {
            std::size_t place = slots_[slot].place;
            read(place, prefix);
            if (equals_folded(prefix.name, folded)) return true;
        }
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    return false;
}

namespace {

// One big table out of both.
std::shared_ptr<const PrefixTable> merged_table(const PrefixesAt& prefixes) {
    auto merged = std::make_shared<PrefixTable>(prefixes.table->size() + prefixes.changed->size());
    const auto add = [&](const PrefixView& prefix) { merged->add(to_prefix(prefix)); };
    prefixes.changed->for_each(add);
    prefixes.table->for_each([&](const PrefixView& prefix) {
        if (!prefixes.changed->find(folded_copy(prefix.name))) add(prefix);
    });
    return merged;
}

// The state before with the named prefixes as they are now.
Result<std::shared_ptr<PrefixesAt>> follow(const lmdb::ReadTxn& txn, const PrefixesAt& before,
                                           const std::set<std::string>& names) {
    auto changed = std::make_shared<PrefixTable>(before.changed->size() + names.size());
    before.changed->for_each([&](const PrefixView& prefix) {
        if (names.contains(folded_copy(prefix.name))) return;
        changed->add(to_prefix(prefix));
    });
    for (const std::string& name : names) {
        const auto stored = txn.get(lmdb::Table::kPrefix, to_bytes(name));
        if (!stored) return tl::unexpected(stored.error());
        if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "prefix of journal entry"});
        const auto prefix = decode_prefix(**stored);
        if (!prefix) return tl::unexpected(prefix.error());
        changed->add(*prefix);
    }
    auto after = std::make_shared<PrefixesAt>(before);
    after->changed = std::move(changed);
    if (after->changed->size() > PrefixTables::kWaitingCountMax) {
        after->table = merged_table(*after);
        after->changed = std::make_shared<PrefixTable>(0);
    }
    return after;
}

// The prefixes that are not the same in the table before.
std::shared_ptr<const PrefixTable> differing(const PrefixTable& now, const PrefixTable& before) {
    auto table = std::make_shared<PrefixTable>(now.size());
    now.for_each([&](const PrefixView& prefix) {
        if (before.find(folded_copy(prefix.name)) != prefix) table->add(to_prefix(prefix));
    });
    return table;
}

Result<std::shared_ptr<PrefixesAt>> make_state(const lmdb::ReadTxn& txn, const PrefixesAt* before,
                                               const MetaState& state) {
    if (before != nullptr) {
        const auto names = names_changed(txn, before->journal_sequence, state.journal_sequence);
        if (!names) return tl::unexpected(names.error());
        if (*names) return follow(txn, *before, **names);
    }
    auto table = read_all(txn);
    if (!table) return tl::unexpected(table.error());
    auto after = std::make_shared<PrefixesAt>();
    after->table = std::move(*table);
    after->changed = std::make_shared<PrefixTable>(0);
    return after;
}

}  // namespace

Result<std::shared_ptr<const PrefixesAt>> PrefixTables::at(lmdb::ReadTxn& txn, MetaState& state) {
    const std::lock_guard lock(mutex_);
    if (newest_ && newest_->epoch > state.prefix_epoch) {
        // Within the lock nobody overtakes again.
        txn.reset();
        if (auto renewed = txn.renew(); !renewed) return tl::unexpected(renewed.error());
        const auto newer = read_state(txn);
        if (!newer) return tl::unexpected(newer.error());
        state = *newer;
    }
    if (newest_ && newest_->epoch == state.prefix_epoch) return newest_;
    auto made = make_state(txn, newest_.get(), state);
    if (!made) return tl::unexpected(made.error());
    (*made)->epoch = state.prefix_epoch;
    (*made)->journal_sequence = state.journal_sequence;
    newest_ = std::move(*made);
    return newest_;
}

std::shared_ptr<const PrefixesAt> PrefixTables::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void PrefixTables::merge_changed() {
    const auto before = newest();
    if (!before || before->changed->size() <= kChangedCountMax) return;
    auto merged = merged_table(*before);
    const std::lock_guard lock(mutex_);
    if (newest_->table != before->table) return;  // Read anew or merged meanwhile.
    auto after = std::make_shared<PrefixesAt>(*newest_);
    after->table = std::move(merged);
    // What has changed while merging stays in front.
    after->changed = differing(*newest_->changed, *before->changed);
    newest_ = std::move(after);
}

}  // namespace idnode::registry
