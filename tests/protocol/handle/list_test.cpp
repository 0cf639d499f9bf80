#include "protocol/handle/list.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode::handle {
namespace {

using test::Block;
using testing::ElementsAre;
using Octets = std::vector<std::uint8_t>;

template <class List, class Items>
Octets list_octets(const Items& items) {
    Octets octets(4096);
    Writer out(octets);
    List::encode_items(out, items);
    EXPECT_TRUE(out.ok());
    octets.resize(out.position());
    return octets;
}

template <class List>
void expect_shorter_refused(const Octets& octets) {
    for (std::size_t size = 0; size < octets.size(); ++size) {
        const Block block(ByteSpan(octets).first(size));
        Reader in(block.bytes());
        EXPECT_TRUE(List::decode(in).empty()) << size;
        EXPECT_FALSE(in.ok()) << size;
    }
}

template <class List>
void expect_encoded_again(const List& list, const Octets& octets) {
    Octets again(octets.size());
    Writer out(again);
    list.encode(out);
    EXPECT_TRUE(out.ok());
    EXPECT_EQ(again, octets);
}

ValueView value_of(std::uint32_t index, std::string_view type) {
    ValueView value;
    value.index = index;
    value.type = type;
    value.data = to_bytes("data");
    return value;
}

TEST(List, OfIndexesIsWalkedAndEncodedAgain) {
    const Octets octets = list_octets<IndexList>(std::array{1U, 0xFFFFFFFFU, 7U});
    const Block block(octets);
    Reader in(block.bytes());
    const IndexList list = IndexList::decode(in);
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(list.count(), 3U);
    std::vector<std::uint32_t> seen;
    for (const std::uint32_t index : list) seen.push_back(index);
    EXPECT_THAT(seen, ElementsAre(1U, 0xFFFFFFFFU, 7U));
    expect_encoded_again(list, octets);
    expect_shorter_refused<IndexList>(octets);
}

TEST(List, OfTypesIsWalkedAndEncodedAgain) {
    const Octets octets = list_octets<TypeList>(std::array<std::string_view, 3>{"URL", "", "A."});
    const Block block(octets);
    Reader in(block.bytes());
    const TypeList list = TypeList::decode(in);
    std::vector<std::string> seen;
    for (const std::string_view type : list) seen.emplace_back(type);
    EXPECT_THAT(seen, ElementsAre("URL", "", "A."));
    expect_encoded_again(list, octets);
    expect_shorter_refused<TypeList>(octets);
}

TEST(List, OfValuesIsWalkedAndEncodedAgain) {
    const Octets octets =
        list_octets<ValueList>(std::array{value_of(1, "URL"), value_of(2, "EMAIL")});
    const Block block(octets);
    Reader in(block.bytes());
    const ValueList list = ValueList::decode(in);
    std::vector<std::string> seen;
    for (const ValueView& value : list) seen.emplace_back(value.type);
    EXPECT_THAT(seen, ElementsAre("URL", "EMAIL"));
    expect_encoded_again(list, octets);
    expect_shorter_refused<ValueList>(octets);
}

TEST(List, OfSizedValuesWantsEachSizeToFit) {
    const Octets octets = list_octets<SizedValueList>(std::array{value_of(1, "URL")});
    const Block block(octets);
    Reader in(block.bytes());
    const SizedValueList list = SizedValueList::decode(in);
    ASSERT_EQ(list.count(), 1U);
    EXPECT_EQ(list.begin()->type, "URL");
    expect_encoded_again(list, octets);
    expect_shorter_refused<SizedValueList>(octets);
    for (const int change : {-1, 1}) {
        Octets other = octets;
        other[7] = static_cast<std::uint8_t>(other[7] + change);
        other.push_back(0);
        Reader again(other);
        EXPECT_TRUE(SizedValueList::decode(again).empty());
        EXPECT_FALSE(again.ok()) << change;
    }
}

TEST(List, LeavesWhatFollowsIt) {
    Octets octets = list_octets<IndexList>(std::array{1U});
    octets.push_back(9);
    Reader in(octets);
    EXPECT_EQ(IndexList::decode(in).count(), 1U);
    EXPECT_EQ(in.u8(), 9U);
}

TEST(List, CountAboveTheLimitIsRefusedThoughTheItemsAreThere) {
    const std::vector<std::uint32_t> items(kListCountMax + 1);
    Octets octets(4 + 4 * items.size());
    Writer out(octets);
    IndexList::encode_items(out, items);
    Reader in(octets);
    EXPECT_TRUE(IndexList::decode(in).empty());
    EXPECT_FALSE(in.ok());
}

// --- Filters ---

struct FilterCase {
    std::string_view filter;
    std::string_view type;
    bool matches;
};

bool matches(std::uint32_t index, std::string_view type, const std::vector<std::uint32_t>& indexes,
             const std::vector<std::string_view>& types) {
    const Octets index_octets = list_octets<IndexList>(indexes);
    const Octets type_octets = list_octets<TypeList>(types);
    Reader index_in(index_octets);
    Reader type_in(type_octets);
    return matches_filters(index, type, IndexList::decode(index_in), TypeList::decode(type_in));
}

TEST(Filters, MatchTypesAndTheirFamiliesWithoutCase) {
    const FilterCase cases[] = {
        {"URL", "URL", true},     {"url", "URL", true},      {"URL", "url", true},
        {"URL", "URL.zh", false}, {"URL", "URLX", false},    {"URLX", "URL", false},
        {"URL.", "URL", true},    {"URL.", "URL.zh", true},  {"url.", "URL.ZH", true},
        {"URL.", "URLX", false},  {"URL.", "URLXzh", false}, {"URL.", "UR", false},
        {"URL.", "URL.", true},   {"URL.zh", "URL", false},  {"URL.", "URL.zh.cn", true},
        {"", "", true},           {"", "URL", false},        {".", "", true},
        {".", ".x", true},        {".", "x", false},         {"\xC3\xA9", "\xC3\x89", false},
    };
    for (const auto& [filter, type, expected] : cases) {
        EXPECT_EQ(matches(1, type, {}, {filter}), expected) << filter << " on " << type;
    }
}

TEST(Filters, AreJoinedByOr) {
    EXPECT_TRUE(matches(1, "URL", {1}, {"EMAIL"}));
    EXPECT_TRUE(matches(2, "EMAIL", {1}, {"EMAIL"}));
    EXPECT_FALSE(matches(2, "URL", {1}, {"EMAIL"}));
    EXPECT_FALSE(matches(2, "URL", {1}, {}));
    EXPECT_TRUE(matches(3, "URL", {1, 2, 3}, {}));
    EXPECT_TRUE(matches(3, "URL", {}, {"A", "B", "URL"}));
}

TEST(Filters, NoneTakesAll) { EXPECT_TRUE(matches(0, "", {}, {})); }

}  // namespace
}  // namespace idnode::handle
