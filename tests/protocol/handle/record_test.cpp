#include "protocol/handle/record.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/protocol/handle/random_value.h"

namespace idnode::handle {
namespace {

TEST(Record, ComesBackFromItsViews) {
    test::RandomValues random(2);
    std::vector<ValueView> views;
    for (int i = 0; i < 2'000; ++i) {
        const Record record = random.record(4);
        ASSERT_EQ(Record(record.view(views)), record);
    }
}

TEST(Record, NoReferencesHaveOneForm) {
    const std::string none(4, '\0');
    ValueView view;
    view.references = to_bytes(none);
    EXPECT_EQ(Value(view).references, "");
    EXPECT_EQ(to_text(Value().view().references), none);
}

TEST(Record, SizeIsTheSumOfItsValues) {
    Record record;
    record.values.resize(3);
    record.values[1].data = "12345";
    std::vector<ValueView> views;
    EXPECT_EQ(encoded_size(record.view(views).values), 3 * kValueSizeMin + 5);
    EXPECT_EQ(encoded_size(std::span<const ValueView>()), 0U);
}

TEST(Record, EveryFieldCounts) {
    const Value original;
    const auto differs = [&original](auto change) {
        Value changed = original;
        change(changed);
        return !is_same(original.view(), changed.view()) && !(original == changed);
    };
    EXPECT_TRUE(is_same(original.view(), original.view()));
    EXPECT_TRUE(differs([](Value& value) { value.index = 1; }));
    EXPECT_TRUE(differs([](Value& value) { value.timestamp = 1; }));
    EXPECT_TRUE(differs([](Value& value) { value.ttl_type = 1; }));
    EXPECT_TRUE(differs([](Value& value) { value.permissions = 1; }));
    EXPECT_TRUE(differs([](Value& value) { value.ttl = 1; }));
    EXPECT_TRUE(differs([](Value& value) { value.type = "x"; }));
    EXPECT_TRUE(differs([](Value& value) { value.data = "x"; }));
    EXPECT_TRUE(differs([](Value& value) { value.references = "x"; }));
}

TEST(Record, TimestampsMayBeLeftOutOfTheComparison) {
    Value a;
    Value b;
    b.timestamp = 7;
    EXPECT_TRUE(is_same_but_timestamp(a.view(), b.view()));
    b.data = "x";
    EXPECT_FALSE(is_same_but_timestamp(a.view(), b.view()));
}

}  // namespace
}  // namespace idnode::handle
