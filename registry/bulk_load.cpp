#include "registry/bulk_load.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>

#include "protocol/core/identifier.h"
#include "registry/registry_parts.h"
#include "registry/write_work.h"

namespace idnode::registry {

namespace {

using Clock = std::chrono::steady_clock;

// How long a transaction should take, and when it is cut short.
constexpr std::chrono::milliseconds kLockWanted{100};
constexpr std::chrono::milliseconds kLockMax{150};
// LMDB's writer lock goes to whoever asks first: without a pause others would wait for the whole
// load.
constexpr std::chrono::milliseconds kPause{1};
// Beyond ~130,000 pages LMDB would spill; commits of fewer are shorter.
constexpr std::size_t kPagesMax = 40'000;
constexpr std::size_t kFirstBatchCount = 20'000;
constexpr std::size_t kBatchCountMin = 1'000;

std::uint64_t to_ns(Clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// A declared pattern, and its number under the prefix it was used with last.
struct Form {
    Pattern pattern;
    std::size_t fixed_size = 0;  // Of all values in wire form, but for what differs:
    std::size_t slot_count = 0;  // identifier, suffix and columns.
    std::uint32_t prefix_number = 0;
    std::uint16_t id = kNoPattern;  // kNoPattern: not yet known.
    std::uint64_t seen_in = 0;      // The transaction in which it was looked up.
};

Form make_form(const Pattern& pattern) {
    Form form;
    form.pattern = pattern;
    for (const PatternValue& value : pattern.values) {
        form.fixed_size += 22 + value.type.size() + value.references.size();
        for (const Piece& piece : value.data) {
            const bool is_literal = piece.kind == PieceKind::kLiteral;
            form.fixed_size += is_literal ? piece.literal.size() : 0;
            form.slot_count += is_literal ? 0 : 1;
        }
    }
    return form;
}

bool is_refused(ChangeOutcome outcome) {
    return outcome == ChangeOutcome::kNoPrefix || outcome == ChangeOutcome::kPrefixRemoved ||
           outcome == ChangeOutcome::kTooLong;
}

}  // namespace

struct BulkLoad::State {
    Registry& registry;
    BulkOptions options;
    BulkSink& sink;
    WriteTools tools;
    std::deque<Form> forms;
    BulkCounts counts;
    std::size_t batch_count = kFirstBatchCount;
    std::uint64_t transaction = 0;

    // The batch, as parallel arrays.
    Arena arena;
    std::vector<PackRecord> records;
    std::vector<BulkPattern> patterns;
    std::vector<std::uint64_t> tags;
    std::vector<std::uint8_t> flags;
    std::vector<std::uint32_t> numbers;
    std::vector<ChangeOutcome> outcomes;
    std::string last_folded;  // Of the batch before.

    std::vector<BulkPattern> retired;  // Records of the batch may have them.
    std::vector<BulkPattern> unused;

    [[nodiscard]] std::string_view last() const {
        return records.empty() ? std::string_view(last_folded) : records.back().folded;
    }
    void gather(const BulkRecord& bulk);
    void clear_batch();
    Result<std::size_t> write_some(std::size_t from);
    Result<Done> admit(WriteWork& work, std::size_t from);
    Result<std::optional<Prefix>> prefix_of(WriteWork& work, std::size_t at);
    Result<Done> resolve_pattern(WriteWork& work, const Prefix& prefix, std::size_t at);
    Result<Done> check_size(WriteWork& work, std::size_t at);
    void store_whole(std::size_t at);
    void deliver(std::size_t from, std::size_t to);
};

BulkLoad::BulkLoad(Registry& registry, const BulkOptions& options, BulkSink& sink)
    : state_(new State{registry,
                       options,
                       sink,
                       {},
                       {},
                       {},
                       kFirstBatchCount,
                       0,
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {}}) {}

BulkLoad::~BulkLoad() = default;

const BulkCounts& BulkLoad::counts() const { return state_->counts; }

BulkPattern BulkLoad::declare_pattern(const Pattern& pattern) {
    State& state = *state_;
    if (!state.unused.empty()) {
        const BulkPattern number = state.unused.back();
        state.unused.pop_back();
        state.forms[number] = make_form(pattern);
        return number;
    }
    state.forms.push_back(make_form(pattern));
    return static_cast<BulkPattern>(state.forms.size() - 1);
}

void BulkLoad::retire_pattern(BulkPattern pattern) { state_->retired.push_back(pattern); }

Result<Done> BulkLoad::add(const BulkRecord& record) {
    State& state = *state_;
    if (record.record.folded <= state.last()) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "order of records"});
    }
    state.gather(record);
    const std::size_t count_max = std::min(state.batch_count, state.options.batch_count_max);
    if (state.records.size() < count_max && state.arena.size() < state.options.batch_size_max) {
        return Done{};
    }
    return flush();
}

