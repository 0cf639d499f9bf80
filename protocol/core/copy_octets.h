// memcpy for the short pieces that messages are made of: without a call, and without a look at
// octets beside them. The pieces must not overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace idnode {

// Seldom, and kept apart so that the compiler does not take it for possible where it is not.
[[gnu::noinline]] inline void copy_many_octets(std::uint8_t* to, const std::uint8_t* from,
                                               std::size_t size) {
    std::memcpy(to, from, size);
}

inline void copy_octets(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
    const auto move = [to, from](std::size_t at, auto word) {
        std::memcpy(&word, from + at, sizeof word);
        std::memcpy(to + at, &word, sizeof word);
    };
    struct Words {
        std::uint64_t low, high;
    };
    if (size > 64) {
        copy_many_octets(to, from, size);
    } else if (size >= sizeof(Words)) {
        for (std::size_t at = 0; at + sizeof(Words) < size; at += sizeof(Words)) move(at, Words{});
        move(size - sizeof(Words), Words{});
    } else if (size >= 8) {
        move(0, std::uint64_t{});
        move(size - 8, std::uint64_t{});
    } else if (size >= 4) {
        move(0, std::uint32_t{});
        move(size - 4, std::uint32_t{});
    } else {
        for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
    }
}

}  // namespace idnode
