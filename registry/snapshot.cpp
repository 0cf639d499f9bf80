#include "registry/snapshot.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "protocol/core/check.h"
#include "registry/block.h"
#include "registry/block_index.h"
#include "registry/page_fault_guard.h"
#include "registry/pattern_cache.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

// Lookups in flight together, so that the memory works on several blocks at a time.
constexpr std::size_t kGroupCount = 32;

void fail_lookup(Lookup& lookup, const Error& error) {
    lookup.outcome = error.kind == ErrorKind::kCorrupt || error.kind == ErrorKind::kUnsupported
                         ? Outcome::kDamaged
                         : Outcome::kUnavailable;
    lookup.error = error;
}

}  // namespace

struct RegistryReader::State {
    // A lookup whose prefix may be answered for, on its way to its block.
    struct InFlight {
        Lookup* lookup = nullptr;
        const BlockIndex::Run* run = nullptr;  // Null: the cursor finds the block.
        std::uint64_t number = 0;              // Of the suffix, in the run's shape.
        ByteSpan stored;                       // The block; empty: there is none.
    };

    explicit State(RegistryParts& of_registry) : parts(of_registry) {}

    RegistryParts& parts;
    std::optional<lmdb::ReadTxn> txn;
    std::optional<lmdb::Cursor> blocks;  // Of txn: goes before it.
    std::string seen_state;              // The meta record that `prefixes` was compared with.
    MetaState state;                     // The same, decoded.
    std::shared_ptr<const PrefixesAt> prefixes;
    std::shared_ptr<BlockIndex> index;  // The newest that was published before txn was opened.
    std::uint64_t index_version = 0;
    bool index_usable = false;  // In this snapshot.
    PatternCache patterns;
    std::uint32_t until_check = 1;  // Lookups until the next one that compares a checksum.
    BlocksFound found;
    bool is_open = false;

    Result<Done> renew();
    Result<Done> renew_prefixes();
    Result<Done> reopen_cursor();
    void close();
    void find_group(std::span<Lookup> group);
    // The steps of a lookup: each touches what the step before asked memory for.
    bool judge_prefix(Lookup& lookup) const;
    void find_run(InFlight& flight) const;
    void find_block(InFlight& flight);
    ByteSpan find_by_cursor(Lookup& lookup);
    void read_block(InFlight& flight);
    Result<bool> read_record(Lookup& lookup, ByteSpan stored);
    bool is_checked();
};

RegistryReader::RegistryReader(Registry& registry) : state_(new State(registry.parts())) {}
RegistryReader::~RegistryReader() = default;

Result<Snapshot> RegistryReader::snapshot() {
    IDN_CHECK(!state_->is_open);
    if (auto renewed = state_->renew(); !renewed) return tl::unexpected(renewed.error());
    state_->is_open = true;
    return Snapshot(*state_);
}

BlocksFound RegistryReader::blocks_found() const { return state_->found; }

Result<Done> RegistryReader::State::reopen_cursor() {
    blocks.reset();
    auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kIds);
    if (!cursor) return tl::unexpected(cursor.error());
    blocks.emplace(std::move(*cursor));
    return Done{};
}

Result<Done> RegistryReader::State::renew() {
    patterns.trim();
    // Before the snapshot: an index is never newer than what it is used with.
    if (const std::uint64_t version = parts.indexes.version(); version != index_version) {
        index_version = version;
        index = parts.indexes.newest();
    }
    if (txn) {
        if (auto renewed = txn->renew(); !renewed) return renewed;
    } else {
        auto begun = lmdb::ReadTxn::begin(parts.environment);
        if (!begun) return tl::unexpected(begun.error());
        txn.emplace(std::move(*begun));
    }
    auto ready = renew_prefixes();
    if (ready) ready = blocks ? blocks->renew(*txn) : reopen_cursor();
    if (!ready) txn->reset();
    index_usable = ready && index && parts.indexes.is_usable(*index, *txn, state, *prefixes);
    return ready;
}

// Brings the prefixes to the snapshot's state, or both to a newer one. The number of a snapshot
// does not tell its state: LMDB reads it before the roots of the tables, and a reader that is held
// up between gets the roots of a commit two later.
Result<Done> RegistryReader::State::renew_prefixes() {
    const auto stored = txn->get(lmdb::Table::kMeta, to_bytes(kStateKey));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta state"});
    if (prefixes && to_text(**stored) == seen_state) return Done{};
    auto decoded = decode_state(**stored);
    if (!decoded) return tl::unexpected(decoded.error());
    if (!prefixes || prefixes->epoch != decoded->prefix_epoch) {
        auto at = parts.prefixes.at(*txn, *decoded);
        if (!at) return tl::unexpected(at.error());
        prefixes = std::move(*at);
    }
    state = *decoded;
    seen_state = encode_state(state);
    return Done{};
}

void RegistryReader::State::close() {
    txn->reset();
    is_open = false;
}

bool RegistryReader::State::is_checked() {
    if (parts.options.checksum_sample == 0 || --until_check != 0) return false;
    until_check = parts.options.checksum_sample;
    return true;
}

