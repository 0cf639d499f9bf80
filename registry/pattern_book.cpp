#include "registry/pattern_book.h"

#include <vector>

#include "protocol/core/limits.h"
#include "registry/key.h"
#include "registry/prefix.h"
#include "registry/writer.h"

namespace idnode::registry {

namespace {

// Gives the patterns of a prefix from a number on to `on_pattern`, until it gives false.
template <class OnPattern>
Result<Done> each_stored(const lmdb::Txn& txn, PatternRef from, OnPattern on_pattern) {
    auto cursor = lmdb::Cursor::open(txn, lmdb::Table::kPattern);
    if (!cursor) return tl::unexpected(cursor.error());
    auto entry = cursor->seek(pattern_key(from));
    std::vector<std::uint8_t> stored;
    for (; entry && *entry; entry = cursor->next()) {
        const auto ref = read_pattern_key((*entry)->key);
        if (!ref) return tl::unexpected(Error{ErrorKind::kCorrupt, "pattern key"});
        if (ref->prefix_number != from.prefix_number) return Done{};
        if (auto copied = lmdb::copy_out((*entry)->value, stored); !copied) return copied;
        if (!on_pattern(ref->id, ByteSpan(stored))) return Done{};
    }
    if (!entry) return tl::unexpected(entry.error());
    return Done{};
}

}  // namespace

void PatternBook::on_begin() {
    ++transaction_;
    if (known_ <= kKnownCountMax) return;
    prefixes_.clear();
    known_ = 0;
}

Result<Done> PatternBook::catch_up(const lmdb::WriteTxn& txn, std::uint32_t prefix_number,
                                   Prefix& prefix) {
    const PatternRef from{prefix_number, static_cast<std::uint16_t>(prefix.next_id)};
    const auto walked = each_stored(txn, from, [&](std::uint16_t id, ByteSpan stored) {
        prefix.ids.emplace(to_text(stored), id);
        prefix.next_id = id + 1U;
        ++known_;
        return true;
    });
    if (walked) prefix.seen_in = transaction_;
    return walked;
}

Result<PatternBook::Given> PatternBook::number_of(lmdb::WriteTxn& txn, std::uint32_t prefix_number,
                                                  const Pattern& pattern) {
    Prefix& prefix = prefixes_[prefix_number];
    if (prefix.seen_in != transaction_ && prefix.next_id < kNoPattern) {
        if (auto caught_up = catch_up(txn, prefix_number, prefix); !caught_up) {
            return tl::unexpected(caught_up.error());
        }
    }
    std::string stored = encode_pattern(pattern);
    if (const auto known = prefix.ids.find(stored); known != prefix.ids.end()) {
        return Given{{prefix_number, known->second}, false};
    }
    if (prefix.next_id >= kNoPattern || stored.size() > kPatternSizeMax) {
        return tl::unexpected(Error{ErrorKind::kOverloaded, "patterns of a prefix"});
    }
    const PatternRef ref{prefix_number, static_cast<std::uint16_t>(prefix.next_id)};
    if (auto put = txn.put(lmdb::Table::kPattern, pattern_key(ref), to_bytes(stored)); !put) {
        return tl::unexpected(put.error());
    }
    ++prefix.next_id;
    ++known_;
    prefix.ids.emplace(std::move(stored), ref.id);
    return Given{ref, true};
}

Result<std::vector<Pattern>> stored_patterns(const lmdb::Environment& environment,
                                             std::string_view folded, std::size_t count_max) {
    std::vector<Pattern> patterns;
    if (folded.empty() || folded.size() > kIdentifierSizeMax) return patterns;
    auto txn = lmdb::ReadTxn::begin(environment);
    if (!txn) return tl::unexpected(txn.error());
    const auto stored = txn->get(lmdb::Table::kPrefix, to_bytes(folded));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return patterns;
    const auto prefix = decode_prefix(**stored);
    if (!prefix) return tl::unexpected(prefix.error());
    const auto walked = each_stored(*txn, {prefix->number, 0}, [&](std::uint16_t, ByteSpan octets) {
        if (auto pattern = decode_pattern(octets)) patterns.push_back(std::move(*pattern));
        return patterns.size() < count_max;
    });
    if (!walked) return tl::unexpected(walked.error());
    return patterns;
}

}  // namespace idnode::registry
