#include "registry/walk.h"

#include <algorithm>
#include <optional>

#include "protocol/core/identifier.h"
#include "registry/block.h"
#include "registry/block_walk.h"
#include "registry/key.h"

namespace idnode::registry {

namespace {

std::string fold(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

Result<PrefixCounts> counts_of(const lmdb::Txn& txn, std::uint32_t number) {
    const auto stored = txn.get(lmdb::Table::kCount, count_key(number));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return PrefixCounts{};
    return decode_counts(**stored);
}

}  // namespace

KeyRange range_of_prefix(std::string_view prefix) {
    // Behind "/" comes "0" in ASCII: what begins with "P/" lies below "P0".
    const std::string folded = fold(prefix);
    return {folded + "/", folded + "0"};
}

struct RecordWalk::State {
    KeyRange range;
    BlockWalk blocks;
    std::optional<BlockCursor> cursor;  // Of the block at hand.
    Record record;
    bool ended = false;

    Result<bool> open_block();
    Result<Done> set_pattern();
};

RecordWalk::RecordWalk(Registry& registry, const KeyRange& range)
    : state_(new State{range, BlockWalk(registry.parts(), range.from), {}, {}, false}) {}
RecordWalk::~RecordWalk() = default;

const Record& RecordWalk::record() const { return state_->record; }
std::string_view RecordWalk::folded() const { return state_->cursor->folded(); }
bool RecordWalk::ended() const { return state_->ended; }
KeyRange RecordWalk::place() const { return {state_->blocks.key(), state_->blocks.next_key()}; }

Result<bool> RecordWalk::State::open_block() {
    const auto more = blocks.next();
    if (!more) {
        ended = !blocks.has_place();
        return more;
    }
    if (!*more || (!range.to.empty() && blocks.key() >= range.to)) {
        ended = true;
        return false;
    }
    const auto block = BlockView::open(blocks.octets());
    if (!block) return tl::unexpected(block.error());
    if (!block->checksum_ok()) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "checksum of a block"});
    }
    cursor.emplace(*block);
    return true;
}

Result<Done> RecordWalk::State::set_pattern() {
    record.pattern = nullptr;
    if (record.fields.pattern.id == kNoPattern) return Done{};
    const auto pattern = blocks.pattern(record.fields.pattern);
    if (!pattern) return tl::unexpected(pattern.error());
    record.pattern = *pattern;
    return Done{};
}

Result<bool> RecordWalk::next() {
    State& state = *state_;
    while (!state.ended) {
        if (!state.cursor) {
            const auto opened = state.open_block();
            if (!opened || !*opened) return opened;
        }
        const auto more = state.cursor->next(state.record);
        if (!more || !*more) {
            state.cursor.reset();
            if (!more) return more;
            continue;
        }
        const std::string_view folded = state.cursor->folded();
        if (folded < state.blocks.from()) continue;
        if (!state.range.to.empty() && folded >= state.range.to) {
            state.ended = true;
            break;
        }
        if (auto set = state.set_pattern(); !set) {
            state.cursor.reset();
            return tl::unexpected(set.error());
        }
        return true;
    }
    return false;
}

PrefixWalk::PrefixWalk(Registry& registry, std::string from)
    : registry_(registry), next_key_(std::move(from)) {}

Result<bool> PrefixWalk::next() {
    if (ended_) return false;
    auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kPrefix);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto found = next_key_.empty() ? cursor->first() : cursor->seek(to_bytes(next_key_));
    ended_ = !found;
    if (!found) return tl::unexpected(found.error());
    if (!*found) return false;
    ended_ = to_text((*found)->key) < next_key_;
    if (ended_) return tl::unexpected(Error{ErrorKind::kCorrupt, "order of prefixes"});
    // The next key is at least this one and an octet more.
    next_key_.assign(to_text((*found)->key));
    next_key_ += '\0';
    auto prefix = decode_prefix((*found)->value);
    if (!prefix) return tl::unexpected(prefix.error());
    const auto counts = counts_of(*txn, prefix->number);
    if (!counts) return tl::unexpected(counts.error());
    prefix_ = std::move(*prefix);
    counts_ = *counts;
    return true;
}

Result<std::optional<std::pair<Prefix, PrefixCounts>>> find_prefix(Registry& registry,
                                                                   std::string_view name) {
    std::optional<std::pair<Prefix, PrefixCounts>> found;
    if (name.empty() || name.size() > kIdentifierSizeMax) return found;
    auto txn = lmdb::ReadTxn::begin(registry.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    const std::string key = fold(name);
    const auto stored = txn->get(lmdb::Table::kPrefix, to_bytes(key));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return found;
    auto prefix = decode_prefix(**stored);
    if (!prefix) return tl::unexpected(prefix.error());
    const auto counts = counts_of(*txn, prefix->number);
    if (!counts) return tl::unexpected(counts.error());
    found.emplace(std::move(*prefix), *counts);
    return found;
}

}  // namespace idnode::registry
