#include "admin-cli/wire_client.h"

#include <gtest/gtest.h>

namespace idnode::cli {
namespace {

std::string parsed(std::string_view text) {
    const Checked<ServerName> name = parse_server_name(text);
    return name ? name->host + " " + name->port : "refused";
}

TEST(ServerName, TakesHostsAddressesAndPorts) {
    EXPECT_EQ(parsed("127.0.0.1:2641"), "127.0.0.1 2641");
    EXPECT_EQ(parsed("node.example"), "node.example 2641");
    EXPECT_EQ(parsed("node.example:80"), "node.example 80");
    EXPECT_EQ(parsed("[::1]:1304"), "::1 1304");
    EXPECT_EQ(parsed("[2001:db8::1]"), "2001:db8::1 2641");
    EXPECT_EQ(parsed("h:65535"), "h 65535");
}

TEST(ServerName, RefusesWhatNamesNoServer) {
    for (const char* text : {"", ":2641", "h:", "h:x", "h:65536", "h:-1", "h:123456", "[::1",
                             "[]:1", "[::1]2641", "::1", "::1:2641", "h:0x10"}) {
        EXPECT_EQ(parsed(text), "refused") << text;
    }
}

TEST(ServerName, ReadsBackWhatItWrites) {
    for (const char* text : {"127.0.0.1:2641", "[::1]:1304", "node.example:80"}) {
        EXPECT_EQ(parse_server_name(text)->to_string(), text);
    }
}

}  // namespace
}  // namespace idnode::cli
