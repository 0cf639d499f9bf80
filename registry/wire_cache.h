// Patterns in wire form (wire_pattern.h) for the lookups of one reader, bounded; one behind the
// other in large pages, for they are read at random. Those that came first go first, some thousand
// at a time: no batch waits for more.
#pragma once

#include <cstdint>
#include <deque>
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
    // Of the memory that they take; the table of their places comes to it, some 50 octets for each.
    static constexpr std::size_t kSizeMax = std::size_t{64} << 20;

    explicit WireCache(std::size_t size_max = kSizeMax) : size_max_(size_max) {}

    // As load_pattern() (pattern_cache.h), which is asked only for what is not there yet; allocates
    // only then. The result is valid until trim().
    Result<WirePattern> find(const lmdb::Txn& txn, PatternRef ref) {
        if (const WirePattern known = peek(ref)) return known;
        return load(txn, ref);
    }
    // The pattern if it is there; none: ask find().
    [[nodiscard]] WirePattern peek(PatternRef ref) const { return patterns_.find(ref); }
    // Asks memory for what peek() looks at first.
    void prefetch(PatternRef ref) const { patterns_.prefetch(ref); }

    // Forgets the oldest while they take more than their bound, but not the newest: call it while
    // nobody holds one.
    void trim() {
        while (size_ > size_max_ && chunks_.size() > 1) forget_chunk();
    }
    [[nodiscard]] std::size_t size() const { return patterns_.size(); }

private:
    // Patterns begin with a line: one less to read.
    struct alignas(64) Line {
        std::uint8_t octets[64];
    };
    struct Chunk {
        explicit Chunk(std::size_t line_count) : lines(line_count) {}
        LargeArray<Line> lines;
        std::vector<PatternRef> patterns;
    };
    static constexpr std::size_t kChunkLineCount = (std::size_t{1} << 21) / sizeof(Line);

    // Seldom: kept out of the way of the other lookups.
    [[gnu::noinline, gnu::cold]] Result<WirePattern> load(const lmdb::Txn& txn, PatternRef ref);
    const std::uint8_t* keep(PatternRef ref, ByteSpan octets);
    void add_chunk(std::size_t line_count);
    void forget_chunk();

    PatternTable<WirePattern> patterns_;
    std::deque<std::unique_ptr<Chunk>> chunks_;  // The oldest first.
    std::size_t chunk_used_ = 0;                 // Lines of the last one.
    std::size_t size_ = 0;                       // Octets of all of them.
    std::size_t size_max_;
};

}  // namespace idnode::registry
