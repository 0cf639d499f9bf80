#include "registry/pattern_cache.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "registry/key.h"
#include "registry/registry_parts.h"
#include "registry/wire_cache.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

Pattern pattern_of(const std::string& text) {
    PatternValue value;
    value.index = 1;
    value.type = "URL";
    value.references = std::string(4, '\0');
    value.data = {{PieceKind::kLiteral, 0, text}};
    Pattern pattern;
    pattern.values = {value};
    return pattern;
}

// Numbers of prefixes and patterns far apart and close together.
PatternRef ref_of(std::uint32_t i) {
    return {i % 7 == 0 ? i << 16 : i / 5, static_cast<std::uint16_t>(i % 5)};
}

// A transaction with kCount patterns.
class PatternCaches : public testing::Test {
protected:
    static constexpr std::uint32_t kCount = 2'000;

    void SetUp() override {
        auto begun = lmdb::WriteTxn::begin(registry_->parts().environment);
        ASSERT_TRUE(begun);
        txn_.emplace(std::move(*begun));
        for (std::uint32_t i = 0; i < kCount; ++i) put(i);
    }
    void put(std::uint32_t i) {
        const std::string stored = encode_pattern(pattern_of(std::to_string(i)));
        ASSERT_TRUE(txn_->put(lmdb::Table::kPattern, pattern_key(ref_of(i)), to_bytes(stored)));
    }
    // The literal of the only value.
    static std::string text_of(WirePattern wire) {
        WireValues values(wire);
        StoredValue value;
        EXPECT_TRUE(values.take({}, value));
        return std::string(to_text(value.pieces[0]));
    }

    TestRegistry registry_;
    std::optional<lmdb::WriteTxn> txn_;
};

TEST_F(PatternCaches, KeepEachPatternDecoded) {
    PatternCache cache;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < kCount; ++i) {
            EXPECT_EQ(cache.peek(ref_of(i)) != nullptr, round == 1);
            const auto found = cache.find(*txn_, ref_of(i));
            ASSERT_TRUE(found);
            EXPECT_EQ((*found)->values[0].data[0].literal, std::to_string(i));
        }
        EXPECT_EQ(cache.size(), kCount);
    }
    EXPECT_FALSE(cache.find(*txn_, {99, 99})) << "there is no such pattern";
}

TEST_F(PatternCaches, ForgetHalfOfTheDecodedWhenThereAreTooMany) {
    PatternCache cache;
    for (std::uint32_t i = 0; i <= PatternCache::kCountMax; ++i) {
        if (i >= kCount) put(i);
        ASSERT_TRUE(cache.find(*txn_, ref_of(i)));
    }
    cache.trim();
    EXPECT_EQ(cache.size(), PatternCache::kCountMax / 2 + 1);
    cache.trim();
    EXPECT_EQ(cache.size(), PatternCache::kCountMax / 2 + 1);
    for (const std::uint32_t i : {0U, 1U, 2U, 3U}) {
        const auto found = cache.find(*txn_, ref_of(i));
        ASSERT_TRUE(found);
        EXPECT_EQ((*found)->values[0].data[0].literal, std::to_string(i));
    }
}

TEST_F(PatternCaches, KeepEachPatternInWireForm) {
    WireCache cache;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < kCount; ++i) {
            EXPECT_EQ(static_cast<bool>(cache.peek(ref_of(i))), round == 1);
            const auto found = cache.find(*txn_, ref_of(i));
            ASSERT_TRUE(found);
            EXPECT_EQ(text_of(*found), std::to_string(i));
        }
        EXPECT_EQ(cache.size(), kCount);
    }
    EXPECT_FALSE(cache.find(*txn_, {99, 99})) << "there is no such pattern";
}

TEST_F(PatternCaches, ForgetHalfOfTheWireFormsThatTakeTooMuch) {
    WireCache cache(100'000);
    for (int round = 0; round < 3; ++round) {
        for (std::uint32_t i = 0; i < kCount; ++i) {
            const auto found = cache.find(*txn_, ref_of(i));
            ASSERT_TRUE(found);
            ASSERT_EQ(text_of(*found), std::to_string(i));
            cache.trim();
            ASSERT_LT(cache.size(), kCount / 2);
        }
    }
    EXPECT_GT(cache.size(), 0U);
}

}  // namespace
}  // namespace idnode::registry
