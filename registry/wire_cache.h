// Patterns in wire form (wire_pattern.h) for the lookups of one reader, bounded; one behind the
// other in large pages, for they are read at random.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/core/result.h"
#include "registry/large_array.h"
#include "registry/lmdb.h"
#include "registry/pattern.h"
#include "registry/pattern_table.h"
#include "registry/wire_pattern.h"

namespace idnode::registry {

class WireCache {
public:
    static constexpr std::size_t kSizeMax = std::size_t{64} << 20;

    explicit WireCache(std::size_t size_max = kSizeMax) : size_max_(size_max) {}

    // As load_pattern() (pattern_cache.h), which is asked only for what is not there yet; allocates
    // only then. The result is valid until trim().
    Result<WirePattern> find(const lmdb::Txn& txn, PatternRef ref);
    // The pattern if it is there; none: ask find().
    [[nodiscard]] WirePattern peek(PatternRef ref) const { return patterns_.find(ref); }
    // Asks memory for what peek() looks at first.
    void prefetch(PatternRef ref) const { patterns_.prefetch(ref); }

    // Forgets half of them when they take more than their bound: call it while nobody holds one.
    void trim() {
        if (used_ > size_max_) halve();
    }
    [[nodiscard]] std::size_t size() const { return patterns_.size(); }

private:
    // Patterns begin with a line: one less to read.
    struct alignas(64) Line {
        std::uint8_t octets[64];
    };
    using Chunk = LargeArray<Line>;
    static constexpr std::size_t kChunkLineCount = (std::size_t{1} << 21) / sizeof(Line);

    const std::uint8_t* keep(ByteSpan octets);
    void halve();

    PatternTable<WirePattern> patterns_;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t chunk_used_ = 0;  // Lines of the last one.
    std::size_t used_ = 0;        // Octets of all.
    std::size_t size_max_;
};

}  // namespace idnode::registry
