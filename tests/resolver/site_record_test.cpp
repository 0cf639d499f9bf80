#include "resolver/site_record.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "protocol/handle/site.h"

namespace idnode::resolver {
namespace {

ListenConfig listening(std::initializer_list<const char*> tcp,
                       std::initializer_list<const char*> udp) {
    ListenConfig bound;
    for (const char* text : tcp) bound.tcp.push_back(*parse_endpoint(text));
    for (const char* text : udp) bound.udp.push_back(*parse_endpoint(text));
    return bound;
}

handle::Site decoded(const SiteRecord& record) {
    const Result<handle::Site> site = handle::decode_site(to_bytes(record.octets));
    EXPECT_TRUE(site.has_value());
    return site.value_or(handle::Site{});
}

TEST(SiteRecord, NamesTcpBeforeUdpOnTheAddressListenedOn) {
    const auto record = make_site_record({}, listening({"127.0.0.1:2641"}, {"127.0.0.1:2642"}));
    ASSERT_TRUE(record) << record.error().to_string();
    const handle::Site site = decoded(*record);
    ASSERT_EQ(site.servers.size(), 1U);
    EXPECT_EQ(handle::address_text(site.servers[0].address), "127.0.0.1");
    ASSERT_EQ(site.servers[0].interfaces.size(), 2U);
    EXPECT_EQ(site.servers[0].interfaces[0],
              (handle::SiteInterface{handle::kInterfaceQuery, handle::kProtocolTcp, 2641}));
    EXPECT_EQ(site.servers[0].interfaces[1],
              (handle::SiteInterface{handle::kInterfaceQuery, handle::kProtocolUdp, 2642}));
    EXPECT_EQ(site.protocol_minor, 11);
}

TEST(SiteRecord, PutsFurtherAddressesIntoAltAddrEachOnce) {
    const auto record = make_site_record(
        {}, listening({"127.0.0.1:2641", "[::1]:2641"}, {"127.0.0.1:2641", "[::1]:2641"}));
    ASSERT_TRUE(record);
    const handle::Site site = decoded(*record);
    EXPECT_EQ(site.servers.size(), 1U);
    ASSERT_EQ(site.attributes.size(), 1U);
    EXPECT_EQ(site.attributes[0], (handle::SiteAttribute{"alt_addr", "::1"}));
}

TEST(SiteRecord, TellsPublicAddressesInPlaceOfThoseListenedOn) {
    SiteConfig config;
    config.serial = 7;
    config.primary = false;
    config.description = "Wuhan";
    config.public_addresses = {*parse_endpoint("192.0.2.1:1304")};
    const auto record = make_site_record(config, listening({"0.0.0.0:2641"}, {"0.0.0.0:2641"}));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->serial, 7);
    EXPECT_FALSE(record->primary);
    const handle::Site site = decoded(*record);
    EXPECT_EQ(site.serial_number, 7);
    EXPECT_EQ(site.flags, 0);
    EXPECT_EQ(handle::address_text(site.servers.at(0).address), "192.0.2.1");
    EXPECT_EQ(site.servers[0].interfaces.at(0).port, 1304U);
    EXPECT_EQ(site.servers[0].interfaces.at(1).port, 1304U);
    EXPECT_EQ(site.attributes.at(0), (handle::SiteAttribute{"desc", "Wuhan"}));
}

SiteConfig with_public(std::initializer_list<const char*> endpoints) {
    SiteConfig config;
    for (const char* text : endpoints) config.public_addresses.push_back(*parse_endpoint(text));
    return config;
}

// "address protocol:port ... alt_addr=..." of the record's one server.
std::string told(const SiteRecord& record) {
    const handle::Site site = decoded(record);
    EXPECT_EQ(site.servers.size(), 1U);
    std::string text = handle::address_text(site.servers.at(0).address);
    for (const handle::SiteInterface& interface : site.servers[0].interfaces) {
        text += interface.protocol == handle::kProtocolTcp ? " tcp:" : " udp:";
        text += std::to_string(interface.port);
    }
    for (const auto& attribute : site.attributes)
        text += " " + attribute.name + "=" + attribute.value;
    return text;
}

TEST(SiteRecord, PublicAddressesMustAgreeInTheirPorts) {
    const ListenConfig bound = listening({"0.0.0.0:2641"}, {"0.0.0.0:2641"});
    const auto same = make_site_record(with_public({"192.0.2.1:7", "192.0.2.2:7"}), bound);
    ASSERT_TRUE(same);
    EXPECT_EQ(told(*same), "192.0.2.1 tcp:7 udp:7 alt_addr=192.0.2.2");
    const auto as_listened =
        make_site_record(with_public({"192.0.2.1:0", "192.0.2.2:2641"}), bound);
    ASSERT_TRUE(as_listened);
    EXPECT_EQ(told(*as_listened), "192.0.2.1 tcp:2641 udp:2641 alt_addr=192.0.2.2");
    for (const auto& config :
         {with_public({"192.0.2.1:7", "192.0.2.2:8"}), with_public({"192.0.2.1:7", "192.0.2.2:0"}),
          with_public({"192.0.2.1:7", "192.0.2.1:8"})}) {
        const auto other = make_site_record(config, bound);
        ASSERT_FALSE(other);
        EXPECT_NE(other.error().text.find("[site] public"), std::string::npos);
        EXPECT_NE(other.error().text.find("other ports than 192.0.2.1"), std::string::npos);
        EXPECT_NE(other.error().remedy.find("the same port"), std::string::npos);
    }
}

TEST(SiteRecord, TellsOnlyAddressesThatAnswerOnThePortsTold) {
    const auto told_of = [](const ListenConfig& bound) {
        const auto record = make_site_record({}, bound);
        EXPECT_TRUE(record);
        return record ? told(*record) : "";
    };
    EXPECT_EQ(told_of(listening({"127.0.0.1:1", "127.0.0.2:2"}, {})), "127.0.0.1 tcp:1");
    EXPECT_EQ(told_of(listening({"127.0.0.1:1"}, {"127.0.0.2:1"})), "127.0.0.1 tcp:1");
    EXPECT_EQ(told_of(listening({"127.0.0.1:1", "127.0.0.2:1"}, {"127.0.0.1:3", "0.0.0.0:3"})),
              "127.0.0.1 tcp:1 udp:3 alt_addr=127.0.0.2");
}

TEST(SiteRecord, PublicAddressIsNotOneOfTheMachine) {
    const auto record =
        make_site_record(with_public({"192.0.2.1:0"}), listening({"10.0.0.1:5"}, {"10.0.0.1:6"}));
    ASSERT_TRUE(record);
    EXPECT_EQ(told(*record), "192.0.2.1 tcp:5 udp:6");
}

TEST(SiteRecord, LeavesOutATransportThatIsNotListenedOn) {
    const auto record = make_site_record({}, listening({}, {"127.0.0.1:2641"}));
    ASSERT_TRUE(record);
    const handle::Site site = decoded(*record);
    ASSERT_EQ(site.servers.at(0).interfaces.size(), 1U);
    EXPECT_EQ(site.servers[0].interfaces[0].protocol, handle::kProtocolUdp);
}

TEST(SiteRecord, RefusesAWildcardWithoutAPublicAddress) {
    const auto record = make_site_record({}, listening({"0.0.0.0:2641"}, {"[::]:2641"}));
    ASSERT_FALSE(record);
    EXPECT_NE(record.error().to_string().find("[site] public"), std::string::npos);
}

class SiteRecordFile : public testing::Test {
protected:
    void SetUp() override {
        path_ = (std::filesystem::path(testing::TempDir()) /
                 ("site-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                  testing::UnitTest::GetInstance()->current_test_info()->name() + ".json"))
                    .string();
    }
    void TearDown() override { std::filesystem::remove(path_); }

    Checked<SiteRecord> read(const std::string& text) {
        std::ofstream(path_) << text;
        SiteConfig config;
        config.record_file = path_;
        return make_site_record(config, {});
    }

    std::string path_;
};

TEST_F(SiteRecordFile, IsServedOctetForOctet) {
    const auto record = read(R"({"values":[{"index":1,"type":"DESC","data":"x"},)"
                             R"({"index":2,"type":"HS_SITE","data":{"format":"base64",)"
                             R"("value":"AAECCwAFAAIAAAAAAAAAAAAAAAA="}}]})");
    ASSERT_TRUE(record) << record.error().to_string();
    const std::string expected(
        "\x00\x01\x02\x0B\x00\x05\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    EXPECT_EQ(record->octets, expected);
    EXPECT_EQ(record->serial, 5);
    EXPECT_FALSE(record->primary);
}

TEST_F(SiteRecordFile, IsRefusedWithItsNameWhenItHoldsNoSite) {
    for (const char* text :
         {"", "{", R"({"values":[]})", R"([{"index":1,"type":"URL","data":"x"}])",
          R"([{"index":1,"type":"HS_SITE","data":"x"}])"}) {
        const auto record = read(text);
        ASSERT_FALSE(record) << text;
        EXPECT_EQ(record.error().file, path_);
    }
}

TEST_F(SiteRecordFile, IsRefusedWhenItIsNotThere) {
    SiteConfig config;
    config.record_file = path_ + ".absent";
    const auto record = make_site_record(config, {});
    ASSERT_FALSE(record);
    EXPECT_NE(record.error().to_string().find("No such file"), std::string::npos);
}

TEST_F(SiteRecordFile, IsRefusedWhenItIsADirectory) {
    SiteConfig config;
    config.record_file = testing::TempDir();
    const auto record = make_site_record(config, {});
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().file, testing::TempDir());
    EXPECT_NE(record.error().text.find("Is a directory"), std::string::npos);
    EXPECT_FALSE(record.error().remedy.empty());
}

}  // namespace
}  // namespace idnode::resolver
