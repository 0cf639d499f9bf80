#include "bench/calendar.h"

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

bool is_leap(std::uint64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::uint64_t days_in(std::uint64_t year, std::uint64_t month) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

TEST(Calendar, FollowsEveryDayUntil2106) {
    Date expected{.year = 1970, .month = 1, .day = 1};
    for (std::uint64_t days = 0; days <= UINT32_MAX / 86'400; ++days) {
        const Date date = date_of(days);
        ASSERT_EQ(date.year, expected.year) << days;
        ASSERT_EQ(date.month, expected.month) << days;
        ASSERT_EQ(date.day, expected.day) << days;
        if (++expected.day <= days_in(expected.year, expected.month)) continue;
        expected.day = 1;
        if (++expected.month <= 12) continue;
        expected.month = 1;
        ++expected.year;
    }
}

}  // namespace
}  // namespace idnode::bench
