#include "protocol/handle/value.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "protocol/handle/record.h"
#include "tests/protocol/handle/encoded.h"
#include "tests/protocol/handle/random_value.h"

namespace idnode::handle {
namespace {

using test::copy_of;
using test::encoded;

const std::string kUrl = test::from_hex(
    "000000016553f10000000151800e0000000355524c00000018687474703a2f2f6578616d706c652e6f72672f"
    "68656c6c6f00000000");
const std::string kWithReference = test::from_hex(
    "000000060000000000000151800e000000044e4f54450000000172000000010000000438382f6100000001");

TEST(Value, DecodesEveryField) {
    const test::Block octets = copy_of(kUrl);
    Reader in(octets.bytes());
    const Result<ValueView> value = decode_value(in);
    ASSERT_TRUE(value);
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(value->index, 1U);
    EXPECT_EQ(value->timestamp, 1'700'000'000U);
    EXPECT_EQ(value->ttl_type, kTtlRelative);
    EXPECT_EQ(value->ttl, kTtlDefault);
    EXPECT_EQ(value->permissions, kPermissionsDefault);
    EXPECT_EQ(value->type, "URL");
    EXPECT_EQ(to_text(value->data), "http://example.org/hello");
    EXPECT_TRUE(std::ranges::equal(value->references, kNoReferences));
}

TEST(Value, EncodesToTheSameOctets) {
    for (const std::string& good : {kUrl, kWithReference}) {
        const test::Block octets = copy_of(good);
        Reader in(octets.bytes());
        const Result<ValueView> value = decode_value(in);
        ASSERT_TRUE(value);
        EXPECT_EQ(encoded(*value, encode_value), good);
    }
}

TEST(Value, LeavesWhatFollows) {
    const test::Block octets = copy_of(kWithReference + "next");
    Reader in(octets.bytes());
    ASSERT_TRUE(decode_value(in));
    EXPECT_EQ(to_text(in.rest()), "next");
}

TEST(Value, RejectsEveryShorterInput) {
    for (const std::string& good : {kUrl, kWithReference}) {
        for (std::size_t size = 0; size < good.size(); ++size) {
            const test::Block octets = copy_of(good.substr(0, size));
            Reader in(octets.bytes());
            const Result<ValueView> value = decode_value(in);
            ASSERT_FALSE(value) << size;
            EXPECT_EQ(value.error().kind, ErrorKind::kMalformed);
            EXPECT_FALSE(in.ok());
        }
    }
}

TEST(Value, RejectsCountsThatCannotFit) {
    // A count of references, and a length, beyond what is there.
    std::string count = kUrl;
    count.replace(count.size() - 4, 4, "\xFF\xFF\xFF\xFF");
    std::string length = kUrl;
    length.replace(14, 4, "\x7F\xFF\xFF\xFF");
    for (const std::string& bad : {count, length}) {
        const test::Block octets = copy_of(bad);
        Reader in(octets.bytes());
        EXPECT_FALSE(decode_value(in));
    }
}

TEST(Value, SmallestIsTheMinimum) {
    ValueView value;
    EXPECT_EQ(encoded(value, encode_value).size(), kValueSizeMin);
}

TEST(Value, RoomTooSmallFailsTheWriter) {
    std::string octets(kUrl.size() - 1, '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
    Reader in(to_bytes(kUrl));
    encode_value(out, *decode_value(in));
    EXPECT_FALSE(out.ok());
}

TEST(Value, RoundTripsWhateverThereIs) {
    test::RandomValues random(1);
    for (int i = 0; i < 20'000; ++i) {
        const Value value = random.value();
        const test::Block octets = copy_of(encoded(value.view(), encode_value));
        Reader in(octets.bytes());
        const Result<ValueView> again = decode_value(in);
        ASSERT_TRUE(again);
        ASSERT_TRUE(in.at_end());
        ASSERT_EQ(Value(*again), value);
    }
}

}  // namespace
}  // namespace idnode::handle
