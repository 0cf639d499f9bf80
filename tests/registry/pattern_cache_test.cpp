#include "registry/pattern_cache.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "registry/key.h"
#include "registry/pattern_table.h"
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

TEST_F(PatternCaches, ForgetTheDecodedWhenThereAreTooMany) {
    PatternCache cache;
    for (std::uint32_t i = 0; i <= PatternCache::kCountMax; ++i) {
        cache.trim();
        if (i >= kCount) put(i);
        ASSERT_TRUE(cache.find(*txn_, ref_of(i)));
    }
    EXPECT_EQ(cache.size(), PatternCache::kCountMax + 1);
    cache.trim();
    EXPECT_EQ(cache.size(), 0U);
    const auto found = cache.find(*txn_, ref_of(3));
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->values[0].data[0].literal, "3");
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

// Forms of 600 octets and, now and then, one that is larger than a chunk.
TEST_F(PatternCaches, ForgetTheOldestWireFormsThatTakeTooMuch) {
    constexpr std::size_t kSizeMax = std::size_t{8} << 20;
    constexpr std::uint32_t kFormCount = 30'000;
    const auto text = [](std::uint32_t i) {
        return std::to_string(i) + std::string(i % 5'000 == 1 ? 3'000'000 : 500, 'x');
    };
    for (std::uint32_t i = 0; i < kFormCount; ++i) {
        const std::string stored = encode_pattern(pattern_of(text(i)));
        ASSERT_TRUE(txn_->put(lmdb::Table::kPattern, pattern_key(ref_of(i)), to_bytes(stored)));
    }
    WireCache cache(kSizeMax);
    std::size_t forgotten_max = 0;
    for (std::uint32_t i = 0; i < kFormCount; ++i) {
        const auto found = cache.find(*txn_, ref_of(i));
        ASSERT_TRUE(found);
        ASSERT_EQ(text_of(*found), text(i));
        const std::size_t before = cache.size();
        cache.trim();
        ASSERT_TRUE(cache.peek(ref_of(i))) << "the newest is kept";
        forgotten_max = std::max(forgotten_max, before - cache.size());
    }
    EXPECT_LT(cache.size() * 600, kSizeMax);
    EXPECT_GT(cache.size(), 3'000U);
    // Of a chunk or, in front of a large one, a few.
    EXPECT_GT(forgotten_max, 1'000U);
    EXPECT_LT(forgotten_max, 12'000U);
    EXPECT_FALSE(cache.peek(ref_of(0)));
    std::size_t kept = 0;
    for (std::uint32_t i = 0; i < kFormCount; ++i) {
        const WirePattern known = cache.peek(ref_of(i));
        if (!known) continue;
        ASSERT_EQ(text_of(known), text(i));
        ++kept;
    }
    EXPECT_EQ(kept, cache.size());
}

// Numbers, so small a table is nearly always half full and its places collide.
struct HeldNumber {
    std::uint32_t number = 0;
    explicit operator bool() const { return number != 0; }
};

TEST(PatternTable, EqualsAMapWhileThingsComeAndGo) {
    std::mt19937 random(9);
    PatternTable<HeldNumber> table;
    std::map<std::uint32_t, std::uint32_t> known;
    for (std::uint32_t step = 1; step < 200'000; ++step) {
        const std::uint32_t number = static_cast<std::uint32_t>(random()) % 60;
        const PatternRef ref = ref_of(number);
        if (known.contains(number)) {
            ASSERT_EQ(table.find(ref).number, known[number]);
            table.erase(ref);
            known.erase(number);
        } else {
            ASSERT_FALSE(table.find(ref));
            ASSERT_EQ(table.insert(ref, {step}).number, step);
            known[number] = step;
        }
        ASSERT_EQ(table.size(), known.size());
        const std::uint32_t other = static_cast<std::uint32_t>(random()) % 60;
        ASSERT_EQ(table.find(ref_of(other)).number, known.contains(other) ? known[other] : 0);
    }
}

}  // namespace
}  // namespace idnode::registry
