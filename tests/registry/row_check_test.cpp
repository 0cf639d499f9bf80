#include "registry/row_check.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "protocol/core/identifier.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {
namespace {

TEST(RowCheck, SaysTheSameAsTheRulesForEachOctetAtEachPlace) {
    RowCheck check;
    for (std::size_t at = 0; at < 24; ++at) {
        for (int octet = 0; octet < 256; ++octet) {
            std::string identifier = "88.118/ABCDEFGHIJKLMNOPQ";
            identifier[at] = static_cast<char>(octet);
            const HeapCopy copy(identifier);
            bool doubtful = false;
            ASSERT_EQ(check.fault_of(to_text(copy.bytes()), doubtful),
                      registration_fault(identifier))
                << at << ' ' << octet;
            if (!registration_fault(identifier)) {
                ASSERT_EQ(doubtful, is_doubtful(identifier)) << at << ' ' << octet;
            }
        }
    }
}

TEST(RowCheck, RemembersPrefixesWithoutBeingFooled) {
    RowCheck check;
    bool doubtful = false;
    EXPECT_FALSE(check.fault_of("88.1/a", doubtful).has_value());
    EXPECT_EQ(check.fault_of("88.1/", doubtful), "empty suffix");
    EXPECT_TRUE(check.fault_of("88.1", doubtful).has_value());
    EXPECT_FALSE(check.fault_of("88.1/a/b", doubtful).has_value());
    EXPECT_FALSE(check.fault_of("88.12/a", doubtful).has_value());
    EXPECT_TRUE(check.fault_of("", doubtful).has_value());
    EXPECT_TRUE(check.fault_of("88..1/a", doubtful).has_value());
}

TEST(RowCheck, HoldsTheLargestSize) {
    RowCheck check;
    bool doubtful = false;
    std::string identifier = "88.1/" + std::string(kIdentifierSizeMax - 5, 'x');
    EXPECT_FALSE(check.fault_of(identifier, doubtful).has_value());
    identifier += 'x';
    EXPECT_EQ(check.fault_of(identifier, doubtful), "identifier above 480 bytes");
}

TEST(RowCheck, NotesSpacesAndSoftHyphens) {
    RowCheck check;
    bool doubtful = false;
    EXPECT_FALSE(check.fault_of("88.1/a b", doubtful).has_value());
    EXPECT_TRUE(doubtful);
    EXPECT_FALSE(check.fault_of("88.1/ab", doubtful).has_value());
    EXPECT_FALSE(doubtful);
    EXPECT_FALSE(check
                     .fault_of("88.1/a\xC2\xAD"
                               "b",
                               doubtful)
                     .has_value());
    EXPECT_TRUE(doubtful);
}

TEST(IsAscii, FindsAHighOctetAtEachPlace) {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string text(size, '\x7F');
        EXPECT_TRUE(is_ascii(text));
        for (std::size_t at = 0; at < size; ++at) {
            text[at] = '\x80';
            const HeapCopy copy(text);
            EXPECT_FALSE(is_ascii(to_text(copy.bytes())));
            text[at] = '\0';
        }
    }
}

}  // namespace
}  // namespace idnode::registry
