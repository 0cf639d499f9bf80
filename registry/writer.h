// Changing a registry: one write transaction at a time over all processes.
//
// Writer is one transaction: all of it is durable when commit() has returned, none of it when the
// object goes without. It belongs to the thread that began it and is never held across a wait for
// input. BulkLoad (bulk_load.h) is for streams of any length.
//
// Limits: kApplyCountMax changes in one apply, kTransactionPagesMax pages in one transaction
// (kOverloaded). Errors: kUnavailable with LMDB's or the system's code (Registry::problem has the
// words); the transaction is then useless and must be dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/block.h"
#include "registry/journal.h"
#include "registry/pattern.h"
#include "registry/prefix.h"

namespace idnode::registry {

class Registry;

// Whether a prefix of this name may be added: segments [0-9A-Za-z_-]+ with dots between.
bool is_prefix_name(std::string_view name);

inline constexpr std::size_t kApplyCountMax = 1'000'000;
inline constexpr std::size_t kTransactionPagesMax = 100'000;

enum class ChangeKind : std::uint8_t { kPut, kDelete };

// What a put does with an identifier that is there.
enum class ExistingPolicy : std::uint8_t { kReject, kKeep, kReplace };

enum class ChangeOutcome : std::uint8_t {
    kPending,
    kAdded,
    kReplaced,
    kUnchanged,  // The record there is equal (but for a defaulted timestamp).
    kKept,       // Another record is there; ExistingPolicy::kKeep.
    kRejected,   // Another record is there; ExistingPolicy::kReject.
    kDeleted,
    kAbsent,         // Nothing to delete.
    kNoPrefix,       // The prefix is unknown.
    kPrefixRemoved,  // The prefix was removed; its code is never used again.
    kTooLong,        // Above kRecordSizeMax or kIdentifierSizeMax.
};

// All views must stay valid until apply() returns.
struct Change {
    ChangeKind kind = ChangeKind::kPut;
    PackRecord record;            // kDelete: `folded`, and the identifier in the case used.
    bool time_defaulted = false;  // The record's time is not the caller's wish but the clock's.
    ChangeOutcome outcome = ChangeOutcome::kPending;  // Out.
};

struct ApplyOptions {
    ExistingPolicy existing = ExistingPolicy::kReject;
    int fill_percent = kFillPercentDefault;  // Of new blocks, when a range gets many records.
};

class Writer {
public:
    // Waits for the writer's lock, which others hold for at most 200 ms.
    static Result<Writer> begin(Registry& registry, Origin origin, std::string_view actor = {});
    ~Writer();
    Writer(Writer&& other) noexcept;
    Writer& operator=(Writer&&) = delete;

    // `name` in any case. Nothing: never added.
    Result<std::optional<Prefix>> find_prefix(std::string_view name);

    // A Problem says what stands in the way: there already, removed before, not a prefix, not
    // empty, a reason that cannot be kept; or it has the words for trouble(). The states are
    // explained in prefix.h; remove asks that no identifier is left.
    Checked<Prefix> add_prefix(std::string_view name);
    Checked<Prefix> set_prefix_state(std::string_view name, PrefixState state,
                                     std::string_view reason);
    Checked<Prefix> set_homed(std::string_view name, bool homed);
    Checked<Prefix> remove_prefix(std::string_view name, std::string_view reason);

    // What the registry or the disk met in one of the four above; nothing: it was a refusal.
    [[nodiscard]] const std::optional<Error>& trouble() const;

    // The number of an equal pattern of the prefix, else of a new one. kOverloaded when the prefix
    // has used up its numbers or the stored form is above kPatternSizeMax: store the records whole.
    Result<PatternRef> add_pattern(std::string_view prefix_name, const Pattern& pattern);

    // `sorted`: ascending by folded identifier, none twice, else kMalformed. Sets each outcome;
    // outcomes hold once the transaction is committed.
    Result<Done> apply(std::span<Change> sorted, ApplyOptions options = {});

    // Gives the sequence of the last journal entry. Nothing is written when nothing changed.
    Result<std::uint64_t> commit() &&;

private:
    struct State;
    Checked<Prefix> living_prefix(std::string_view name);
    Checked<Prefix> store(Prefix prefix, JournalAction action);
    tl::unexpected<Problem> fail(const Error& error);
    Result<std::uint32_t> admit(Change& change);

    explicit Writer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

inline constexpr std::size_t kPatternSizeMax = 32'768;

}  // namespace idnode::registry
