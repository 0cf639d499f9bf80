#include "registry/pattern_cache.h"

#include <bit>
#include <utility>

#include "registry/key.h"

namespace idnode::registry {
namespace {

constexpr unsigned kBitsAtFirst = 6;

}  // namespace

void PatternCache::clear() {
    slots_.clear();
    count_ = 0;
    resize(kBitsAtFirst);
}

void PatternCache::resize(unsigned bits) {
    std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(std::size_t{1} << bits));
    mask_ = slots_.size() - 1;
    shift_ = 64 - bits;
    for (Slot& slot : before) {
        if (!slot.pattern) continue;
        std::size_t place = first_slot(slot.key);
        while (slots_[place].pattern) place = (place + 1) & mask_;
        slots_[place] = std::move(slot);
    }
}

Result<const ReadyPattern*> PatternCache::find(const lmdb::Txn& txn, PatternRef ref) {
    if (const ReadyPattern* known = peek(ref)) return known;
    const auto stored = txn.get(lmdb::Table::kPattern, pattern_key(ref));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "pattern of a record"});
    std::vector<std::uint8_t> copy;
    if (auto copied = lmdb::copy_out(**stored, copy); !copied) {
        return tl::unexpected(copied.error());
    }
    auto pattern = decode_pattern(copy);
    if (!pattern) return tl::unexpected(pattern.error());
    if (2 * ++count_ > slots_.size()) resize(static_cast<unsigned>(std::bit_width(slots_.size())));
    Slot& slot = slots_[slot_of(ref)];
    slot = {key_of(ref), std::make_unique<const ReadyPattern>(std::move(*pattern))};
    return slot.pattern.get();
}

}  // namespace idnode::registry
