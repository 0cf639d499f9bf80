#include "protocol/handle/typed_value.h"

#include <string>

#include <gtest/gtest.h>

namespace idnode::handle {
namespace {

TEST(TypedValue, FormFollowsTheTypeInAnyCase) {
    EXPECT_EQ(data_form_of("HS_SITE"), DataForm::kSite);
    EXPECT_EQ(data_form_of("hs_site.prefix"), DataForm::kSite);
    EXPECT_EQ(data_form_of("HS_SITE.6"), DataForm::kSite);
    EXPECT_EQ(data_form_of("HS_NA_DELEGATE"), DataForm::kSite);
    EXPECT_EQ(data_form_of("hs_Admin"), DataForm::kAdmin);
    EXPECT_EQ(data_form_of("HS_VLIST"), DataForm::kValueList);
    EXPECT_EQ(data_form_of("HS_PUBKEY"), DataForm::kKey);
    EXPECT_EQ(data_form_of("HS_SERV"), DataForm::kHandle);
    EXPECT_EQ(data_form_of("HS_SERV.PREFIX"), DataForm::kHandle);
    EXPECT_EQ(data_form_of("HS_ALIAS"), DataForm::kHandle);
}

TEST(TypedValue, OtherTypesAreOpaque) {
    for (const std::string_view type : {"", "URL", "HS_", "HS_SIT", "HS_SITE.", "HS_SITE.66",
                                        "HS_SECKEY", "XX_SITE", "hs-admin"}) {
        EXPECT_EQ(data_form_of(type), DataForm::kOpaque) << type;
    }
}

TEST(TypedValue, OnlyAsciiCaseIsIgnored) {
    EXPECT_TRUE(is_same_type("Url", "uRL"));
    EXPECT_FALSE(is_same_type("url", "ur"));
    EXPECT_FALSE(is_same_type("[", "{"));
    EXPECT_FALSE(is_same_type("é", "É"));
}

TEST(TypedValue, HandleDataIsUtf8AndBounded) {
    EXPECT_EQ(decode_handle_data(to_bytes("0.NA/88.1")), "0.NA/88.1");
    EXPECT_FALSE(decode_handle_data({}));
    EXPECT_FALSE(decode_handle_data(to_bytes("88/\xFF")));
    const std::string longest(kWireIdentifierSizeMax, 'x');
    EXPECT_TRUE(decode_handle_data(to_bytes(longest)));
    EXPECT_FALSE(decode_handle_data(to_bytes(longest + 'x')));
}

}  // namespace
}  // namespace idnode::handle
