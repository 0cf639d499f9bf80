// Loading a sorted stream of records, of any length, in many bounded transactions.
//
// Records are gathered, then written in one transaction of at most ~200 ms; behind each the load
// sleeps for a millisecond, so that other writers get in. Killed at any moment the registry holds
// whole transactions only, and what on_commit told of is durable. Behind the last record of a range
// blocks are appended, filled to fill_percent; into a range with records they are merged.
//
// One thread. Errors as in writer.h; after one the load is over, what is committed stays.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "protocol/core/result.h"
#include "registry/writer.h"

namespace idnode::registry {

class WriteWork;

struct BulkOptions {
    ExistingPolicy existing = ExistingPolicy::kReject;
    int fill_percent = kFillPercentDefault;
    bool add_prefixes = false;  // Unknown prefixes are added, in the case of their first record.
    std::size_t batch_count_max = 200'000;        // Records gathered at most,
    std::size_t batch_size_max = 32 * 1'048'576;  // and their octets.
};

struct BulkCounts {
    std::uint64_t records = 0;  // Sum of the rest.
    std::uint64_t added = 0;
    std::uint64_t replaced = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t kept = 0;
    std::uint64_t rejected = 0;  // By the existing record, prefix or size.
    std::uint64_t prefixes_added = 0;
    std::uint64_t commits = 0;
};

// A form of records, declared once for the whole load and used with any prefix.
using BulkPattern = std::uint32_t;
inline constexpr BulkPattern kNoBulkPattern = 0xFFFF'FFFF;  // Stored whole.

struct BulkRecord {
    PackRecord record;  // record.fields.pattern is not looked at: `pattern` says it.
    BulkPattern pattern = kNoBulkPattern;
    bool time_defaulted = false;
    std::uint64_t tag = 0;  // Given back with the outcome: the number of a row.
};

class BulkSink {
public:
    virtual ~BulkSink() = default;
    // Right before each commit: what becomes of the next records, in the order given. What is put
    // into `work` is durable together with them; an error ends the load, and they are not.
    virtual Result<Done> before_commit(std::span<const ChangeOutcome> /*outcomes*/,
                                       WriteWork& /*work*/) {
        return Done{};
    }
    // For each record in the order given, once what became of it is durable.
    virtual void on_outcome(std::uint64_t tag, ChangeOutcome outcome) = 0;
    // After each transaction (also one that had nothing to write).
    virtual void on_commit(const BulkCounts& so_far) = 0;
};

class BulkLoad {
public:
    // `registry` and `sink` must outlive the load.
    BulkLoad(Registry& registry, const BulkOptions& options, BulkSink& sink);
    ~BulkLoad();
    BulkLoad(const BulkLoad&) = delete;
    BulkLoad& operator=(const BulkLoad&) = delete;

    BulkPattern declare_pattern(const Pattern& pattern);
    // No record to come has it; its number is given again once the batch is written.
    void retire_pattern(BulkPattern pattern);

    // Copies the record; views need not outlive the call. `folded` must be above the one before,
    // else kMalformed. Writes a transaction when a batch is full.
    Result<Done> add(const BulkRecord& record);

    // Writes what is gathered. When input is slow, call it now and then to bound what a kill loses;
    // adding may go on.
    Result<Done> flush();

    [[nodiscard]] const BulkCounts& counts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace idnode::registry
