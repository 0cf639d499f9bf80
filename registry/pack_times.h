// The times of a block to be: the cheapest form for a window of records (one, runs or offsets), and
// which of them do not fit it and become exceptions, so that one late change does not widen or
// break what all others share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/block.h"
#include "registry/block_writer.h"

namespace idnode::registry {

class PackTimes {
public:
    void scan(std::span<const PackRecord> records);

    [[nodiscard]] TimeForm form() const { return form_; }
    [[nodiscard]] std::uint32_t base() const { return base_; }
    [[nodiscard]] bool is_exception(std::size_t position) const {
        return exceptions_[position] != 0;
    }

    // Octets of the section for the first `count` records.
    [[nodiscard]] std::size_t size(std::size_t count) const;
    void write(std::size_t count, BlockWriter& out) const;

private:
    struct Run {
        std::uint16_t start;
        std::uint32_t time;
    };

    std::size_t plan_one();
    std::size_t plan_runs();
    std::size_t plan_offsets();
    void choose_one();
    void choose_runs();
    void choose_offsets();
    [[nodiscard]] std::size_t run_count(std::size_t count) const;

    std::vector<std::uint32_t> times_;
    std::vector<std::uint8_t> exceptions_;
    std::vector<Run> runs_;
    std::vector<std::uint16_t> islands_;  // Records that differ from both neighbours alone.
    TimeForm form_ = TimeForm::kOne;
    std::uint32_t base_ = 0;
    std::uint32_t majority_ = 0;
    std::uint32_t earliest_ = 0;
    unsigned width_ = 0;  // Of the numbers of the form chosen.
    unsigned offset_width_ = 0;
};

}  // namespace idnode::registry