Result<Done> BulkLoad::flush() {
    State& state = *state_;
    std::size_t at = 0;
    while (at < state.records.size()) {
        const auto taken = state.write_some(at);
        if (!taken) return tl::unexpected(taken.error());
        state.deliver(at, at + *taken);
        at += *taken;
    }
    state.clear_batch();
    return Done{};
}

void BulkLoad::State::gather(const BulkRecord& bulk) {
    PackRecord record = bulk.record;
    record.folded = arena.copy(bulk.record.folded);
    record.fields.identifier = bulk.record.fields.identifier == bulk.record.folded
                                   ? record.folded
                                   : arena.copy(bulk.record.fields.identifier);
    record.fields.columns = arena.copy(bulk.record.fields.columns);
    record.fields.own = arena.copy(bulk.record.fields.own);
    record.fields.pattern = {};
    records.push_back(record);
    patterns.push_back(bulk.pattern);
    tags.push_back(bulk.tag);
    flags.push_back(bulk.time_defaulted ? kTimeDefaultedFlag : std::uint8_t{0});
}

void BulkLoad::State::clear_batch() {
    last_folded = last();
    records.clear();
    patterns.clear();
    tags.clear();
    flags.clear();
    numbers.clear();
    outcomes.clear();
    arena.clear();
    unused.insert(unused.end(), retired.begin(), retired.end());
    retired.clear();
}

// One transaction; gives how many records it took.
Result<std::size_t> BulkLoad::State::write_some(std::size_t from) {
    auto work = WriteWork::begin(registry.parts(), tools, Origin::kImport, {});
    if (!work) return tl::unexpected(work.error());
    ++transaction;
    const auto began = Clock::now();
    if (auto admitted = admit(**work, from); !admitted) return tl::unexpected(admitted.error());
    const ChangeRun run{std::span(records).subspan(from), std::span(flags).subspan(from),
                        std::span(numbers).subspan(from), std::span(outcomes).subspan(from)};
    const auto taken = (*work)->apply(run, {options.existing, options.fill_percent},
                                      {kPagesMax, to_ns(began + kLockMax)});
    if (!taken) return taken;
    const auto decided = std::span<const ChangeOutcome>(outcomes).subspan(from, *taken);
    if (auto said = sink.before_commit(decided, **work); !said) return tl::unexpected(said.error());
    if (auto committed = (*work)->commit(); !committed) return tl::unexpected(committed.error());
    work->reset();
    ++counts.commits;
    const auto took = std::max(Clock::now() - began, Clock::duration(std::chrono::microseconds(1)));
    const double ratio = static_cast<double>(Clock::duration(kLockWanted).count()) /
                         static_cast<double>(took.count());
    batch_count =
        std::max(kBatchCountMin, static_cast<std::size_t>(static_cast<double>(*taken) * ratio));
    std::this_thread::sleep_for(kPause);
    return taken;
}

// Prefix, pattern and size of each record from `from` on, as this transaction finds them.
Result<Done> BulkLoad::State::admit(WriteWork& work, std::size_t from) {
    numbers.resize(records.size());
    outcomes.resize(records.size());
    std::optional<Prefix> prefix;
    std::string_view start;  // Prefix and slash of the record before.
    for (std::size_t at = from; at < records.size(); ++at) {
        outcomes[at] = ChangeOutcome::kPending;
        const std::string_view folded = records[at].folded;
        if (start.empty() || !folded.starts_with(start)) {
            auto found = prefix_of(work, at);
            if (!found) return tl::unexpected(found.error());
            prefix = std::move(*found);
            start = folded.substr(0, prefix_size_of(folded) + 1);
        }
        if (!prefix || prefix->state == PrefixState::kRemoved) {
            outcomes[at] = prefix ? ChangeOutcome::kPrefixRemoved : ChangeOutcome::kNoPrefix;
            continue;
        }
        numbers[at] = prefix->number;
        if (patterns[at] != kNoBulkPattern) {
            if (auto resolved = resolve_pattern(work, *prefix, at); !resolved) return resolved;
        }
        if (auto checked = check_size(work, at); !checked) return checked;
    }
    return Done{};
}

