#include "registry/pack_times.h"

#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/registry/block_samples.h"

namespace idnode::registry {
namespace {

struct Times {
    TimeForm form;
    std::size_t exceptions;

    bool operator==(const Times&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Times& times) {
    return out << static_cast<int>(times.form) << " with " << times.exceptions;
}

template <class TimeOf>
Times times_of(std::size_t count, TimeOf time_of) {
    SampleMap map;
    for (std::uint32_t i = 0; i < count; ++i) {
        add_sample(map, {fmt::format("8.1/{:05}", i), time_of(i), {1, 0}, {}, ""});
    }
    check_map(map, kBlockSize);
    const SampleViews views(map);
    std::vector<std::uint8_t> octets;
    EXPECT_EQ(pack_block(views.records(), kBlockSize, octets).value(), map.size());
    const auto block = parse_block(octets);
    return {block->head.time_form, block->head.exception_count};
}

TEST(PackTimes, TakeTheCheapestForm) {
    EXPECT_EQ(times_of(300, [](std::uint32_t) { return 7U; }), (Times{TimeForm::kOne, 0}));
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return 9'000'000 - i / 60 * 1'000; }),
              (Times{TimeForm::kRuns, 0}));
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return 5'000 + i * 7 % 301; }),
              (Times{TimeForm::kOffsets, 0}));
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return i * 2'654'435'761U; }),
              (Times{TimeForm::kOffsets, 0}));
}

TEST(PackTimes, LateChangesAreExceptions) {
    constexpr std::uint32_t kLate = 0xFFFF'FFFF;
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return i % 100 == 9 ? kLate - i : 7; }),
              (Times{TimeForm::kOne, 3}));
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return i % 100 == 9 ? kLate - i : i / 60; }),
              (Times{TimeForm::kRuns, 3}));
    EXPECT_EQ(times_of(300, [](std::uint32_t i) { return i % 100 == 9 ? kLate - i : i * 7 % 301; }),
              (Times{TimeForm::kOffsets, 3}));
}

}  // namespace
}  // namespace idnode::registry
