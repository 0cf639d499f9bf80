// Octets that are needed until clear() and never move: copies of identifiers and values while
// blocks are rewritten. Memory is kept for the next use.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/core/bytes.h"

namespace idnode::registry {

class Arena {
public:
    std::string_view copy(std::string_view text) {
        if (text.empty()) return {};
        char* const place = take(text.size(), 1);
        std::memcpy(place, text.data(), text.size());
        return {place, text.size()};
    }
    ByteSpan copy(ByteSpan octets) { return to_bytes(copy(to_text(octets))); }
    // The texts themselves are copied too.
    std::span<const std::string_view> copy(std::span<const std::string_view> texts) {
        const std::span copies = make<std::string_view>(texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i) copies[i] = copy(texts[i]);
        return copies;
    }
    // Objects that need no destructor.
    template <class T>
    std::span<T> make(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        if (count == 0) return {};
        auto* const objects = reinterpret_cast<T*>(take(count * sizeof(T), alignof(T)));
        std::uninitialized_value_construct_n(objects, count);
        return {objects, count};
    }

    void clear() {
        chunk_ = 0;
        used_ = 0;
        size_ = 0;
    }
    // Octets handed out since the last clear().
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    static constexpr std::size_t kChunkSize = 256 * 1024;

    struct Chunk {
        std::unique_ptr<char[]> octets;
        std::size_t size = 0;
    };

    char* take(std::size_t size, std::size_t alignment) {
        used_ = (used_ + alignment - 1) / alignment * alignment;
        while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) {
            ++chunk_;
            used_ = 0;
        }
        if (chunk_ == chunks_.size()) {
            const std::size_t wanted = size > kChunkSize ? size : kChunkSize;
            // Default-initialised: what is handed out is written before it is read.
            chunks_.push_back({std::unique_ptr<char[]>(new char[wanted]), wanted});
        }
        char* const place = chunks_[chunk_].octets.get() + used_;
        used_ += size;
        size_ += size;
        return place;
    }

    std::vector<Chunk> chunks_;
    std::size_t chunk_ = 0;  // The one in use,
    std::size_t used_ = 0;   // and the octets taken of it.
    std::size_t size_ = 0;
};

}  // namespace idnode::registry
