#include "registry/block_walk.h"

#include <utility>

namespace idnode::registry {

Result<Done> BlockWalk::begin() {
    if (txn_) return txn_->renew();
    auto txn = lmdb::ReadTxn::begin(parts_.environment);
    if (!txn) return tl::unexpected(txn.error());
    txn_.emplace(std::move(*txn));
    return Done{};
}

Result<bool> BlockWalk::next() {
    if (behind_) {
        ended_ = true;
        has_place_ = false;
        return tl::unexpected(*std::exchange(behind_, std::nullopt));
    }
    if (started_ && next_key_.empty()) ended_ = true;
    if (ended_) return false;
    if (started_) from_ = next_key_;
    started_ = true;
    has_place_ = false;
    next_key_.clear();
    octets_.clear();
    patterns_.trim();
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    auto got = read();
    txn_->reset();
    return got;
}

Result<bool> BlockWalk::read() {
    auto cursor = lmdb::Cursor::open(*txn_, lmdb::Table::kIds);
    if (!cursor) return tl::unexpected(cursor.error());
    auto found = from_.empty() ? cursor->first() : cursor->seek_back(to_bytes(from_));
    if (found && !*found) found = cursor->first();
    if (!found) return tl::unexpected(found.error());
    if (!*found) {
        ended_ = true;
        return false;
    }
    key_ = to_text((*found)->key);
    const ByteSpan stored = (*found)->value;
    // What cannot be read behind this block takes nothing from the block itself.
    const auto next = cursor->next();
    if (!next) behind_ = next.error();
    if (next && *next) next_key_ = to_text((*next)->key);
    // Damaged pages may lead back: a walk that goes on must come further.
    if (next && *next && (next_key_ <= key_ || next_key_ <= from_)) {
        behind_ = Error{ErrorKind::kCorrupt, "order of blocks"};
        next_key_.clear();
    }
    has_place_ = true;
    if (auto copied = lmdb::copy_out(stored, octets_); !copied) {
        return tl::unexpected(copied.error());
    }
    return true;
}

Result<const Pattern*> BlockWalk::pattern(PatternRef ref) {
    if (const Pattern* known = patterns_.peek(ref)) return known;
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    const auto found = patterns_.find(*txn_, ref);
    txn_->reset();
    return found;
}

}  // namespace idnode::registry
