#include "registry/snapshot.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "protocol/core/check.h"
#include "registry/block.h"
#include "registry/block_index.h"
#include "registry/page_fault_guard.h"
#include "registry/registry_parts.h"
#include "registry/wire_cache.h"

namespace idnode::registry {

namespace {

// Lookups in flight together, so that the memory works on several blocks at a time.
constexpr std::size_t kGroupCount = 32;
constexpr std::size_t kLineSize = 64;

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
        std::uint64_t number = 0;              // Of the suffix, in the run's shape …
        BlockIndex::Span span;                 // … and where it may stand among the bounds.
        ByteSpan stored;                       // The block; empty: there is none.
        std::uint32_t prefix_hash = 0;
        BlockView block;
        PatternRef pattern;          // Of most records of the block …
        WirePattern wire;            // … and the same in wire form, if it is in the cache.
        KeyPlace key;                // Where the identifier would stand in the block …
        std::uint32_t position = 0;  // … and its position.
        ExceptionEntry entry;        // What the record has of its own.
    };

    explicit State(RegistryParts& of_registry) : parts(of_registry) {}

    RegistryParts& parts;
    std::optional<lmdb::ReadTxn> txn;
    std::optional<lmdb::Cursor> blocks;  // Of txn: goes before it.
    bool is_cursor_ready = false;        // For this snapshot.
    std::uint64_t seen_commit = 0;       // That `state` is of; 0: not certain.
    std::string seen_state;              // The meta record that `prefixes` was compared with.
    MetaState state;                     // The same, decoded.
    std::shared_ptr<const PrefixesAt> prefixes;
    std::shared_ptr<BlockIndex> index;  // The newest that was published before txn was opened.
    std::uint64_t index_version = 0;
    bool index_usable = false;  // In this snapshot.
    WireCache patterns;
    std::uint32_t until_check = 1;  // Lookups until the next one that compares a checksum.
    BlocksFound found;
    bool is_open = false;
    std::array<InFlight, kGroupCount> flight_room;

    Result<Done> renew();
    Result<Done> renew_prefixes();
    Result<Done> read_state_and_prefixes();
    Result<Done> ready_cursor();
    void close();
    void find_group(std::span<Lookup> group);
    template <class Step>
    static std::size_t step_all(std::span<InFlight*> flights, Step step);
    // The steps of a lookup: each touches what the step before asked memory for. False: its outcome
    // is set, there is no further step.
    void hash_prefix(InFlight& flight) const;
    bool judge_prefix(InFlight& flight) const;
    void find_run(InFlight& flight) const;
    void find_number(InFlight& flight) const;
    void find_span(InFlight& flight) const;
    bool find_block(InFlight& flight);
    [[gnu::noinline]] ByteSpan find_by_cursor(Lookup& lookup);
    bool open_block(InFlight& flight);
    static bool find_key(InFlight& flight);
    bool find_position(InFlight& flight) const;
    bool find_entry(InFlight& flight) const;
    bool read_record(InFlight& flight);
    Result<Done> set_pattern(const InFlight& flight, Record& record);
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

// Only when it is needed: most batches are answered by the index.
Result<Done> RegistryReader::State::ready_cursor() {
    if (is_cursor_ready) return Done{};
    if (blocks) {
        if (auto renewed = blocks->renew(*txn); !renewed) return renewed;
    } else {
        auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kIds);
        if (!cursor) return tl::unexpected(cursor.error());
        blocks.emplace(std::move(*cursor));
    }
    is_cursor_ready = true;
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
    is_cursor_ready = false;
    auto ready = renew_prefixes();
    if (!ready) txn->reset();
    index_usable = ready && index && parts.indexes.is_usable(*index, *txn, state, *prefixes);
    return ready;
}

// Brings the prefixes to the snapshot's state, or both to a newer one. The number of a snapshot
// alone does not tell its state: LMDB reads it before the roots of the tables, and a reader that is
// held up between gets the roots of a commit two later.
Result<Done> RegistryReader::State::renew_prefixes() {
    if (txn->id() == seen_commit && txn->is_id_certain()) return Done{};
    seen_commit = 0;
    auto read = read_state_and_prefixes();
    if (read && txn->is_id_certain()) seen_commit = txn->id();
    return read;
}

