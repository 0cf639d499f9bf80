#include "resolver/address.h"

#include <gtest/gtest.h>

namespace idnode::resolver {
namespace {

TEST(Address, FormatsWhatItParses) {
    for (const char* text : {"127.0.0.1:2641", "0.0.0.0:1", "[::1]:2641", "[2001:db8::7]:65535",
                             "[::]:0", "255.255.255.255:0"}) {
        const auto endpoint = parse_endpoint(text);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->to_string(), text);
    }
}

TEST(Address, RefusesWhatIsNoEndpoint) {
    for (const char* text :
         {"", ":", "127.0.0.1", "127.0.0.1:", ":2641", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1: 1", "127.0.0.1:1 ", "127.0.0.256:1", "::1:2641", "[::1]", "[::1]2641",
          "[::1:2641", "localhost:2641", "[127.0.0.1]:1", "[fe80::1%lo]:1", "1.2.3:4",
          "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:1"}) {
        EXPECT_FALSE(parse_endpoint(text)) << text;
    }
}

TEST(Address, ParsesAddressesAlone) {
    EXPECT_EQ(parse_address("192.0.2.7")->to_string(), "192.0.2.7");
    EXPECT_EQ(parse_address("2001:DB8::7")->to_string(), "2001:db8::7");
    EXPECT_EQ(parse_address("[2001:db8::7]")->to_string(), "2001:db8::7");
    for (const char* text : {"", "[]", "[", "192.0.2.7:1", "[192.0.2.7]", "example.org"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(Address, KnowsWildcardsAndLoopback) {
    EXPECT_TRUE(parse_address("0.0.0.0")->is_wildcard());
    EXPECT_TRUE(parse_address("::")->is_wildcard());
    EXPECT_FALSE(parse_address("::1")->is_wildcard());
    EXPECT_TRUE(parse_address("127.8.9.1")->is_loopback());
    EXPECT_TRUE(parse_address("::1")->is_loopback());
    EXPECT_FALSE(parse_address("1::1")->is_loopback());
    EXPECT_FALSE(parse_address("::2")->is_loopback());
    EXPECT_FALSE(parse_address("128.0.0.1")->is_loopback());
}

TEST(Address, GoesThroughTheKernelsForm) {
    for (const char* text : {"192.0.2.7:2641", "[2001:db8::7]:2641"}) {
        const Endpoint endpoint = *parse_endpoint(text);
        sockaddr_storage storage{};
        EXPECT_GT(to_sockaddr(endpoint, storage), 0U);
        EXPECT_EQ(from_sockaddr(storage), endpoint);
    }
    sockaddr_storage other{};
    other.ss_family = AF_UNIX;
    EXPECT_FALSE(from_sockaddr(other));
}

}  // namespace
}  // namespace idnode::resolver
