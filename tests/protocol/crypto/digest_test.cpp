#include "protocol/crypto/digest.h"

#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode::crypto {
namespace {

std::string hexadecimal(const Digest& digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : digest.bytes()) {
        text += kDigits[octet >> 4];
        text += kDigits[octet & 0xF];
    }
    return text;
}

std::string digest_of_text(DigestKind kind, std::string_view text) {
    const test::Block block(to_bytes(text));
    return hexadecimal(digest_of(kind, block.bytes()));
}

// The examples of RFC 1321 (appendix A.5) and FIPS 180-4.
TEST(Digest, GivesTheStandardsExamples) {
    EXPECT_EQ(digest_of_text(DigestKind::kMd5, ""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(digest_of_text(DigestKind::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(digest_of_text(DigestKind::kSha1, ""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(digest_of_text(DigestKind::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(digest_of_text(DigestKind::kSha256, ""),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digest_of_text(DigestKind::kSha256, "abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, HasTheSizeOfItsKindAndNoneOfAnUnknownOne) {
    for (const DigestKind kind : {DigestKind::kMd5, DigestKind::kSha1, DigestKind::kSha256}) {
        EXPECT_EQ(digest_of(kind, {}).size, digest_size(kind));
    }
    EXPECT_EQ(digest_size(static_cast<DigestKind>(0)), 0U);
    EXPECT_EQ(digest_size(static_cast<DigestKind>(4)), 0U);
}

TEST(Hasher, InPiecesIsTheSameAsAtOnceAndStartsAnewAfterFinish) {
    const std::string text(1000, 'x');
    for (const DigestKind kind : {DigestKind::kMd5, DigestKind::kSha1, DigestKind::kSha256}) {
        Hasher hasher(kind);
        for (int round = 0; round < 2; ++round) {
            for (std::size_t at = 0; at < text.size(); at += 77) {
                hasher.update(to_bytes(std::string_view(text).substr(at, 77)));
            }
            EXPECT_EQ(hexadecimal(hasher.finish()), digest_of_text(kind, text));
        }
    }
}

TEST(Hasher, CopyGoesOnFromTheSamePlace) {
    Hasher first(DigestKind::kSha256);
    first.update(to_bytes("a"));
    Hasher second = first;
    first.update(to_bytes("x"));
    second.update(to_bytes("bc"));
    EXPECT_EQ(hexadecimal(second.finish()), digest_of_text(DigestKind::kSha256, "abc"));
    EXPECT_EQ(hexadecimal(first.finish()), digest_of_text(DigestKind::kSha256, "ax"));
}

TEST(Digest, ThreadsDoNotDisturbEachOther) {
    const std::string expected = digest_of_text(DigestKind::kSha1, "abc");
    std::string seen[2];
    std::vector<std::thread> threads;
    for (std::string& result : seen) {
        threads.emplace_back([&result, &expected] {
            for (int round = 0; round < 1000; ++round) {
                result = digest_of_text(DigestKind::kSha1, "abc");
                if (result != expected) return;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(seen[0], expected);
    EXPECT_EQ(seen[1], expected);
}

}  // namespace
}  // namespace idnode::crypto
