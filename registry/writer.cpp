#include "registry/writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "registry/directory.h"
#include "registry/registry_parts.h"
#include "registry/write_work.h"

namespace idnode::registry {

struct Writer::State {
    explicit State(RegistryParts& of_registry) : parts(of_registry) {}

    RegistryParts& parts;
    WriteTools tools;
    std::unique_ptr<WriteWork> work;
    std::optional<Error> trouble;
};

namespace {

// The folded form of a prefix given in any case; too long: cut, and known to nobody.
std::string fold_prefix(std::string_view name) {
    std::string folded(name.substr(0, kIdentifierSizeMax + 1));
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

std::uint32_t now_seconds() { return static_cast<std::uint32_t>(now_ms() / 1000); }

Problem prefix_problem(std::string_view name, std::string text, std::string remedy) {
    return {{}, 0, 0, fmt::format("prefix {} {}", name, text), std::move(remedy)};
}

std::vector<PackRecord> records_of(std::span<const Change> changes) {
    std::vector<PackRecord> records;
    records.reserve(changes.size());
    for (const Change& change : changes) records.push_back(change.record);
    return records;
}

bool ascends(std::span<const Change> changes) {
    return std::ranges::adjacent_find(changes, [](const Change& a, const Change& b) {
               return a.record.folded >= b.record.folded;
           }) == changes.end();
}

}  // namespace

bool is_prefix_name(std::string_view name) {
    // A prefix is sound when an identifier under it would be.
    return name.find('/') == std::string_view::npos &&
           !registration_fault(std::string(name) + "/x").has_value();
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::~Writer() = default;
Writer::Writer(Writer&& other) noexcept = default;

Result<Writer> Writer::begin(Registry& registry, Origin origin, std::string_view actor) {
    auto state = std::make_unique<State>(registry.parts());
    auto work = WriteWork::begin(registry.parts(), state->tools, origin, actor);
    if (!work) return tl::unexpected(work.error());
    state->work = std::move(*work);
    return Writer(std::move(state));
}

Result<std::optional<Prefix>> Writer::find_prefix(std::string_view name) {
    return state_->work->find_prefix(fold_prefix(name));
}

const std::optional<Error>& Writer::trouble() const { return state_->trouble; }

tl::unexpected<Problem> Writer::fail(const Error& error) {
    state_->trouble = error;
    return tl::unexpected(error_problem(state_->parts.path, error));
}

// The prefix in a state that may still change, or why not.
Checked<Prefix> Writer::living_prefix(std::string_view name) {
    auto found = find_prefix(name);
    if (!found) return fail(found.error());
    if (!*found) {
        return tl::unexpected(prefix_problem(name, "is not in the registry",
                                             fmt::format("add it: idnode prefix add {}", name)));
    }
    if ((*found)->state == PrefixState::kRemoved) {
        return tl::unexpected(
            prefix_problem(name, "was removed", "a code is never issued twice; use another one"));
    }
    return std::move(**found);
}

Checked<Prefix> Writer::store(Prefix prefix, JournalAction action) {
    if (auto stored = state_->work->store_prefix(prefix, action); !stored) {
        return fail(stored.error());
    }
    return prefix;
}

Checked<Prefix> Writer::add_prefix(std::string_view name) {
    if (!is_prefix_name(name)) {
        return tl::unexpected(
            prefix_problem(name, "is not well formed",
                           R"(write segments of letters, digits, "-" and "_", with dots between)"));
    }
    auto found = find_prefix(name);
    if (!found) return fail(found.error());
    if (*found) {
        return tl::unexpected(
            (*found)->state == PrefixState::kRemoved
                ? prefix_problem(name, "was removed",
                                 "a code is never issued twice; use another one")
                : prefix_problem(name, "is there already",
                                 fmt::format("see it: idnode prefix show {}", name)));
    }
    Prefix prefix;
    prefix.number = state_->work->next_prefix_number();
    prefix.name = name;
    prefix.since = now_seconds();
    return store(std::move(prefix), JournalAction::kPrefix);
}

Checked<Prefix> Writer::set_prefix_state(std::string_view name, PrefixState state,
                                         std::string_view reason) {
    auto prefix = living_prefix(name);
    if (!prefix) return prefix;
    if (state == PrefixState::kRemoved) return remove_prefix(name, reason);
    if (const auto fault = prefix_reason_fault(reason)) return tl::unexpected(*fault);
    if (prefix->state == state && prefix->reason == reason) return prefix;
    prefix->since = prefix->state == state ? prefix->since : now_seconds();
    prefix->state = state;
    prefix->reason = reason;
    return store(std::move(*prefix), JournalAction::kPrefix);
}

Checked<Prefix> Writer::set_homed(std::string_view name, bool homed) {
    auto prefix = living_prefix(name);
    if (!prefix) return prefix;
    if (prefix->homed == homed) return prefix;
    prefix->homed = homed;
    return store(std::move(*prefix), homed ? JournalAction::kHome : JournalAction::kUnhome);
}

Checked<Prefix> Writer::remove_prefix(std::string_view name, std::string_view reason) {
    auto prefix = living_prefix(name);
    if (!prefix) return prefix;
    if (const auto fault = prefix_reason_fault(reason)) return tl::unexpected(*fault);
    if (fold_prefix(name) == "0.NA") {
        return tl::unexpected(
            prefix_problem(name, "cannot be removed", "the registry needs it for prefix handles"));
    }
    const auto counts = state_->work->counts_of(prefix->number);
    if (!counts) return fail(counts.error());
    if (counts->live != 0) {
        return tl::unexpected(prefix_problem(name,
                                             fmt::format("still has {} identifiers", counts->live),
                                             "delete them first, or suspend the prefix"));
    }
    prefix->state = PrefixState::kRemoved;
    prefix->since = now_seconds();
    prefix->reason = reason;
    return store(std::move(*prefix), JournalAction::kPrefix);
}

Result<PatternRef> Writer::add_pattern(std::string_view prefix_name, const Pattern& pattern) {
    const auto prefix = find_prefix(prefix_name);
    if (!prefix) return tl::unexpected(prefix.error());
    if (!*prefix) return tl::unexpected(Error{ErrorKind::kMalformed, "prefix of a pattern"});
    return state_->work->add_pattern(**prefix, pattern);
}

// Refuses what must not be stored; gives the number of its prefix for the rest.
Result<std::uint32_t> Writer::admit(Change& change) {
    change.outcome = ChangeOutcome::kPending;
    const std::string_view folded = change.record.folded;
    if (folded.size() > kIdentifierSizeMax) {
        change.outcome = ChangeOutcome::kTooLong;
        return 0;
    }
    const auto prefix = state_->work->find_prefix(folded.substr(0, prefix_size_of(folded)));
    if (!prefix) return tl::unexpected(prefix.error());
    if (!*prefix) {
        change.outcome = ChangeOutcome::kNoPrefix;
        return 0;
    }
    if ((*prefix)->state == PrefixState::kRemoved) change.outcome = ChangeOutcome::kPrefixRemoved;
    if (change.kind == ChangeKind::kPut) {
        const auto fits = state_->work->fits(change.record.fields);
        if (!fits) return tl::unexpected(fits.error());
        if (!*fits) change.outcome = ChangeOutcome::kTooLong;
    }
    return (*prefix)->number;
}

Result<Done> Writer::apply(std::span<Change> sorted, ApplyOptions options) {
    if (!ascends(sorted)) return tl::unexpected(Error{ErrorKind::kMalformed, "order of changes"});
    if (sorted.size() > kApplyCountMax) {
        return tl::unexpected(Error{ErrorKind::kOverloaded, "changes of one transaction"});
    }
    const std::vector<PackRecord> records = records_of(sorted);
    std::vector<std::uint8_t> flags;
    std::vector<std::uint32_t> numbers;
    std::vector<ChangeOutcome> outcomes;
    for (Change& change : sorted) {
        const auto number = admit(change);
        if (!number) return tl::unexpected(number.error());
        numbers.push_back(*number);
        outcomes.push_back(change.outcome);
        const unsigned is_delete = change.kind == ChangeKind::kDelete ? kDeleteFlag : 0U;
        const unsigned defaulted = change.time_defaulted ? kTimeDefaultedFlag : 0U;
        flags.push_back(static_cast<std::uint8_t>(is_delete | defaulted));
    }
    const auto taken = state_->work->apply({records, flags, numbers, outcomes}, options, {});
    if (!taken) return tl::unexpected(taken.error());
    if (*taken < sorted.size()) {
        return tl::unexpected(Error{ErrorKind::kOverloaded, "pages of one transaction"});
    }
    for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i].outcome = outcomes[i];
    return Done{};
}

Result<std::uint64_t> Writer::commit() && {
    const std::unique_ptr<State> state = std::move(state_);
    return state->work->commit();
}

}  // namespace idnode::registry