// Whether the identifier may be looked up; else its outcome is set.
bool RegistryReader::State::judge_prefix(Lookup& lookup) const {
    const auto prefix = prefixes->find(lookup.identifier->prefix());
    if (!prefix || !prefix->homed || prefix->state == PrefixState::kRemoved) {
        lookup.outcome = Outcome::kNoPrefix;
        return false;
    }
    lookup.prefix = *prefix;
    lookup.outcome = Outcome::kAbsent;
    if (prefix->state != PrefixState::kActive) lookup.outcome = Outcome::kSuspended;
    return lookup.outcome == Outcome::kAbsent && !lookup.identifier->too_long();
}

// Finds the run of the prefix and asks memory for the bounds.
void RegistryReader::State::find_run(InFlight& flight) const {
    flight.run = index->run(flight.lookup->prefix.number);
    if (flight.run == nullptr) return;
    flight.number = index->number_of(*flight.run, flight.lookup->identifier->suffix());
    index->prefetch_bounds(*flight.run, flight.number);
}

// Finds the block and asks memory for its head and what follows it.
void RegistryReader::State::find_block(InFlight& flight) {
    const std::uint8_t* const address =
        flight.run == nullptr ? nullptr : index->find(*flight.run, flight.number);
    if (address == nullptr) {
        ++found.by_cursor;
        flight.stored = find_by_cursor(*flight.lookup);
    } else {
        ++found.by_index;
        flight.stored = {address, kBlockSize};
        const bool is_checked = parts.options.index_check;
        IDN_CHECK(!is_checked || find_by_cursor(*flight.lookup).data() == address);
    }
    __builtin_prefetch(flight.stored.data());
    __builtin_prefetch(flight.stored.data() + 64);
}

// No octets: there is no block, or the lookup has failed.
ByteSpan RegistryReader::State::find_by_cursor(Lookup& lookup) {
    ByteSpan stored;
    int code = 0;
    if (blocks->seek_back_unguarded(to_bytes(lookup.identifier->text()), stored, code)) {
        return stored;
    }
    if (code != 0) fail_lookup(lookup, lmdb::to_error(code, "find block"));
    return {};
}

// The record in the block that would hold it: true when it does.
Result<bool> RegistryReader::State::read_record(Lookup& lookup, ByteSpan stored) {
    const auto block = BlockView::open(stored);
    if (!block) return tl::unexpected(block.error());
    if (is_checked() && !block->checksum_ok()) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "checksum of a block"});
    }
    const std::string_view folded = lookup.identifier->text();
    const auto position = block->find(folded);
    if (!position) return tl::unexpected(position.error());
    if (!*position) return false;
    if (auto loaded = block->load(**position, folded, lookup.record); !loaded) {
        return tl::unexpected(loaded.error());
    }
    lookup.record.pattern = nullptr;
    const PatternRef ref = lookup.record.fields.pattern;
    if (ref.id == kNoPattern) return true;
    const auto pattern = patterns.find(*txn, ref);
    if (!pattern) return tl::unexpected(pattern.error());
    lookup.record.pattern = *pattern;
    return true;
}

void RegistryReader::State::read_block(InFlight& flight) {
    if (flight.stored.empty()) return;
    const auto is_there = read_record(*flight.lookup, flight.stored);
    if (!is_there) {
        fail_lookup(*flight.lookup, is_there.error());
    } else if (*is_there) {
        flight.lookup->outcome = Outcome::kFound;
    }
}

void RegistryReader::State::find_group(std::span<Lookup> group) {
    std::array<InFlight, kGroupCount> room;
    std::size_t count = 0;
    for (Lookup& lookup : group) {
        if (!judge_prefix(lookup)) continue;
        if (index_usable) index->prefetch_run(lookup.prefix.number);
        room[count++].lookup = &lookup;
    }
    const std::span flights = std::span(room).first(count);
    if (index_usable) {
        for (InFlight& flight : flights) find_run(flight);
    }
    for (InFlight& flight : flights) find_block(flight);
    for (InFlight& flight : flights) read_block(flight);
}

Snapshot::Snapshot(Snapshot&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Snapshot::~Snapshot() {
    if (state_ != nullptr) state_->close();
}

void Snapshot::find_batch(std::span<Lookup> lookups) {
    RegistryReader::State& state = *state_;
    // Volatile: read behind the jump of a guard. Everything on the guarded way is trivial to leave.
    volatile std::size_t at = 0;
    volatile std::size_t width = kGroupCount;
    auto find_rest = [&] {
        while (at < lookups.size()) {
            const std::size_t wanted = width;
            const std::size_t count = std::min(wanted, lookups.size() - at);
            state.find_group(lookups.subspan(at, count));
            at = at + count;
        }
    };
    while (at < lookups.size()) {
        if (run_guarded(find_rest)) return;
        // Which of the group it was shows when each is looked up alone.
        if (width == 1) {
            fail_lookup(lookups[at], kPageReadError);
            at = at + 1;
        }
        width = 1;
        // The cursor was left in the middle of a move.
        if (state.reopen_cursor()) continue;
        for (Lookup& lookup : lookups.subspan(at)) fail_lookup(lookup, kPageReadError);
        return;
    }
}

std::optional<PrefixView> Snapshot::prefix(std::string_view folded) {
    return state_->prefixes->find(folded);
}

}  // namespace idnode::registry
