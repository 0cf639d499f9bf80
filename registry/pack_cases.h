// The registered case of a block to be: upper, lower, or a mask over the places of the identifier,
// whichever fits most records; the others are exceptions with a mask of their own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"

namespace idnode::registry {

class PackCases {
public:
    void scan(std::span<const PackRecord> records);

    [[nodiscard]] CaseMode mode() const { return mode_; }
    // Octets of the section; the same for any count.
    [[nodiscard]] std::size_t size() const { return mode_ == CaseMode::kMask ? mask_size_ : 0; }
    void write(BlockWriter& out) const;

    // Octets that the case takes in the entry of this record: 0 when it is as the block says.
    [[nodiscard]] std::size_t own_size(std::size_t position) const { return own_sizes_[position]; }
    void write_own(std::size_t position, BlockWriter& out) const;

private:
    // A bit for each place of an identifier.
    using Mask = std::array<std::uint8_t, kIdentifierSizeMax / 8>;

    void plan_mask();
    [[nodiscard]] bool fits(const PackRecord& record) const;
    [[nodiscard]] std::size_t count_fitting(CaseMode mode);

    std::span<const PackRecord> records_;
    std::vector<std::uint8_t> own_sizes_;
    CaseMode mode_ = CaseMode::kUpper;
    Mask mask_{};
    std::size_t mask_size_ = 0;
};

}  // namespace idnode::registry
