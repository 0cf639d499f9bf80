#include "protocol/handle/admin.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

using test::copy_of;

const std::string kShort = test::from_hex("0cf300000007302e4e412f38380000012c");
const std::string kLong = kShort + std::string(2, '\0');

TEST(Admin, DecodesEveryField) {
    const test::Block octets = copy_of(kShort);
    const Result<AdminView> admin = decode_admin(octets.bytes());
    ASSERT_TRUE(admin);
    EXPECT_EQ(admin->permissions, kMayDoAll & ~(kMayAddDerivedPrefix | kMayDeleteDerivedPrefix |
                                                kMayRemoveAdmin | kMayAddAdmin));
    EXPECT_EQ(admin->handle, "0.NA/88");
    EXPECT_EQ(admin->index, 300U);
    EXPECT_TRUE(admin->tail.empty());
}

TEST(Admin, KeepsTheTailOfOldServers) {
    for (const std::string& good : {kShort, kLong, kShort + "\x01\x02"}) {
        const test::Block octets = copy_of(good);
        const Result<AdminView> admin = decode_admin(octets.bytes());
        ASSERT_TRUE(admin);
        EXPECT_EQ(test::encoded(*admin, encode_admin), good);
    }
}

TEST(Admin, RejectsEveryShorterInput) {
    for (std::size_t size = 0; size < kLong.size(); ++size) {
        if (size == kShort.size()) continue;  // The form of today's servers.
        EXPECT_FALSE(decode_admin(copy_of(kLong.substr(0, size)).bytes())) << size;
    }
}

TEST(Admin, RejectsWhatIsLeftOver) { EXPECT_FALSE(decode_admin(copy_of(kLong + '\0').bytes())); }

TEST(Admin, RejectsALengthThatCannotFit) {
    std::string bad = kShort;
    bad[2] = '\x7F';
    EXPECT_FALSE(decode_admin(copy_of(bad).bytes()));
}

}  // namespace
}  // namespace idnode::handle
