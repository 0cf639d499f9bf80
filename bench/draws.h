// Sparse numbers: the space of an enterprise is cut into equal slices, each holds 64 sorted random
// numbers (the last one those that remain), all different. Gaps are random and the n-th number is
// found by drawing one slice.
#pragma once

#include <array>
#include <cstdint>

namespace idnode::bench {

inline constexpr std::uint64_t kDrawsPerSlice = 64;

// The place in one enterprise; the numbers of a slice are drawn once.
class DrawReader {
public:
    DrawReader() = default;
    // `count` numbers in [0, space]; a slice must be wider than 64.
    DrawReader(std::uint64_t seed, std::uint64_t count, std::uint64_t space);

    // Number `index`, ascending in it.
    std::uint64_t number(std::uint64_t index);

private:
    void draw(std::uint64_t slice);

    std::uint64_t seed_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t width_ = 0;
    std::uint64_t slice_ = UINT64_MAX;
    std::array<std::uint64_t, kDrawsPerSlice> numbers_{};
};

}  // namespace idnode::bench