Result<std::optional<Prefix>> BulkLoad::State::prefix_of(WriteWork& work, std::size_t at) {
    const std::string_view folded = records[at].folded;
    const std::size_t size = prefix_size_of(folded);
    auto found = work.find_prefix(folded.substr(0, size));
    if (!found || *found || !options.add_prefixes) return found;
    const std::string_view name = records[at].fields.identifier.substr(0, size);
    if (registration_fault(std::string(name) + "/x")) return found;
    Prefix prefix;
    prefix.number = work.next_prefix_number();
    prefix.name = name;
    prefix.since = static_cast<std::uint32_t>(now_ms() / 1000);
    if (auto stored = work.store_prefix(prefix, JournalAction::kPrefix); !stored) {
        return tl::unexpected(stored.error());
    }
    ++counts.prefixes_added;
    return prefix;
}

Result<Done> BulkLoad::State::resolve_pattern(WriteWork& work, const Prefix& prefix,
                                              std::size_t at) {
    RecordFields& fields = records[at].fields;
    if (patterns[at] >= forms.size() ||
        fields.columns.size() != forms[patterns[at]].pattern.column_count) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "columns of a record"});
    }
    Form& form = forms[patterns[at]];
    if (form.seen_in != transaction || form.prefix_number != prefix.number) {
        const auto ref = work.add_pattern(prefix, form.pattern);
        if (!ref && ref.error().kind != ErrorKind::kOverloaded) return tl::unexpected(ref.error());
        form.id = ref ? ref->id : kNoPattern;
        form.prefix_number = prefix.number;
        form.seen_in = transaction;
    }
    if (form.id == kNoPattern) {
        store_whole(at);
        return Done{};
    }
    fields.pattern = {form.prefix_number, form.id};
    return Done{};
}

Result<Done> BulkLoad::State::check_size(WriteWork& work, std::size_t at) {
    const RecordFields& fields = records[at].fields;
    if (records[at].folded.size() > kIdentifierSizeMax) {
        outcomes[at] = ChangeOutcome::kTooLong;
        return Done{};
    }
    // Far below the limit, as nearly all are: no need to look closely.
    std::size_t bound = fields.own.size() * 8;
    if (patterns[at] != kNoBulkPattern) {
        std::size_t longest = kIdentifierSizeMax;
        for (const std::string_view column : fields.columns) {
            longest = std::max(longest, column.size());
        }
        bound += forms[patterns[at]].fixed_size + forms[patterns[at]].slot_count * longest;
    }
    if (bound <= kRecordSizeMax) return Done{};
    const auto fits = work.fits(fields);
    if (!fits) return tl::unexpected(fits.error());
    if (!*fits) outcomes[at] = ChangeOutcome::kTooLong;
    return Done{};
}

// Writes all values out as own ones: the prefix has no number left for the pattern.
void BulkLoad::State::store_whole(std::size_t at) {
    RecordFields& fields = records[at].fields;
    std::deque<std::string> texts;
    std::vector<handle::ValueView> values;
    ValueCursor cursor(fields, &forms[patterns[at]].pattern);
    StoredValue stored;
    while (cursor.next(stored)) {
        std::string& text = texts.emplace_back();
        for (std::size_t i = 0; i < stored.piece_count; ++i) text += to_text(stored.pieces[i]);
        values.push_back({stored.index, stored.timestamp, stored.ttl_type, stored.permissions,
                          stored.ttl, stored.type, to_bytes(text), stored.references});
    }
    std::string own;
    encode_own_values(values, fields.time, own);
    fields.own = arena.copy(to_bytes(own));
    fields.columns = {};
    fields.pattern = {};
    patterns[at] = kNoBulkPattern;
}

void BulkLoad::State::deliver(std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to; ++at) {
        const ChangeOutcome outcome = outcomes[at];
        ++counts.records;
        counts.added += outcome == ChangeOutcome::kAdded ? 1U : 0U;
        counts.replaced += outcome == ChangeOutcome::kReplaced ? 1U : 0U;
        counts.unchanged += outcome == ChangeOutcome::kUnchanged ? 1U : 0U;
        counts.kept += outcome == ChangeOutcome::kKept ? 1U : 0U;
        counts.rejected += outcome == ChangeOutcome::kRejected || is_refused(outcome) ? 1U : 0U;
        sink.on_outcome(tags[at], outcome);
    }
    sink.on_commit(counts);
}

}  // namespace idnode::registry
