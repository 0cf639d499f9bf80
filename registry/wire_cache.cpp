#include "registry/wire_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "registry/pattern_cache.h"

namespace idnode::registry {

Result<WirePattern> WireCache::find(const lmdb::Txn& txn, PatternRef ref) {
    if (const WirePattern known = peek(ref)) return known;
    const auto pattern = load_pattern(txn, ref);
    if (!pattern) return tl::unexpected(pattern.error());
    return patterns_.insert(ref, WirePattern(keep(encode_wire_pattern(*pattern))));
}

const std::uint8_t* WireCache::keep(ByteSpan octets) {
    const std::size_t line_count = (octets.size() + sizeof(Line) - 1) / sizeof(Line);
    if (chunks_.empty() || chunk_used_ + line_count > chunks_.back()->size()) {
        chunks_.push_back(std::make_unique<Chunk>(std::max(line_count, kChunkLineCount)));
        chunk_used_ = 0;
    }
    std::uint8_t* const place = (*chunks_.back())[chunk_used_].octets;
    std::memcpy(place, octets.data(), octets.size());
    chunk_used_ += line_count;
    used_ += line_count * sizeof(Line);
    return place;
}

void WireCache::halve() {
    patterns_.halve();
    const auto before = std::exchange(chunks_, {});
    used_ = 0;
    patterns_.for_each(
        [this](WirePattern& pattern) { pattern = WirePattern(keep(pattern.octets())); });
}

}  // namespace idnode::registry
