// Days since 1970 as a date of the Gregorian calendar, in integers (by eras of 400 years that begin
// on 1 March). For dates from 1970 on.
#pragma once

#include <cstdint>

namespace idnode::bench {

struct Date {
    std::uint64_t year = 0;
    std::uint64_t month = 0;  // 1 to 12.
    std::uint64_t day = 0;    // 1 to 31.
};

constexpr Date date_of(std::uint64_t days) {
    const std::uint64_t shifted = days + 719'468;  // Days since 0000-03-01.
    const std::uint64_t era = shifted / 146'097;
    const std::uint64_t day_of_era = shifted % 146'097;
    const std::uint64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    Date date;
    date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

}  // namespace idnode::bench
