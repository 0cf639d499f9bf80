#include "registry/pattern_book.h"

#include <vector>

#include "registry/key.h"
#include "registry/writer.h"

namespace idnode::registry {

void PatternBook::on_begin() {
    ++transaction_;
    if (known_ <= kKnownCountMax) return;
    prefixes_.clear();
    known_ = 0;
}

Result<Done> PatternBook::catch_up(const lmdb::WriteTxn& txn, std::uint32_t prefix_number,
                                   Prefix& prefix) {
    auto cursor = lmdb::Cursor::open(txn, lmdb::Table::kPattern);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto from = static_cast<std::uint16_t>(prefix.next_id);
    auto entry = cursor->seek(pattern_key({prefix_number, from}));
    for (; entry && *entry; entry = cursor->next()) {
        const auto ref = read_pattern_key((*entry)->key);
        if (!ref) return tl::unexpected(Error{ErrorKind::kCorrupt, "pattern key"});
        if (ref->prefix_number != prefix_number) break;
        std::vector<std::uint8_t> stored;
        if (auto copied = lmdb::copy_out((*entry)->value, stored); !copied) return copied;
        prefix.ids.emplace(to_text(stored), ref->id);
        prefix.next_id = ref->id + 1U;
        ++known_;
    }
    if (!entry) return tl::unexpected(entry.error());
    prefix.seen_in = transaction_;
    return Done{};
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

}  // namespace idnode::registry
