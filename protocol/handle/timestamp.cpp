#include "protocol/handle/timestamp.h"

#include <algorithm>
#include <array>
#include <limits>

namespace idnode::handle {

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysPer400Years = 146'097;
// From 0000-03-01, where the years of this reckoning start, to 1970-01-01.
constexpr std::int64_t kDaysTo1970 = 719'468;

struct Date {
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
};

// Years begin in March here, so that the leap day is the last of its year and months before it have
// fixed places: month m (0: March) starts (153 m + 2) / 5 days into the year.
std::int64_t days_of(const Date& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = year / 400;
    const std::int64_t year_of_era = year % 400;
    const std::int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kDaysPer400Years + day_of_era - kDaysTo1970;
}

Date date_of(std::int64_t days_since_1970) {
    const std::int64_t days = days_since_1970 + kDaysTo1970;
    const std::int64_t era = days / kDaysPer400Years;
    const std::int64_t day_of_era = days % kDaysPer400Years;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    Date date;
    date.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    date.month = (shifted_month + 2) % 12 + 1;
    date.year = era * 400 + year_of_era + (date.month <= 2 ? 1 : 0);
    return date;
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
    constexpr std::array<std::int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return kDays[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

void write_digits(char* to, std::int64_t value, std::size_t count) {
    for (std::size_t i = count; i > 0; --i) {
        to[i - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

// Takes digits and signs from the front of a text; once something is missing it stays failed.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    // Exactly `count` digits, of a number from `min` to `max`.
    std::int64_t number(std::size_t count, std::int64_t min, std::int64_t max) {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!next_is_digit()) return fail();
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value < min || value > max ? fail() : value;
    }
    bool accept(char c) {
        if (!ok_ || !rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail();
    }
    bool next_is_digit() const {
        return ok_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    void skip_digits() {
        if (!next_is_digit()) fail();
        while (next_is_digit()) rest_.remove_prefix(1);
    }
    std::int64_t fail() {
        ok_ = false;
        return 0;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

// Seconds east of Greenwich.
std::int64_t scan_zone(Scanner& in) {
    if (in.accept('Z') || in.accept('z')) return 0;
    const bool west = in.accept('-');
    if (!west) in.expect('+');
    const std::int64_t hours = in.number(2, 0, 23);
    std::int64_t minutes = 0;
    if (in.accept(':') || in.next_is_digit()) minutes = in.number(2, 0, 59);
    const std::int64_t seconds = hours * 3'600 + minutes * 60;
    return west ? -seconds : seconds;
}

std::int64_t scan_time(Scanner& in) {
    const std::int64_t hours = in.number(2, 0, 23);
    in.expect(':');
    const std::int64_t minutes = in.number(2, 0, 59);
    in.expect(':');
    const std::int64_t seconds = in.number(2, 0, 59);
    if (in.accept('.') || in.accept(',')) in.skip_digits();
    return hours * 3'600 + minutes * 60 + seconds - scan_zone(in);
}

std::int64_t scan_days(Scanner& in) {
    Date date;
    date.year = in.number(4, 1, 9'999);
    in.expect('-');
    date.month = in.number(2, 1, 12);
    in.expect('-');
    date.day = in.number(2, 1, 31);
    if (!in.ok() || date.day > days_in_month(date.year, date.month)) return in.fail();
    return days_of(date);
}

std::optional<std::uint32_t> to_u32(std::int64_t seconds) {
    if (seconds < 0 || seconds > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(seconds);
}

bool is_number(std::string_view text) {
    constexpr std::size_t kDigitsMax = 10;
    return !text.empty() && text.size() <= kDigitsMax &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void append_timestamp(std::string& out, std::uint32_t seconds) {
    std::array<char, kTimestampTextSize> text = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                                                 'T', '0', '0', ':', '0', '0', ':', '0', '0', 'Z'};
    const Date date = date_of(seconds / kSecondsPerDay);
    const std::int64_t second_of_day = seconds % kSecondsPerDay;
    write_digits(text.data(), date.year, 4);
    write_digits(text.data() + 5, date.month, 2);
    write_digits(text.data() + 8, date.day, 2);
    write_digits(text.data() + 11, second_of_day / 3'600, 2);
    write_digits(text.data() + 14, second_of_day / 60 % 60, 2);
    write_digits(text.data() + 17, second_of_day % 60, 2);
    out.append(text.data(), text.size());
}

std::optional<std::uint32_t> parse_timestamp(std::string_view text) {
    Scanner in(text);
    if (is_number(text)) {
        return to_u32(in.number(text.size(), 0, std::numeric_limits<std::int64_t>::max()));
    }
    std::int64_t seconds = scan_days(in) * kSecondsPerDay;
    if (!in.at_end()) {
        if (!in.accept('T')) in.expect('t');
        seconds += scan_time(in);
    }
    return in.at_end() ? to_u32(seconds) : std::nullopt;
}

}  // namespace idnode::handle
