#include "registry/pattern_cache.h"

#include <utility>
#include <vector>

#include "registry/key.h"

namespace idnode::registry {

Result<Pattern> load_pattern(const lmdb::Txn& txn, PatternRef ref) {
    const auto stored = txn.get(lmdb::Table::kPattern, pattern_key(ref));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "pattern of a record"});
    std::vector<std::uint8_t> copy;
    if (auto copied = lmdb::copy_out(**stored, copy); !copied) {
        return tl::unexpected(copied.error());
    }
    return decode_pattern(copy);
}

Result<const Pattern*> PatternCache::find(const lmdb::Txn& txn, PatternRef ref) {
    if (const Pattern* const known = peek(ref)) return known;
    auto pattern = load_pattern(txn, ref);
    if (!pattern) return tl::unexpected(pattern.error());
    return patterns_.insert(ref, std::make_unique<const Pattern>(std::move(*pattern))).get();
}

}  // namespace idnode::registry
