#include "protocol/handle/key.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

using test::copy_of;

// e = 3, n = 0xC5, behind it what the first writer left over.
const std::string kRsa = test::from_hex("0000000b5253415f5055425f4b45590000000000010300000002") +
                         test::from_hex("00c500000000");
const std::string kDsa =
    test::from_hex("0000000b4453415f5055425f4b45590000000000010700000002010000000001020000000109");

TEST(Key, DecodesRsa) {
    const test::Block octets = copy_of(kRsa);
    const Result<PublicKeyView> key = decode_public_key(octets.bytes());
    ASSERT_TRUE(key);
    EXPECT_EQ(key->kind, KeyKind::kRsa);
    EXPECT_EQ(to_text(key->numbers[0]), "\x03");
    EXPECT_EQ(to_text(key->numbers[1]), "\xC5");
    EXPECT_EQ(key->bits(), 8U);
    EXPECT_EQ(key->used_numbers().size(), 2U);
    EXPECT_EQ(test::encoded(*key, encode_public_key), kRsa);
}

TEST(Key, DecodesDsa) {
    const test::Block octets = copy_of(kDsa);
    const Result<PublicKeyView> key = decode_public_key(octets.bytes());
    ASSERT_TRUE(key);
    EXPECT_EQ(key->kind, KeyKind::kDsa);
    EXPECT_EQ(to_text(key->numbers[1]), std::string("\x01\x00", 2));
    EXPECT_EQ(to_text(key->numbers[3]), "\x09");
    EXPECT_EQ(key->bits(), 9U);
    EXPECT_EQ(test::encoded(*key, encode_public_key), kDsa);
}

TEST(Key, RejectsEveryShorterInput) {
    // Without its four zero octets an RSA key is whole all the same.
    const std::size_t legal = kRsa.size() - 4;
    for (std::size_t size = 0; size < kRsa.size(); ++size) {
        const test::Block octets = copy_of(kRsa.substr(0, size));
        EXPECT_EQ(decode_public_key(octets.bytes()).has_value(), size == legal) << size;
    }
    for (std::size_t size = 0; size < kDsa.size(); ++size) {
        EXPECT_FALSE(decode_public_key(copy_of(kDsa.substr(0, size)).bytes())) << size;
    }
}

TEST(Key, RejectsWhatIsLeftOver) {
    EXPECT_FALSE(decode_public_key(copy_of(kRsa + '\0').bytes()));
    EXPECT_FALSE(decode_public_key(copy_of(kDsa + std::string(4, '\0')).bytes()));
}

TEST(Key, OtherKindsAreUnsupported) {
    const test::Block sm2 = copy_of(test::from_hex("0000000b534d325f5055425f4b4559000000000000"));
    const Result<PublicKeyView> key = decode_public_key(sm2.bytes());
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::kUnsupported);
}

TEST(Key, ZeroAndTopBitGetTheirZeroOctet) {
    const std::string top = "\x80";
    const std::string leading = test::from_hex("000001");
    PublicKeyView key;
    key.kind = KeyKind::kDsa;
    key.numbers = {ByteSpan{}, to_bytes(top), to_bytes(leading), ByteSpan{}};
    EXPECT_EQ(test::encoded(key, encode_public_key),
              test::from_hex("0000000b4453415f5055425f4b45590000"
                             "0000000100"
                             "000000020080"
                             "0000000101"
                             "0000000100"));
    EXPECT_EQ(key.bits(), 8U);
}

TEST(Key, PemIsKnownByItsDashes) {
    EXPECT_TRUE(is_pem(to_bytes("-----BEGIN PUBLIC KEY-----\r\n")));
    EXPECT_TRUE(is_pem(to_bytes("-----")));
    EXPECT_FALSE(is_pem(to_bytes("----")));
    EXPECT_FALSE(is_pem(to_bytes(kRsa)));
    EXPECT_FALSE(is_pem({}));
}

}  // namespace
}  // namespace idnode::handle
