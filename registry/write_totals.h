// What a write transaction adds up and writes once, when it commits: counts of prefixes, blocks by
// form, and journal entries.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/core/result.h"
#include "registry/block.h"
#include "registry/journal.h"
#include "registry/lmdb.h"
#include "registry/meta.h"

namespace idnode::registry {

// Octets of a record as the counts of its prefix have them.
std::int64_t counted_size(const RecordFields& fields);

class CountTotals {
public:
    void on_added(std::uint32_t prefix_number, std::int64_t size);
    void on_removed(std::uint32_t prefix_number, std::int64_t size);
    void on_resized(std::uint32_t prefix_number, std::int64_t by);

    Result<Done> write(lmdb::WriteTxn& txn) const;

private:
    struct Delta {
        std::int64_t live = 0;
        std::int64_t added = 0;
        std::int64_t size = 0;
    };
    Delta& of(std::uint32_t prefix_number);

    std::map<std::uint32_t, Delta> deltas_;  // In key order, as they are written.
    std::uint32_t last_number_ = 0;
    Delta* last_ = nullptr;
};

class FormTotals {
public:
    void on_block(const BlockView& block, std::size_t stored_size, std::int64_t sign);
    Result<Done> write(lmdb::WriteTxn& txn) const;

private:
    struct Delta {
        std::int64_t blocks = 0;
        std::int64_t records = 0;
        std::int64_t used_size = 0;
        std::int64_t stored_size = 0;
    };
    std::map<std::uint8_t, Delta> deltas_;
};

class JournalDraft {
public:
    void add(JournalAction action, std::string_view first, std::string_view last = {},
             std::uint64_t count = 1);
    [[nodiscard]] bool empty() const { return entries_.empty(); }

    // Appends the entries behind the head in `state`, which moves on.
    Result<Done> write(lmdb::WriteTxn& txn, Origin origin, std::string_view actor,
                       MetaState& state) const;

private:
    struct Draft {
        JournalAction action;
        std::uint64_t count;
        std::string first;
        std::string last;
    };
    std::vector<Draft> entries_;
};

// Gathers the identifiers that change in neighbouring blocks of one prefix into one entry; a single
// one keeps its own action.
class SpanDraft {
public:
    explicit SpanDraft(JournalDraft& journal) : journal_(journal) {}

    void add(JournalAction action, std::string_view identifier, std::string_view folded);
    // Ends the span: what follows lies elsewhere.
    void finish();

private:
    JournalDraft& journal_;
    JournalAction action_ = JournalAction::kCreate;
    std::uint64_t count_ = 0;
    std::string_view first_;  // Into the changes, which outlive the span.
    std::string_view last_;
    std::string_view prefix_;  // Folded, with the slash.
};

}  // namespace idnode::registry
