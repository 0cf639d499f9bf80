#include "registry/wire_cache.h"

#include <cstring>

#include "registry/pattern_cache.h"

namespace idnode::registry {

Result<WirePattern> WireCache::load(const lmdb::Txn& txn, PatternRef ref) {
    const auto pattern = load_pattern(txn, ref);
    if (!pattern) return tl::unexpected(pattern.error());
    return patterns_.insert(ref, WirePattern(keep(ref, encode_wire_pattern(*pattern))));
}

const std::uint8_t* WireCache::keep(PatternRef ref, ByteSpan octets) {
    const std::size_t line_count = (octets.size() + sizeof(Line) - 1) / sizeof(Line);
    if (chunks_.empty() || chunk_used_ + line_count > chunks_.back()->lines.size()) {
        const std::size_t chunk_count = (line_count + kChunkLineCount - 1) / kChunkLineCount;
        add_chunk(chunk_count * kChunkLineCount);
    }
    Chunk& chunk = *chunks_.back();
    std::uint8_t* const place = chunk.lines[chunk_used_].octets;
    std::memcpy(place, octets.data(), octets.size());
    chunk_used_ += line_count;
    chunk.patterns.push_back(ref);
    return place;
}

void WireCache::add_chunk(std::size_t line_count) {
    chunks_.push_back(std::make_unique<Chunk>(line_count));
    chunk_used_ = 0;
    size_ += line_count * sizeof(Line);
}

void WireCache::forget_chunk() {
    const Chunk& oldest = *chunks_.front();
    for (const PatternRef ref : oldest.patterns) patterns_.erase(ref);
    size_ -= oldest.lines.size() * sizeof(Line);
    chunks_.pop_front();
}

}  // namespace idnode::registry
