// Decoded patterns of one walk or writer, bounded. Patterns are immutable and their numbers never
// used again, so a decoded one is right for as long as it is kept.
#pragma once

#include <cstdint>
#include <memory>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/pattern.h"
#include "registry/pattern_table.h"

namespace idnode::registry {

// The pattern as it is stored: kCorrupt when there is none, or it cannot be decoded.
Result<Pattern> load_pattern(const lmdb::Txn& txn, PatternRef ref);

class PatternCache {
public:
    static constexpr std::size_t kCountMax = 32'768;  // Some 30 MiB when all are there.

    // As load_pattern(), which is asked only for what is not there yet. The result is valid until
    // trim().
    Result<const Pattern*> find(const lmdb::Txn& txn, PatternRef ref);
    // The pattern if it is there; null: ask find().
    [[nodiscard]] const Pattern* peek(PatternRef ref) const { return patterns_.find(ref).get(); }

    // Forgets all when there are more than kCountMax: call it while nobody holds one.
    void trim() {
        if (patterns_.size() > kCountMax) patterns_.clear();
    }
    [[nodiscard]] std::size_t size() const { return patterns_.size(); }

private:
    PatternTable<std::unique_ptr<const Pattern>> patterns_;
};

}  // namespace idnode::registry
