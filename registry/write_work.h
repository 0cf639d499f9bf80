// One write transaction at work: what Writer and BulkLoad are made of.
//
// It holds LMDB's writer lock from begin() until commit() or its end. WriteTools are the buffers
// and caches that may serve one transaction after the other; they belong to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/core/result.h"
#include "registry/block_merge.h"
#include "registry/pattern_book.h"
#include "registry/registry_parts.h"
#include "registry/write_totals.h"

namespace idnode::registry {

struct WriteTools {
    MergeBuffers buffers;
    PatternBook patterns;
};

class WriteWork {
public:
    static Result<std::unique_ptr<WriteWork>> begin(RegistryParts& parts, WriteTools& tools,
                                                    Origin origin, std::string_view actor);
    // Goes on with a transaction that has begun.
    WriteWork(lmdb::WriteTxn txn, const MetaState& state, WriteTools& tools, Origin origin,
              std::string_view actor);
    WriteWork(const WriteWork&) = delete;
    WriteWork& operator=(const WriteWork&) = delete;

    // `folded`: upper case.
    Result<std::optional<Prefix>> find_prefix(std::string_view folded);
    // Stores a new or changed prefix under a new epoch; a new one (number 0 given, name not known)
    // gets its number by next_prefix_number().
    Result<Done> store_prefix(Prefix prefix, JournalAction action);
    std::uint32_t next_prefix_number() { return state_.next_prefix_number++; }
    Result<PrefixCounts> counts_of(std::uint32_t prefix_number) const;

    Result<PatternRef> add_pattern(const Prefix& prefix, const Pattern& pattern);

    Result<std::size_t> apply(const ChangeRun& changes, ApplyOptions options,
                              const MergeLimits& limits);
    // Whether the record's pattern is there and its values are within kRecordSizeMax.
    Result<bool> fits(const RecordFields& fields);

    // A record of `meta` that goes with these changes and is in no journal; erase: also when it is
    // not there.
    Result<Done> put_meta(std::string_view key, std::string_view stored);
    Result<Done> erase_meta(std::string_view key);

    // Gives the sequence of the last journal entry. Writes nothing when nothing changed.
    Result<std::uint64_t> commit();

private:
    lmdb::WriteTxn txn_;
    MetaState state_;
    WriteTools& tools_;
    Origin origin_;
    std::string actor_;
    CountTotals counts_;
    FormTotals forms_;
    JournalDraft journal_;
    std::unordered_map<std::string, std::optional<Prefix>>
        prefixes_;  // As this transaction has them.
    std::size_t pages_ = 0;
    bool meta_changed_ = false;
};

// Adds "0.NA" to a registry that has just got its meta records, and commits.
Result<Done> commit_first_prefix(lmdb::WriteTxn txn);

}  // namespace idnode::registry
