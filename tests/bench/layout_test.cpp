#include "bench/layout.h"

#include <string>

#include <gtest/gtest.h>

namespace idnode::bench {
namespace {

TEST(Layout, NamesEachColumnOnceAndIdentifierFirst) {
    for (int kind = 0; kind <= 4; ++kind) {
        const Layout layout = layout_of(static_cast<MixKind>(kind));
        ASSERT_GE(layout.columns.size(), 2U);
        EXPECT_EQ(layout.columns[0], Column::kIdentifier);
        EXPECT_EQ(layout.columns[1], Column::kTimestamp);
        for (std::size_t i = 2; i < layout.columns.size(); ++i) {
            EXPECT_FALSE(name_of(layout.columns[i]).empty());
            EXPECT_NE(layout.columns[i], layout.columns[i - 1]);
        }
    }
}

TEST(Layout, ValuesHaveAscendingIndexesEachOnce) {
    for (int kind = 0; kind <= 4; ++kind) {
        const MixOptions options{.kind = static_cast<MixKind>(kind), .count = 20'000, .seed = 1};
        const Mix mix = Mix::make(options).value();
        MixReader reader(mix);
        Item item;
        for (std::uint64_t i = 0; i < mix.count(); ++i) {
            reader.read(i, item);
            const ItemValues values(layout_of(options.kind), item);
            ASSERT_GE(values.list().size(), 2U);
            std::uint32_t last = 0;
            for (const ItemValue& value : values.list()) {
                ASSERT_GT(value.index, last);
                ASSERT_GT(value.data_size(), 0U);
                last = value.index;
            }
        }
    }
}

TEST(Layout, ValuesOfMixZeroTakeAboutTheMeasuredRoom) {
    const Mix mix = Mix::make({.kind = MixKind::kMixed, .count = 100'000, .seed = 1}).value();
    MixReader reader(mix);
    Item item;
    std::uint64_t octets = 0;
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        reader.read(i, item);
        octets += 4;
        const ItemValues values(layout_of(MixKind::kMixed), item);
        for (const ItemValue& value : values.list())
            octets += 26 + value.type.size() + value.data_size();
    }
    EXPECT_NEAR(static_cast<double>(octets) / 100'000, 140.0, 5.0);
}

}  // namespace
}  // namespace idnode::bench
