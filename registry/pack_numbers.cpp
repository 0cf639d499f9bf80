#include "registry/pack_numbers.h"

#include <algorithm>
#include <bit>

#include "registry/bit_cells.h"

namespace idnode::registry {
namespace {

// A gap of more numbers ends a run: its bits would take more than the start of another one.
constexpr std::uint64_t kGapMax = 32;

// What the cells' counts are kept in.
constexpr std::size_t kBitCountMax = 0xFFFF;

unsigned width_of(std::uint64_t number) { return static_cast<unsigned>(std::bit_width(number)); }

}  // namespace

void PackNumbers::scan(std::span<const std::uint64_t> numbers) {
    numbers_ = numbers;
    places_.resize(numbers.size());
    runs_.clear();
    std::uint32_t place = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint64_t step = i == 0 ? UINT64_MAX : numbers[i] - numbers[i - 1];
        if (step > kGapMax) {
            if (i > 0) ++place;
            runs_.push_back({offset(i), place});
        } else {
            place += static_cast<std::uint32_t>(step);
        }
        places_[i] = place;
    }
}

unsigned PackNumbers::offset_width(std::size_t count) const { return width_of(offset(count - 1)); }

PackNumbers::Cells PackNumbers::cells(std::size_t count) const {
    const std::uint64_t last = places_[count - 1];
    const auto behind = std::ranges::upper_bound(runs_, last, {}, &Run::place);
    const Run& last_run = *std::prev(behind);
    return {last + 1, static_cast<std::size_t>(behind - runs_.begin()), width_of(last_run.start),
            width_of(last_run.place)};
}

// With this width of the low bits marks and low bits together take least.
PackNumbers::Buckets PackNumbers::buckets(std::size_t count) const {
    const std::uint64_t last = offset(count - 1);
    const unsigned quotient_width = width_of(last / count);
    const unsigned low_width = quotient_width == 0 ? 0 : quotient_width - 1;
    const std::size_t bucket_count = (last >> low_width) + 1;
    return {low_width, bucket_count, (bucket_count + kBucketsPerSample - 1) / kBucketsPerSample,
            width_of(count)};
}

PackNumbers::Choice PackNumbers::choose(std::size_t count) const {
    constexpr std::size_t kHeadSize = 1 + 8;  // Width and first number.
    Choice best{KeyForm::kNumeric, kHeadSize + bits_size(count, offset_width(count))};
    const auto consider = [&best](KeyForm form, std::size_t size) {
        if (size < best.size) best = {form, size};
    };
    const Cells in_cells = cells(count);
    if (in_cells.bit_count <= kBitCountMax) {
        consider(KeyForm::kCells, kHeadSize + 1 + 2 + 2 +
                                      bits_size(in_cells.run_count, in_cells.start_width) +
                                      bits_size(in_cells.run_count, in_cells.place_width) +
                                      bitmap_size(in_cells.bit_count));
    }
    const Buckets in_buckets = buckets(count);
    consider(KeyForm::kBuckets, kHeadSize + 2 +
                                    bits_size(in_buckets.sample_count, in_buckets.sample_width) +
                                    bits_size(count + in_buckets.bucket_count, 1) +
                                    bits_size(count, in_buckets.low_width));
    return best;
}

void PackNumbers::write(std::size_t count, BlockWriter& out) const {
    switch (choose(count).form) {
        case KeyForm::kCells:
            return write_in_cells(count, out);
        case KeyForm::kBuckets:
            return write_in_buckets(count, out);
        default:
            break;
    }
    out.u8(offset_width(count));
    out.u64(numbers_[0]);
    out.bits(count, offset_width(count), [this](std::size_t i) { return offset(i); });
}

void PackNumbers::write_in_cells(std::size_t count, BlockWriter& out) const {
    const Cells plan = cells(count);
    out.u8(plan.start_width);
    out.u64(numbers_[0]);
    out.u8(plan.place_width);
    out.u16(plan.bit_count);
    out.u16(plan.run_count);
    out.bits(plan.run_count, plan.start_width, [this](std::size_t i) { return runs_[i].start; });
    out.bits(plan.run_count, plan.place_width, [this](std::size_t i) { return runs_[i].place; });
    write_cells(
        plan.bit_count, count, [this](std::size_t i) { return places_[i]; }, out);
}

void PackNumbers::write_in_buckets(std::size_t count, BlockWriter& out) const {
    const Buckets plan = buckets(count);
    out.u8(plan.low_width);
    out.u64(numbers_[0]);
    out.u16(plan.bucket_count);
    const auto bucket_of = [&](std::size_t i) { return offset(i) >> plan.low_width; };
    std::size_t before = 0;
    out.bits(plan.sample_count, plan.sample_width, [&](std::size_t sample) -> std::uint64_t {
        while (before < count && bucket_of(before) < sample * kBucketsPerSample) ++before;
        return before;
    });
    std::uint8_t* const marks = out.take(bits_size(count + plan.bucket_count, 1));
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = i + bucket_of(i);
        marks[place / 8] = static_cast<std::uint8_t>(marks[place / 8] | 1U << place % 8);
    }
    out.bits(count, plan.low_width,
             [&](std::size_t i) { return offset(i) & low_bits(plan.low_width); });
}

}  // namespace idnode::registry
