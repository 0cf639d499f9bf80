#include "registry/own_values.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "registry/tlv.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

using handle::ValueView;

constexpr std::uint32_t kTime = 1'700'000'000;
constexpr std::uint8_t kOneReference[] = {0, 0, 0, 1, 0, 0, 0, 3, 'a', '/', 'b', 0, 0, 0, 7};

ValueView value_of(std::uint32_t index, std::string_view type, std::string_view data) {
    ValueView value;
    value.index = index;
    value.timestamp = kTime;
    value.type = type;
    value.data = to_bytes(data);
    return value;
}

bool same(const ValueView& a, const ValueView& b) {
    return a.index == b.index && a.timestamp == b.timestamp && a.ttl_type == b.ttl_type &&
           a.permissions == b.permissions && a.ttl == b.ttl && a.type == b.type &&
           to_text(a.data) == to_text(b.data) && to_text(a.references) == to_text(b.references);
}

// One value for each field that differs from its default, and one with all of them.
std::vector<ValueView> every_kind() {
    std::vector<ValueView> values;
    values.push_back(value_of(0, "URL", "https://example.org/"));
    values.push_back(value_of(1, "EMAIL", ""));
    values.push_back(value_of(2, "CUSTOM.type", "x"));
    values.push_back(value_of(127, "", "no type"));
    values.push_back(value_of(128, "URL", "earlier"));
    values.back().timestamp = 0;
    values.push_back(value_of(300, "URL", "absolute"));
    values.back().ttl_type = handle::kTtlAbsolute;
    values.push_back(value_of(301, "URL", "long ttl"));
    values.back().ttl = 0xFFFFFFFF;
    values.push_back(value_of(302, "HS_SECKEY", "hidden"));
    values.back().permissions = 0xF0;
    values.push_back(value_of(303, "URL", "referring"));
    values.back().references = kOneReference;
    values.push_back(value_of(0xFFFFFFFF, "url", "all"));
    values.back().timestamp = 1;
    values.back().ttl_type = 0xAB;
    values.back().ttl = 0;
    values.back().permissions = 0;
    values.back().references = {};
    return values;
}

TEST(OwnValues, ComeBackByteForByte) {
    const std::vector<ValueView> values = every_kind();
    std::string out;
    encode_own_values(values, kTime, out);
    const HeapCopy copy(out);
    OwnValueReader reader(copy.bytes(), kTime);
    ValueView value;
    for (const ValueView& expected : values) {
        ASSERT_TRUE(reader.next(value));
        EXPECT_TRUE(same(value, expected)) << expected.index;
    }
    EXPECT_FALSE(reader.next(value));
    EXPECT_TRUE(reader.ok());
}

TEST(OwnValues, NoOctetsAreNoValues) {
    std::string out;
    encode_own_values({}, kTime, out);
    EXPECT_TRUE(out.empty());
    OwnValueReader reader({}, kTime);
    ValueView value;
    EXPECT_FALSE(reader.next(value));
    EXPECT_TRUE(reader.ok());
}

TEST(OwnValues, TakeTheOctetsThatTheFormatSays) {
    std::vector<ValueView> values = {value_of(1, "URL", "ab"), value_of(2, "Q", "")};
    values[1].permissions = 2;
    std::string out;
    encode_own_values(values, kTime, out);
    EXPECT_EQ(out, std::string("\x02"
                               "\x00\x01\x01\x02"
                               "ab"
                               "\x04\x02\x02\x00\x01"
                               "Q\x00",
                               14));
}

TEST(OwnValues, EveryShorterInputIsRefused) {
    std::string out;
    encode_own_values(every_kind(), kTime, out);
    for (std::size_t size = 1; size < out.size(); ++size) {
        const HeapCopy copy(std::string_view(out).substr(0, size));
        OwnValueReader reader(copy.bytes(), kTime);
        ValueView value;
        while (reader.next(value)) {
        }
        EXPECT_FALSE(reader.ok()) << size;
    }
}

TEST(OwnValues, IndexesThatDoNotAscendAreRefused) {
    for (const std::uint32_t second : {4U, 5U}) {
        const std::vector<ValueView> values = {value_of(5, "URL", ""), value_of(second, "URL", "")};
        std::string out;
        encode_own_values(values, kTime, out);
        OwnValueReader reader(to_bytes(out), kTime);
        ValueView value;
        EXPECT_TRUE(reader.next(value));
        EXPECT_FALSE(reader.next(value));
        EXPECT_FALSE(reader.ok());
    }
}

TEST(OwnValues, UnknownTlvsAreCarriedAlongUnlessCritical) {
    const std::vector<ValueView> values = {value_of(1, "URL", "a")};
    std::string tlvs;
    append_tlv(tlvs, 0x11, to_bytes("later"));
    for (const bool with_values : {true, false}) {
        std::string out;
        encode_own_values(with_values ? values : std::vector<ValueView>{}, kTime, out,
                          to_bytes(tlvs));
        OwnValueReader reader(to_bytes(out), kTime);
        ValueView value;
        while (reader.next(value)) {
        }
        EXPECT_TRUE(reader.ok());
        EXPECT_EQ(to_text(reader.tlvs()), tlvs);
    }
    append_tlv(tlvs, 0x91, {});
    std::string out;
    encode_own_values(values, kTime, out, to_bytes(tlvs));
    OwnValueReader reader(to_bytes(out), kTime);
    ValueView value;
    EXPECT_TRUE(reader.next(value));
    EXPECT_FALSE(reader.next(value));
    EXPECT_FALSE(reader.ok());
}

TEST(OwnValues, UnknownFlagsAndTypeCodesAreRefused) {
    using namespace std::string_view_literals;
    for (const std::string_view bad : {"\x01\x10\x01\x01\x00"sv, "\x01\x00\x01\x7F\x00"sv}) {
        const HeapCopy copy(bad);
        OwnValueReader reader(copy.bytes(), kTime);
        ValueView value;
        EXPECT_FALSE(reader.next(value));
        EXPECT_FALSE(reader.ok());
    }
}

TEST(OwnValues, RandomDamageNeverReadsOutside) {
    std::string good;
    encode_own_values(every_kind(), kTime, good);
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        HeapCopy copy(good);
        copy.writable()[random() % good.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
        OwnValueReader reader(copy.bytes(), kTime);
        ValueView value;
        std::size_t octets = 0;
        std::size_t count = 0;
        for (; reader.next(value); ++count) {
            for (const std::uint8_t octet : value.data) octets += octet;
            for (const std::uint8_t octet : value.references) octets += octet;
        }
        EXPECT_LE(count, good.size());
        EXPECT_LE(octets, good.size() * 255);
    }
}

}  // namespace
}  // namespace idnode::registry
