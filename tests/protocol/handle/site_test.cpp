#include "protocol/handle/site.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/protocol/handle/encoded.h"

namespace idnode::handle {
namespace {

using test::copy_of;

const std::string kSite = test::from_hex(
    "0001020b0003c00100000000000000020000000464657363000000016400000006646f6d61696e0000000d682e65"
    "78616d706c652e6f72670000000200000001000000000000000000000000c0000201000000010000000002030100"
    "000a51020000000a510000000220010db800000000000000000000000100000000000000010103000001bb");

TEST(Site, DecodesEveryField) {
    const test::Block octets = copy_of(kSite);
    const Result<Site> site = decode_site(octets.bytes());
    ASSERT_TRUE(site);
    EXPECT_EQ(site->version, 1U);
    EXPECT_EQ(site->protocol_major, 2U);
    EXPECT_EQ(site->protocol_minor, 11U);
    EXPECT_EQ(site->serial_number, 3U);
    EXPECT_EQ(site->flags, kSitePrimary | kSiteMultiPrimary);
    EXPECT_EQ(site->hash_option, kHashBySuffix);
    EXPECT_EQ(site->hash_filter, "");
    const std::vector<SiteAttribute> attributes = {{"desc", "d"}, {"domain", "h.example.org"}};
    EXPECT_EQ(site->attributes, attributes);
    ASSERT_EQ(site->servers.size(), 2U);
    EXPECT_EQ(address_text(site->servers[0].address), "192.0.2.1");
    EXPECT_EQ(site->servers[0].public_key, std::string(1, '\0'));
    const std::vector<SiteInterface> interfaces = {{3, kProtocolTcp, 2641},
                                                   {2, kProtocolUdp, 2641}};
    EXPECT_EQ(site->servers[0].interfaces, interfaces);
    EXPECT_EQ(site->servers[1].id, 2U);
    EXPECT_EQ(address_text(site->servers[1].address), "2001:db8::1");
    EXPECT_EQ(site->servers[1].interfaces[0].port, 443U);
}

TEST(Site, EncodesToTheSameOctets) {
    const test::Block octets = copy_of(kSite);
    EXPECT_EQ(test::encoded(*decode_site(octets.bytes()), encode_site), kSite);
}

TEST(Site, UnknownBitsAndNumbersAreKept) {
    Site site;
    site.version = 0xFFFF;
    site.flags = 0x3F;
    site.hash_option = 9;
    site.hash_filter = "\xFF";
    site.servers.push_back({7, {}, "key", {{0xFF, 0xFE, 0xFFFF'FFFF}}});
    const test::Block octets = copy_of(test::encoded(site, encode_site));
    EXPECT_EQ(decode_site(octets.bytes()), site);
}

TEST(Site, RejectsEveryShorterInput) {
    for (std::size_t size = 0; size < kSite.size(); ++size) {
        EXPECT_FALSE(decode_site(copy_of(kSite.substr(0, size)).bytes())) << size;
    }
}

TEST(Site, OctetsBehindTheLastServerAreAnError) {
    const test::Block octets = copy_of(kSite + '\0');
    EXPECT_FALSE(decode_site(octets.bytes()));
    Reader in(octets.bytes());
    EXPECT_TRUE(decode_site(in));
    EXPECT_EQ(in.remaining(), 1U);
}

TEST(Site, RejectsCountsThatCannotFit) {
    const std::size_t attribute_count = 12;
    const std::size_t server_count = 56;
    for (const std::size_t place : {attribute_count, server_count}) {
        std::string bad = kSite;
        ASSERT_EQ(bad.substr(place, 4), test::from_hex("00000002")) << place;
        bad[place] = '\x7F';
        EXPECT_FALSE(decode_site(copy_of(bad).bytes())) << place;
    }
}

TEST(Site, AddressesReadBackFromTheirText) {
    for (const std::string text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "2001:db8::1", "::1",
                                   "fe80::1:2", "::ffff:192.0.2.1"}) {
        const std::optional<SiteAddress> address = parse_site_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address_text(*address), text);
    }
}

TEST(Site, Ipv4AndIpv6OfTheSameOctetsAreOne) {
    EXPECT_EQ(parse_site_address("::192.0.2.1"), parse_site_address("192.0.2.1"));
    EXPECT_EQ(parse_site_address("0.0.0.1"), parse_site_address("::1"));
    EXPECT_EQ(address_text(*parse_site_address("::")), "0.0.0.0");
}

TEST(Site, OtherTextIsNoAddress) {
    const std::string zero_inside("1.2.3.4\0x", 9);
    for (const std::string& text :
         {std::string(), std::string("1.2.3"), std::string("1.2.3.256"), std::string("host"),
          std::string("[::1]"), std::string("::1%lo"), zero_inside, std::string(100, ':')}) {
        EXPECT_FALSE(parse_site_address(text)) << text;
    }
}

}  // namespace
}  // namespace idnode::handle
