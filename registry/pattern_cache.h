// Decoded patterns of one reader or writer, bounded. Patterns are immutable and their numbers never
// used again, so a decoded one is right for as long as it is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/pattern.h"

namespace idnode::registry {

class PatternCache {
public:
    static constexpr std::size_t kCountMax = 32'768;  // Some 20 MiB when all are there.

    // kCorrupt when there is no such pattern, or it cannot be decoded. Allocates only for a pattern
    // that is not yet there. The result is valid until trim().
    Result<const Pattern*> find(const lmdb::Txn& txn, PatternRef ref);

    // The pattern if it is there; null: ask find().
    [[nodiscard]] const Pattern* peek(PatternRef ref) const {
        const auto found = patterns_.find(key_of(ref));
        return found == patterns_.end() ? nullptr : found->second.get();
    }

    // Forgets all when there are more than kCountMax: call it while nobody holds one.
    void trim() {
        if (patterns_.size() > kCountMax) clear();
    }
    void clear() {
        patterns_.clear();
        last_ = nullptr;
    }
    [[nodiscard]] std::size_t size() const { return patterns_.size(); }

private:
    static std::uint64_t key_of(PatternRef ref) {
        return std::uint64_t{ref.prefix_number} << 16 | ref.id;
    }

    std::unordered_map<std::uint64_t, std::unique_ptr<const Pattern>> patterns_;
    PatternRef last_ref_;  // Neighbouring records mostly share one.
    const Pattern* last_ = nullptr;
};

}  // namespace idnode::registry
