#include "registry/pattern_cache.h"

#include <vector>

#include "registry/key.h"

namespace idnode::registry {

Result<const Pattern*> PatternCache::find(const lmdb::Txn& txn, PatternRef ref) {
    if (last_ != nullptr && ref == last_ref_) return last_;
    auto found = patterns_.find(key_of(ref));
    if (found == patterns_.end()) {
        const auto stored = txn.get(lmdb::Table::kPattern, pattern_key(ref));
        if (!stored) return tl::unexpected(stored.error());
        if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "pattern of a record"});
        std::vector<std::uint8_t> copy;
        if (auto copied = lmdb::copy_out(**stored, copy); !copied) {
            return tl::unexpected(copied.error());
        }
        auto pattern = decode_pattern(copy);
        if (!pattern) return tl::unexpected(pattern.error());
        found = patterns_.emplace(key_of(ref), std::make_unique<const Pattern>(std::move(*pattern)))
                    .first;
    }
    last_ref_ = ref;
    last_ = found->second.get();
    return last_;
}

}  // namespace idnode::registry
