#include "registry/pattern_cache.h"

#include <string>

#include <gtest/gtest.h>

#include "registry/key.h"
#include "registry/registry_parts.h"
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
    return {i % 7 == 0 ? i << 20 : i / 5, static_cast<std::uint16_t>(i % 5)};
}

TEST(PatternCache, GivesEachPatternAndForgetsAllAtOnce) {
    constexpr std::uint32_t kCount = 2'000;
    TestRegistry registry;
    auto txn = lmdb::WriteTxn::begin(registry->parts().environment);
    ASSERT_TRUE(txn);
    for (std::uint32_t i = 0; i < kCount; ++i) {
        const std::string stored = encode_pattern(pattern_of(std::to_string(i)));
        ASSERT_TRUE(txn->put(lmdb::Table::kPattern, pattern_key(ref_of(i)), to_bytes(stored)));
    }
    PatternCache cache;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < kCount; ++i) {
            EXPECT_EQ(cache.peek(ref_of(i)) != nullptr, round == 1);
            const auto found = cache.find(*txn, ref_of(i));
            ASSERT_TRUE(found);
            EXPECT_EQ((*found)->values[0].data[0].literal, std::to_string(i));
        }
        EXPECT_EQ(cache.size(), kCount);
    }
    EXPECT_FALSE(cache.find(*txn, {99, 99})) << "there is no such pattern";
    cache.clear();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(cache.peek(ref_of(1)), nullptr);
    EXPECT_TRUE(cache.find(*txn, ref_of(1)));
}

}  // namespace
}  // namespace idnode::registry
