#include "registry/pack_times.h"

#include <algorithm>
#include <array>
#include <bit>

namespace idnode::registry {
namespace {

// What a record of its own time takes among the exceptions: form, time, start and position.
constexpr std::size_t kExceptionCost = 7;

}  // namespace

void PackTimes::scan(std::span<const PackRecord> records) {
    times_.resize(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) times_[i] = records[i].fields.time;
    exceptions_.assign(records.size(), 0);
    const std::size_t one = plan_one();
    if (one == 0) return choose_one();
    const std::size_t runs = plan_runs();
    const std::size_t offsets = plan_offsets();
    if (one <= runs && one <= offsets) return choose_one();
    return runs <= offsets ? choose_runs() : choose_offsets();
}

// Finds the time that most have, if more than half do (Boyer and Moore).
std::size_t PackTimes::plan_one() {
    std::size_t votes = 0;
    for (const std::uint32_t time : times_) {
        if (votes == 0) majority_ = time;
        votes = time == majority_ ? votes + 1 : votes - 1;
    }
    const auto equal = static_cast<std::size_t>(std::ranges::count(times_, majority_));
    return (times_.size() - equal) * kExceptionCost;
}

std::size_t PackTimes::plan_runs() {
    runs_.clear();
    islands_.clear();
    runs_.push_back({0, times_[0]});
    for (std::size_t i = 1; i < times_.size(); ++i) {
        const std::uint32_t current = runs_.back().time;
        if (times_[i] == current) continue;
        if (i + 1 < times_.size() && times_[i + 1] == current) {
            islands_.push_back(static_cast<std::uint16_t>(i));
        } else {
            runs_.push_back({static_cast<std::uint16_t>(i), times_[i]});
        }
    }
    return 3 + runs_.size() * 5 + islands_.size() * kExceptionCost;
}

// Finds the width at which numbers and those that do not fit it take least.
std::size_t PackTimes::plan_offsets() {
    earliest_ = std::ranges::min(times_);
    std::array<std::size_t, 33> counts{};
    for (const std::uint32_t time : times_) ++counts[std::bit_width(time - earliest_)];
    std::size_t least = SIZE_MAX;
    std::size_t beyond = 0;
    for (unsigned width = 33; width-- > 0;) {
        const std::size_t size = 1 + bits_size(times_.size(), width) + beyond * kExceptionCost;
        if (size <= least) {
            least = size;
            offset_width_ = width;
        }
        beyond += counts[width];
    }
    return least;
}

void PackTimes::choose_one() {
    form_ = TimeForm::kOne;
    base_ = majority_;
    for (std::size_t i = 0; i < times_.size(); ++i) exceptions_[i] = times_[i] != base_ ? 1 : 0;
}

void PackTimes::choose_runs() {
    form_ = TimeForm::kRuns;
    const auto [least, most] = std::ranges::minmax(runs_, {}, &Run::time);
    base_ = least.time;
    width_ = static_cast<unsigned>(std::bit_width(most.time - least.time));
    for (const std::uint16_t island : islands_) exceptions_[island] = 1;
}

void PackTimes::choose_offsets() {
    form_ = TimeForm::kOffsets;
    base_ = earliest_;
    width_ = offset_width_;
    for (std::size_t i = 0; i < times_.size(); ++i) {
        exceptions_[i] = times_[i] - base_ > low_bits(width_) ? 1 : 0;
    }
}

// Runs that begin among the first `count` records.
std::size_t PackTimes::run_count(std::size_t count) const {
    const auto behind = std::ranges::lower_bound(runs_, count, {}, &Run::start);
    return static_cast<std::size_t>(behind - runs_.begin());
}

std::size_t PackTimes::size(std::size_t count) const {
    if (form_ == TimeForm::kOne) return 0;
    if (form_ == TimeForm::kOffsets) return 1 + bits_size(count, width_);
    const std::size_t runs = run_count(count);
    return 2 + 2 * runs + 1 + bits_size(runs, width_);
}

void PackTimes::write(std::size_t count, BlockWriter& out) const {
    if (form_ == TimeForm::kOne) return;
    if (form_ == TimeForm::kOffsets) {
        out.u8(width_);
        out.bits(count, width_, [this](std::size_t i) -> std::uint64_t {
            return exceptions_[i] != 0 ? 0 : times_[i] - base_;
        });
        return;
    }
    const std::size_t runs = run_count(count);
    out.u16(runs);
    for (std::size_t i = 0; i < runs; ++i) out.u16(runs_[i].start);
    out.u8(width_);
    out.bits(runs, width_, [this](std::size_t i) { return runs_[i].time - base_; });
}

}  // namespace idnode::registry
