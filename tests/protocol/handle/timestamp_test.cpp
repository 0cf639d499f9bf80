#include "protocol/handle/timestamp.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace idnode::handle {
namespace {

std::string text_of(std::uint32_t seconds) {
    std::string text;
    append_timestamp(text, seconds);
    return text;
}

TEST(Timestamp, WritesIso8601) {
    EXPECT_EQ(text_of(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(text_of(1'700'000'000), "2023-11-14T22:13:20Z");
    EXPECT_EQ(text_of(951'782'400), "2000-02-29T00:00:00Z");
    EXPECT_EQ(text_of(4'107'542'399), "2100-02-28T23:59:59Z");
    EXPECT_EQ(text_of(4'107'542'400), "2100-03-01T00:00:00Z");
    EXPECT_EQ(text_of(0xFFFF'FFFF), "2106-02-07T06:28:15Z");
    EXPECT_EQ(text_of(0).size(), kTimestampTextSize);
}

TEST(Timestamp, EveryDayReadsBack) {
    for (std::uint64_t seconds = 0; seconds <= 0xFFFF'FFFF; seconds += 86'399) {
        const auto stamp = static_cast<std::uint32_t>(seconds);
        ASSERT_EQ(parse_timestamp(text_of(stamp)), stamp);
    }
    EXPECT_EQ(parse_timestamp(text_of(0xFFFF'FFFF)), 0xFFFF'FFFF);
}

TEST(Timestamp, ReadsZones) {
    const std::uint32_t utc = 1'700'000'000;
    EXPECT_EQ(parse_timestamp("2023-11-15T06:13:20+08:00"), utc);
    EXPECT_EQ(parse_timestamp("2023-11-15T06:13:20+0800"), utc);
    EXPECT_EQ(parse_timestamp("2023-11-15T06:13:20+08"), utc);
    EXPECT_EQ(parse_timestamp("2023-11-14T18:43:20-03:30"), utc);
    EXPECT_EQ(parse_timestamp("2023-11-14t22:13:20z"), utc);
    EXPECT_EQ(parse_timestamp("1970-01-01T08:00:00+08:00"), 0U);
}

TEST(Timestamp, CutsFractionsOff) {
    EXPECT_EQ(parse_timestamp("2023-11-14T22:13:20.999999Z"), 1'700'000'000U);
    EXPECT_EQ(parse_timestamp("2023-11-14T22:13:20,5+00:00"), 1'700'000'000U);
    EXPECT_FALSE(parse_timestamp("2023-11-14T22:13:20.Z"));
}

TEST(Timestamp, ReadsDatesAndSeconds) {
    EXPECT_EQ(parse_timestamp("2023-11-14"), 1'699'920'000U);
    EXPECT_EQ(parse_timestamp("0"), 0U);
    EXPECT_EQ(parse_timestamp("1700000000"), 1'700'000'000U);
    EXPECT_EQ(parse_timestamp("4294967295"), 0xFFFF'FFFF);
}

TEST(Timestamp, RefusesWhatDoesNotFit) {
    for (const char* text :
         {"4294967296", "99999999999", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01",
          "2106-02-07T06:28:16Z", "9999-12-31", "0001-01-01"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
    EXPECT_EQ(parse_timestamp("1969-12-31T23:00:00-01:00"), 0U);
}

TEST(Timestamp, RefusesWhatIsNoTime) {
    for (const char* text : {"",
                             "-1",
                             "12a",
                             "2023-11",
                             "2023-11-14T",
                             "2023-11-14T22:13",
                             "2023-11-14T22:13:20",
                             "2023-13-01",
                             "2023-00-01",
                             "2023-02-29",
                             "2100-02-29",
                             "2023-04-31",
                             "2023-11-00",
                             "2023-11-14T24:00:00Z",
                             "2023-11-14T22:60:00Z",
                             "2023-11-14T22:13:60Z",
                             "2023-11-14 22:13:20Z",
                             "2023-11-14T22:13:20Zx",
                             "2023-11-14T22:13:20+24",
                             "2023-11-14T22:13:20+8",
                             "2023-11-14T22:13:20+08:60",
                             "2023-11-14T22:13:20+08:",
                             "2023-11-14Z",
                             "0000-01-01",
                             "+023-11-14",
                             " 2023-11-14"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

TEST(Timestamp, EveryShorterTextIsAnotherOrNone) {
    const std::string good = "2023-11-14T22:13:20+08:00";
    for (std::size_t size = 0; size < good.size(); ++size) {
        const bool is_number = size >= 1 && size <= 4;
        const bool is_date = size == 10;
        const bool is_hour_zone = size == 22;
        EXPECT_EQ(parse_timestamp(good.substr(0, size)).has_value(),
                  is_number || is_date || is_hour_zone)
            << size;
    }
}

}  // namespace
}  // namespace idnode::handle