Result<Done> RegistryReader::State::read_state_and_prefixes() {
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

void RegistryReader::State::hash_prefix(InFlight& flight) const {
    flight.prefix_hash = PrefixTable::hash_of(flight.lookup->identifier->prefix());
    prefixes->table->prefetch(flight.prefix_hash);
}

// Whether the identifier may be looked up; asks for the run.
bool RegistryReader::State::judge_prefix(InFlight& flight) const {
    Lookup& lookup = *flight.lookup;
    PrefixView& prefix = lookup.prefix;
    const bool is_there = prefixes->find(lookup.identifier->prefix(), flight.prefix_hash, prefix);
    if (!is_there || !prefix.homed || prefix.state == PrefixState::kRemoved) {
        lookup.outcome = Outcome::kNoPrefix;
        return false;
    }
    lookup.outcome = Outcome::kAbsent;
    if (prefix.state != PrefixState::kActive) lookup.outcome = Outcome::kSuspended;
    if (lookup.outcome != Outcome::kAbsent || lookup.identifier->too_long()) return false;
    if (index_usable) index->prefetch_run(prefix.number);
    return true;
}

// Finds the run of the prefix and asks for the shape of its numbers.
void RegistryReader::State::find_run(InFlight& flight) const {
    flight.run = index->run(flight.lookup->prefix.number);
    if (flight.run != nullptr) index->prefetch_shape(*flight.run);
}

// Makes the number of the suffix and asks for the nearest samples of the bounds.
void RegistryReader::State::find_number(InFlight& flight) const {
    if (flight.run == nullptr) return;
    flight.number = index->number_of(*flight.run, flight.lookup->identifier->suffix());
    flight.span = index->narrow(*flight.run, flight.number);
}

// Asks for the bounds that are left.
void RegistryReader::State::find_span(InFlight& flight) const {
    if (flight.run != nullptr) flight.span = index->narrow_more(flight.span, flight.number);
}

// Finds the block, if there is one.
bool RegistryReader::State::find_block(InFlight& flight) {
    const std::uint8_t* const address =
        flight.run == nullptr ? nullptr : index->find(flight.span, flight.number);
    if (address == nullptr) {
        ++found.by_cursor;
        flight.stored = find_by_cursor(*flight.lookup);
    } else {
        ++found.by_index;
        flight.stored = {address, kBlockSize};
        const bool is_checked = parts.options.index_check;
        IDN_CHECK(!is_checked || find_by_cursor(*flight.lookup).data() == address);
    }
    return !flight.stored.empty();
}

// No octets: there is no block, or the lookup has failed.
ByteSpan RegistryReader::State::find_by_cursor(Lookup& lookup) {
    if (auto ready = ready_cursor(); !ready) return fail_lookup(lookup, ready.error()), ByteSpan{};
    ByteSpan stored;
    int code = 0;
    if (blocks->seek_back_unguarded(to_bytes(lookup.identifier->text()), stored, code)) {
        return stored;
    }
    if (code != 0) fail_lookup(lookup, lmdb::to_error(code, "find block"));
    return {};
}

// Reads the head; asks for keys, times and what becomes of the pattern.
bool RegistryReader::State::open_block(InFlight& flight) {
    auto opened = flight.block.reopen(flight.stored);
    if (opened && is_checked() && !flight.block.checksum_ok()) {
        opened = tl::unexpected(Error{ErrorKind::kCorrupt, "checksum of a block"});
    }
    if (!opened) return fail_lookup(*flight.lookup, opened.error()), false;
    flight.block.prefetch_keys();
    flight.pattern = flight.block.pattern(flight.block.dominant());
    patterns.prefetch(flight.pattern);
    return true;
}

// Finds where the identifier would stand, and asks for it.
bool RegistryReader::State::find_key(InFlight& flight) {
    const auto begun = flight.block.begin_find(flight.lookup->identifier->text(), flight.key);
    if (!begun) return fail_lookup(*flight.lookup, begun.error()), false;
    return *begun;
}

// Finds the identifier; asks for what tells exceptions, and for the pattern.
bool RegistryReader::State::find_position(InFlight& flight) const {
    const auto position = flight.block.end_find(flight.lookup->identifier->text(), flight.key);
    if (!position) return fail_lookup(*flight.lookup, position.error()), false;
    if (!*position) return false;
    flight.position = **position;
    flight.block.prefetch_record(flight.position);
    flight.wire = patterns.peek(flight.pattern);
    return true;
}

// Finds what the record has of its own, and asks for it.
bool RegistryReader::State::find_entry(InFlight& flight) const {
    Lookup& lookup = *flight.lookup;
    const auto begun = flight.block.begin_load(flight.position, lookup.identifier->text(),
                                               flight.entry, lookup.record);
    if (!begun) return fail_lookup(lookup, begun.error()), false;
    if (flight.entry.slot == flight.block.dominant()) return true;
    flight.pattern = flight.block.pattern(flight.entry.slot);
    flight.wire = {};
    patterns.prefetch(flight.pattern);
    return true;
}

bool RegistryReader::State::read_record(InFlight& flight) {
    Lookup& lookup = *flight.lookup;
    auto read = flight.block.end_load(flight.position, lookup.identifier->text(), flight.entry,
                                      lookup.record);
    if (read) read = set_pattern(flight, lookup.record);
    if (!read) return fail_lookup(lookup, read.error()), false;
    lookup.outcome = Outcome::kFound;
    return true;
}

Result<Done> RegistryReader::State::set_pattern(const InFlight& flight, Record& record) {
    record.wire = {};
    const PatternRef ref = record.fields.pattern;
    if (ref.id == kNoPattern) return Done{};
    if (ref == flight.pattern) record.wire = flight.wire;
    if (!record.wire) {
        const auto loaded = patterns.find(*txn, ref);
        if (!loaded) return tl::unexpected(loaded.error());
        record.wire = *loaded;
    }
    record.wire.prefetch();
    return Done{};
}

// Goes a step with all of them; those that go on are the first ones then. How many these are.
template <class Step>
std::size_t RegistryReader::State::step_all(std::span<InFlight*> flights, Step step) {
    std::size_t left = 0;
    for (InFlight* const flight : flights) {
        if (step(*flight)) flights[left++] = flight;
    }
    return left;
}

// Flat: all steps in one function, a seventh fewer instructions than by calls.
[[gnu::flatten]] void RegistryReader::State::find_group(std::span<Lookup> group) {
    std::array<InFlight*, kGroupCount> flights;
    std::size_t count = 0;
    for (Lookup& lookup : group) {
        InFlight& flight = flight_room[count];
        flight.lookup = &lookup;
        flight.run = nullptr;
        hash_prefix(flight);
        flights[count++] = &flight;
    }
    const auto step = [&](auto take) { count = step_all(std::span(flights).first(count), take); };
    step([this](InFlight& flight) { return judge_prefix(flight); });
    if (index_usable) {
        step([this](InFlight& flight) { return find_run(flight), true; });
        step([this](InFlight& flight) { return find_number(flight), true; });
        step([this](InFlight& flight) { return find_span(flight), true; });
    }
    step([this](InFlight& flight) { return find_block(flight); });
    // Nothing else in between: each is on a page of its own, and asking waits for where it lies.
    for (const InFlight* flight : std::span(flights).first(count)) {
        __builtin_prefetch(flight->stored.data());
        __builtin_prefetch(flight->stored.data() + kLineSize);
    }
    step([this](InFlight& flight) { return open_block(flight); });
    step([](InFlight& flight) { return find_key(flight); });
    step([this](InFlight& flight) { return find_position(flight); });
    step([this](InFlight& flight) { return find_entry(flight); });
    step([this](InFlight& flight) { return read_record(flight); });
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
        const BodyEnd end = run_distrusting(find_rest);
        if (end == BodyEnd::kWhole) return;
        // Which of the group it was shows when each is looked up alone.
        if (width == 1) {
            fail_lookup(lookups[at], end == BodyEnd::kDamaged ? kPageDamagedError : kPageReadError);
            at = at + 1;
        }
        width = 1;
        state.blocks.reset();  // It may have been left in the middle of a move.
        state.is_cursor_ready = false;
    }
}

std::optional<PrefixView> Snapshot::prefix(std::string_view folded) {
    return state_->prefixes->find(folded);
}

}  // namespace idnode::registry
