#include "registry/write_work.h"

#include <algorithm>

#include <unistd.h>

#include "registry/key.h"

namespace idnode::registry {

namespace {

// Wire octets of a value beside its type, data and references.
constexpr std::size_t kValueOverhead = 22;

std::uint32_t now_seconds() { return static_cast<std::uint32_t>(now_ms() / 1000); }

// At least as much as the wire form of all values: cheap, for most records are far below the limit.
std::size_t size_bound(const RecordFields& fields, const Pattern* pattern) {
    // An own value takes at least four octets where it is stored; its wire form has that overhead.
    std::size_t bound = fields.own.size() * (1 + kValueOverhead / 4 + 1);
    if (pattern == nullptr) return bound;
    std::size_t longest = kIdentifierSizeMax;
    for (const std::string_view column : fields.columns) longest = std::max(longest, column.size());
    for (const PatternValue& value : pattern->values) {
        bound += kValueOverhead + value.type.size() + value.references.size();
        for (const Piece& piece : value.data) {
            bound += piece.kind == PieceKind::kLiteral ? piece.literal.size() : longest;
        }
    }
    return bound;
}

bool within_limit(const RecordFields& fields, const Pattern* pattern) {
    if (size_bound(fields, pattern) <= kRecordSizeMax) return true;
    ValueCursor values(fields, pattern);
    StoredValue value;
    std::size_t size = 0;
    while (values.next(value)) {
        size += kValueOverhead + value.type.size() + value.data_size + value.references.size();
    }
    return values.ok() && size <= kRecordSizeMax;
}

}  // namespace

Result<std::unique_ptr<WriteWork>> WriteWork::begin(RegistryParts& parts, WriteTools& tools,
                                                    Origin origin, std::string_view actor) {
    if (parts.access != Access::kWrite) {
        return tl::unexpected(Error{ErrorKind::kDenied, "the registry is open for reading"});
    }
    IDN_CHECK(getpid() == parts.process);
    auto txn = lmdb::WriteTxn::begin(parts.environment);
    if (!txn) return tl::unexpected(txn.error());
    const auto state = read_state(*txn);
    if (!state) return tl::unexpected(state.error());
    return std::make_unique<WriteWork>(std::move(*txn), *state, tools, origin, actor);
}

WriteWork::WriteWork(lmdb::WriteTxn txn, const MetaState& state, WriteTools& tools, Origin origin,
                     std::string_view actor)
    : txn_(std::move(txn)), state_(state), tools_(tools), origin_(origin), actor_(actor) {
    tools_.patterns.on_begin();
    tools_.buffers.patterns.trim();
}

Result<std::optional<Prefix>> WriteWork::find_prefix(std::string_view folded) {
    std::string key(folded);
    if (const auto known = prefixes_.find(key); known != prefixes_.end()) return known->second;
    std::optional<Prefix> prefix;
    // LMDB has no empty keys, and no longer ones; neither is a prefix.
    if (!folded.empty() && folded.size() <= kIdentifierSizeMax) {
        const auto stored = txn_.get(lmdb::Table::kPrefix, to_bytes(folded));
        if (!stored) return tl::unexpected(stored.error());
        if (*stored) {
            auto decoded = decode_prefix(**stored);
            if (!decoded) return tl::unexpected(decoded.error());
            prefix = std::move(*decoded);
        }
    }
    prefixes_.emplace(std::move(key), prefix);
    return prefix;
}

Result<Done> WriteWork::store_prefix(Prefix prefix, JournalAction action) {
    // One epoch for all changes of one transaction would do; one each keeps it a plain counter.
    prefix.epoch = ++state_.prefix_epoch;
    const FoldedIdentifier folded(prefix.name + "/");
    const std::string stored = encode_prefix(prefix);
    const std::string_view key = folded.prefix();
    if (auto put = txn_.put(lmdb::Table::kPrefix, to_bytes(key), to_bytes(stored)); !put) {
        return put;
    }
    journal_.add(action, prefix.name);
    pages_ += 2;
    prefixes_[std::string(key)] = std::move(prefix);
    return Done{};
}

Result<PrefixCounts> WriteWork::counts_of(std::uint32_t prefix_number) const {
    const auto stored = txn_.get(lmdb::Table::kCount, count_key(prefix_number));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return PrefixCounts{};
    return decode_counts(**stored);
}

Result<PatternRef> WriteWork::add_pattern(const Prefix& prefix, const Pattern& pattern) {
    const auto given = tools_.patterns.number_of(txn_, prefix.number, pattern);
    if (!given) return tl::unexpected(given.error());
    if (given->added) {
        journal_.add(JournalAction::kPattern, prefix.name, {}, given->ref.id);
        pages_ += 2;
    }
    return given->ref;
}

Result<bool> WriteWork::fits(const RecordFields& fields) {
    const Pattern* pattern = nullptr;
    if (fields.pattern.id != kNoPattern) {
        const auto found = tools_.buffers.patterns.find(txn_, fields.pattern);
        if (!found) return tl::unexpected(found.error());
        pattern = *found;
        if (fields.columns.size() != pattern->column_count) {
            return tl::unexpected(Error{ErrorKind::kMalformed, "columns of a record"});
        }
    }
    return within_limit(fields, pattern);
}

Result<std::size_t> WriteWork::apply(const ChangeRun& changes, ApplyOptions options,
                                     const MergeLimits& limits) {
    MergeLimits left = limits;
    left.pages_max -= std::min(pages_, limits.pages_max);
    BlockMerge merge({txn_, counts_, forms_, journal_}, tools_.buffers, options);
    const auto taken = merge.apply(changes, left);
    pages_ += merge.pages();
    return taken;
}

Result<Done> WriteWork::put_meta(std::string_view key, std::string_view stored) {
    meta_changed_ = true;
    return txn_.put(lmdb::Table::kMeta, to_bytes(key), to_bytes(stored));
}

Result<Done> WriteWork::erase_meta(std::string_view key) {
    const auto there = txn_.get(lmdb::Table::kMeta, to_bytes(key));
    if (!there) return tl::unexpected(there.error());
    if (!*there) return Done{};
    meta_changed_ = true;
    return txn_.erase(lmdb::Table::kMeta, to_bytes(key));
}

Result<std::uint64_t> WriteWork::commit() {
    if (journal_.empty()) {
        if (!meta_changed_) return state_.journal_sequence;
        if (auto committed = std::move(txn_).commit(); !committed) {
            return tl::unexpected(committed.error());
        }
        return state_.journal_sequence;
    }
    if (auto written = counts_.write(txn_); !written) return tl::unexpected(written.error());
    if (auto written = forms_.write(txn_); !written) return tl::unexpected(written.error());
    if (auto written = journal_.write(txn_, origin_, actor_, state_); !written) {
        return tl::unexpected(written.error());
    }
    const std::string state = encode_state(state_);
    if (auto put = txn_.put(lmdb::Table::kMeta, to_bytes(kStateKey), to_bytes(state)); !put) {
        return tl::unexpected(put.error());
    }
    if (auto committed = std::move(txn_).commit(); !committed) {
        return tl::unexpected(committed.error());
    }
    return state_.journal_sequence;
}

Result<Done> commit_first_prefix(lmdb::WriteTxn txn) {
    WriteTools tools;
    WriteWork work(std::move(txn), MetaState{}, tools, Origin::kCommand, {});
    Prefix prefix;
    prefix.number = work.next_prefix_number();
    prefix.name = "0.NA";
    prefix.since = now_seconds();
    if (auto stored = work.store_prefix(std::move(prefix), JournalAction::kPrefix); !stored) {
        return stored;
    }
    if (auto committed = work.commit(); !committed) return tl::unexpected(committed.error());
    return Done{};
}

}  // namespace idnode::registry
