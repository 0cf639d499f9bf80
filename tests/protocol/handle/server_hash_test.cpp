#include "protocol/handle/server_hash.h"

#include <array>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/core/bytes.h"
#include "tests/vectors/vectors.h"

namespace idnode::handle {
namespace {

// The recorded numbers of Handle.Net's own implementation.
TEST(ServerHash, GivesTheRecordedNumbers) {
    const test::Vector vector = test::read_vector("handle", "hash_server_selection.txt");
    ASSERT_EQ(vector.facts.size(), 14U);
    for (const std::string& fact : vector.facts) {
        std::istringstream fields(fact);
        std::string hexadecimal;
        std::array<std::uint32_t, 3> numbers{};
        fields >> hexadecimal >> numbers[0] >> numbers[1] >> numbers[2];
        ASSERT_FALSE(fields.fail()) << fact;
        const test::Octets octets = test::octets_of(hexadecimal);
        const std::string_view identifier = to_text(octets);
        for (std::uint8_t option = kHashByPrefix; option <= kHashByHandle; ++option) {
            EXPECT_EQ(server_hash(identifier, option), numbers[option])
                << identifier << ' ' << unsigned{option};
            EXPECT_EQ(server_for(identifier, option, 5), numbers[option] % 5);
        }
    }
}

TEST(ServerHash, SlashlessOneIsHashedAsAllOrByTheRootPrefix) {
    EXPECT_EQ(server_hash("88", kHashBySuffix), server_hash("88", kHashByHandle));
    EXPECT_EQ(server_hash("88", kHashByPrefix), server_hash("0.NA/88", kHashByPrefix));
}

TEST(ServerHash, IsTheSameForAnyPieceLength) {
    const std::string folded(600, 'A');
    const std::string given(600, 'a');
    EXPECT_EQ(server_hash(given, kHashByHandle), server_hash(folded, kHashByHandle));
    EXPECT_NE(server_hash(given, kHashByHandle), server_hash(given.substr(0, 599), kHashByHandle));
}

TEST(ServerHash, SitesWithoutServersAndWithOneHaveNoChoice) {
    EXPECT_EQ(server_for("88/a", kHashByHandle, 0), 0U);
    EXPECT_EQ(server_for("88/a", kHashByHandle, 1), 0U);
}

}  // namespace
}  // namespace idnode::handle
