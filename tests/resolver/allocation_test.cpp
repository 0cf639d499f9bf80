// Answering what is found takes nothing from the heap, over UDP and TCP, from the system's receive
// to its send.
#include <thread>

#include <gtest/gtest.h>

#include "resolver/node.h"
#include "tests/resolver/allocation_counter.h"
#include "tests/resolver/clients.h"
#include "tests/resolver/handle_fixture.h"
#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

constexpr int kWarmingRounds = 50;
constexpr int kCountedRounds = 500;

class Allocations : public HandleServiceTest {
protected:
    void SetUp() override {
        HandleServiceTest::SetUp();
        put("88.118.8/SN1", {{1, "URL", "https://example.org/"}, {2, "EMAIL", "a@example.org"}});
        const auto make_service =
            [this](const ServiceParts& parts) -> Checked<std::unique_ptr<Service>> {
            return std::make_unique<HandleService>(
                HandleService::Parts{*registry_, parts.stats, parts.log},
                SiteRecord{std::string("site"), 1, true}, ListenConfig{});
        };
        auto node = Node::start(test::loopback_config(), {*log_, make_service, {}, {}});
        ASSERT_TRUE(node) << node.error().to_string();
        node_ = std::move(*node);
    }
    void TearDown() override {
        node_.reset();
        HandleServiceTest::TearDown();
    }

    // The code of one answer, 0 when none came.
    template <class Client>
    static std::uint32_t ask(Client& client, ByteSpan request) {
        client.send(request);
        const auto answer = client.receive_answer();
        return answer ? answer->code : 0;
    }

    template <class Client>
    void expect_none(Client& client, const Ask& question) {
        const std::vector<std::uint8_t> request = request_of(question);
        for (int i = 0; i < kWarmingRounds; ++i) ASSERT_EQ(ask(client, request), 1U);
        const test::AllocationCounter counter;
        for (int i = 0; i < kCountedRounds; ++i) ASSERT_EQ(ask(client, request), 1U);
        EXPECT_EQ(counter.count(), 0U);
    }

    std::unique_ptr<Node> node_;
};

TEST_F(Allocations, AreCountedInOtherThreads) {
    const test::AllocationCounter counter;
    std::thread([] { EXPECT_NE(std::make_unique<std::string>(100, 'x')->size(), 0U); }).join();
    EXPECT_GE(counter.count(), 2U);
}

TEST_F(Allocations, AreNoneForWhatIsFoundOverUdp) {
    test::UdpClient client(node_->udp().front());
    expect_none(client, {});
    expect_none(client, {.indexes = {1}, .types = {"URL."}});
    expect_none(client, {.flags = handle::kFlagPubl | handle::kFlagRrdg});
}

TEST_F(Allocations, AreNoneForWhatIsFoundOverTcp) {
    test::TcpClient client(node_->tcp().front());
    expect_none(client, {.transport = Transport::kTcp});
    expect_none(client, {.flags = handle::kFlagPubl | handle::kFlagRrdg});
}

}  // namespace
}  // namespace idnode::resolver
