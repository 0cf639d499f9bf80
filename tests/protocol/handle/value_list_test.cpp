#include "protocol/handle/value_list.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/value.h"
#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

using test::copy_of;

const std::string kTwo =
    test::from_hex("0000000200000007302e4e412f38380000012c0000000438382f7500000001");

std::vector<ReferenceView> items_of(const ReferenceList& list) {
    std::vector<ReferenceView> items;
    for (const ReferenceView reference : list) items.push_back(reference);
    return items;
}

TEST(ValueList, GivesItsReferencesInOrder) {
    const test::Block octets = copy_of(kTwo);
    const Result<ReferenceList> list = decode_value_list(octets.bytes());
    ASSERT_TRUE(list);
    EXPECT_EQ(list->count(), 2U);
    const std::vector<ReferenceView> expected = {{"0.NA/88", 300}, {"88/u", 1}};
    EXPECT_EQ(items_of(*list), expected);
    EXPECT_EQ(to_text(list->octets()), kTwo);
}

TEST(ValueList, EncodesToTheSameOctets) {
    const test::Block octets = copy_of(kTwo);
    const std::vector<ReferenceView> items = items_of(*decode_value_list(octets.bytes()));
    EXPECT_EQ(test::encoded(std::span<const ReferenceView>(items), encode_references), kTwo);
}

TEST(ValueList, RejectsEveryShorterInput) {
    for (std::size_t size = 0; size < kTwo.size(); ++size) {
        const test::Block octets = copy_of(kTwo.substr(0, size));
        EXPECT_FALSE(decode_value_list(octets.bytes())) << size;
        Reader in(octets.bytes());
        EXPECT_FALSE(decode_references(in)) << size;
        EXPECT_FALSE(in.ok()) << size;
    }
}

TEST(ValueList, RejectsWhatIsLeftOver) {
    const test::Block octets = copy_of(kTwo + '\0');
    EXPECT_FALSE(decode_value_list(octets.bytes()));
    Reader in(octets.bytes());
    EXPECT_TRUE(decode_references(in));
    EXPECT_EQ(in.remaining(), 1U);
}

TEST(ValueList, RejectsACountThatCannotFit) {
    std::string bad = kTwo;
    bad[0] = '\x80';
    EXPECT_FALSE(decode_value_list(copy_of(bad).bytes()));
}

TEST(ValueList, EmptyHasTheFormOfNoReferences) {
    const test::Block octets = copy_of(std::string(4, '\0'));
    const Result<ReferenceList> decoded = decode_value_list(octets.bytes());
    ASSERT_TRUE(decoded);
    for (const ReferenceList& list : {*decoded, ReferenceList()}) {
        EXPECT_EQ(list.count(), 0U);
        EXPECT_TRUE(items_of(list).empty());
        EXPECT_TRUE(std::ranges::equal(list.octets(), kNoReferences));
    }
}

TEST(ValueList, HandlesMayBeEmpty) {
    const std::vector<ReferenceView> items = {{"", 0}, {"", 0xFFFF'FFFF}};
    const test::Block octets =
        copy_of(test::encoded(std::span<const ReferenceView>(items), encode_references));
    EXPECT_EQ(items_of(*decode_value_list(octets.bytes())), items);
}

}  // namespace
}  // namespace idnode::handle
