// The numbers of the identifiers of a block to be, in the numeric form of block_keys.h that takes
// least: offsets at bit width, cells, or buckets.
//
// scan() costs one pass; the sizes for any count then come without looking at the numbers again.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/block_keys.h"
#include "registry/block_writer.h"

namespace idnode::registry {

class PackNumbers {
public:
    // Looks at `numbers`, which ascend and must outlive the calls below.
    void scan(std::span<const std::uint64_t> numbers);

    struct Choice {
        KeyForm form;
        std::size_t size;  // Octets from the width on.
    };
    // The form that takes least for the first `count`, at least one.
    [[nodiscard]] Choice choose(std::size_t count) const;
    // Writes what choose() names, from the width on.
    void write(std::size_t count, BlockWriter& out) const;

private:
    // Numbers that follow each other closely, with a bit for each number from the first one on.
    struct Run {
        std::uint64_t start;  // Counted from the first number of all.
        std::uint64_t place;  // Bits of the runs before.
    };
    struct Cells {
        std::size_t bit_count;
        std::size_t run_count;
        unsigned start_width;
        unsigned place_width;
    };
    struct Buckets {
        unsigned low_width;
        std::size_t bucket_count;
        std::size_t sample_count;
        unsigned sample_width;
    };

    [[nodiscard]] std::uint64_t offset(std::size_t i) const { return numbers_[i] - numbers_[0]; }
    [[nodiscard]] unsigned offset_width(std::size_t count) const;
    [[nodiscard]] Cells cells(std::size_t count) const;
    [[nodiscard]] Buckets buckets(std::size_t count) const;
    void write_in_cells(std::size_t count, BlockWriter& out) const;
    void write_in_buckets(std::size_t count, BlockWriter& out) const;

    std::span<const std::uint64_t> numbers_;
    std::vector<std::uint32_t> places_;  // Each number's bit in the cells.
    std::vector<Run> runs_;
};

}  // namespace idnode::registry
