#include "resolver/udp_listener.h"

#include <gtest/gtest.h>

#include "tests/resolver/clients.h"
#include "tests/resolver/messages.h"
#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

using namespace idnode::test;

TEST(UdpListener, AnswersADatagram) {
    RunningNode node;
    UdpClient client(node.udp());
    client.send(make_request({.request_id = 9, .operation = 2}));
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->envelope.request_id, 9U);
    EXPECT_EQ(answer->operation, 2U);
    EXPECT_EQ(answer->code, 1U);
    EXPECT_TRUE(answer->filling_is_right);
}

TEST(UdpListener, AnswersARepeatedQuestionAgain) {
    RunningNode node;
    UdpClient client(node.udp());
    for (int i = 0; i < 2; ++i) {
        client.send(make_request({}));
        EXPECT_TRUE(client.receive_answer());
    }
}

TEST(UdpListener, AnswersManyClientsInBatches) {
    constexpr std::size_t kClients = 50;
    constexpr std::uint32_t kRounds = 10;
    RunningNode node;
    std::vector<UdpClient> clients;
    for (std::size_t i = 0; i < kClients; ++i) clients.emplace_back(node.udp());
    for (std::uint32_t round = 0; round < kRounds; ++round) {
        for (UdpClient& client : clients) client.send(make_request({.request_id = round + 1}));
    }
    for (UdpClient& client : clients) {
        std::uint64_t seen = 0;
        for (std::uint32_t round = 0; round < kRounds; ++round) {
            const auto answer = client.receive_answer();
            ASSERT_TRUE(answer);
            seen += answer->envelope.request_id;
        }
        EXPECT_EQ(seen, kRounds * (kRounds + 1) / 2);
        EXPECT_FALSE(client.has_datagram());
    }
    EXPECT_EQ(node.record.messages(), kClients * kRounds);
    for (const std::size_t size : node.record.batches()) EXPECT_LE(size, kUdpBatchMax);
}

TEST(UdpListener, EachDatagramGetsItsOwnFamily) {
    RunningNode node;
    UdpClient client(node.udp());
    client.send(make_request({.minor_version = 3, .suggested_minor = 10}));
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kCaict);
    client.send(make_request({.minor_version = 10, .suggested_minor = 11}));
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kIdPointer);
    client.send(make_request({}));
    EXPECT_EQ(client.receive_answer()->family, ClientFamily::kHandle);
}

TEST(UdpListener, PutsSplitRequestsTogether) {
    RunningNode node;
    UdpClient client(node.udp());
    for (const std::size_t length : {492UL, 493UL, 984UL, 985UL, 5'000UL, 65'536UL}) {
        client.send_message(make_request({.length = length}));
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << length;
        EXPECT_EQ(answer->code, 1U) << length;
    }
}

TEST(UdpListener, TakesPartsInAnyOrderAndTwice) {
    RunningNode node;
    UdpClient client(node.udp());
    const Octets message = make_request({.length = 1'500});
    std::vector<Octets> parts;
    for (std::size_t i = 0; i < handle::packet_count(message); ++i) {
        const auto packet = handle::packet_of(message, i, handle::Direction::kRequest);
        parts.emplace_back(packet.envelope.begin(), packet.envelope.end());
        parts.back().insert(parts.back().end(), packet.part.begin(), packet.part.end());
    }
    ASSERT_EQ(parts.size(), 4U);
    for (const std::size_t i : {3U, 1U, 1U, 2U, 0U}) client.send(parts[i]);
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 1U);
}

TEST(UdpListener, TakesAWholeMessageInALongDatagram) {
    RunningNode node;
    UdpClient client(node.udp());
    client.send(make_request({.length = 1'500}));
    EXPECT_EQ(client.receive_answer()->code, 1U);
}

TEST(UdpListener, SplitsLongAnswers) {
    RunningNode node;
    UdpClient client(node.udp());
    for (const std::uint32_t length : {491U, 492U, 493U, 984U, 985U, 16'384U}) {
        client.send(make_request({.answer_length = length}));
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << length;
        EXPECT_EQ(answer->envelope.message_length, length);
        EXPECT_TRUE(answer->filling_is_right) << length;
    }
}

TEST(UdpListener, GivesNoMoreRoomThanConfigured) {
    Config config = loopback_config();
    config.server.udp_answer_max = 1'000;
    RunningNode node(config);
    UdpClient client(node.udp());
    client.send(make_request({.answer_length = 1'000}));
    EXPECT_EQ(client.receive_answer()->code, 1U);
    client.send(make_request({.answer_length = 1'001}));
    EXPECT_EQ(client.receive_answer()->code, 3U);
}

TEST(UdpListener, TellsThatARequestIsTooLongOnItsFirstPart) {
    RunningNode node;
    UdpClient client(node.udp());
    client.send_message(make_request({.request_id = 5, .length = 65'537}));
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 3U);
    EXPECT_EQ(answer->envelope.request_id, 5U);
    client.send(make_request({}));
    EXPECT_EQ(client.receive_answer()->code, 1U);  // And no second word about the other parts.
    EXPECT_EQ(node.incidents("request_too_long"), 1U);
}

TEST(UdpListener, LetsTheServiceJudgeLengths) {
    RunningNode node;
    UdpClient client(node.udp());
    for (const std::uint32_t length : {0U, 23U, 30U, 262'145U, 0x7FFFFFFFU}) {
        Octets message = make_envelope(7, length);
        message.resize(44);
        client.send(message);
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << length;
        EXPECT_EQ(answer->code, 4U) << length;
    }
}

TEST(UdpListener, DropsAndCountsWhatIsUnusable) {
    RunningNode node;
    UdpClient client(node.udp());
    client.send({});
    client.send(Octets(19, 2));
    client.send(Octets(20, 0xFF));
    client.send(make_envelope(1, 0x80000000));
    client.send(make_request({.length = 4'000}));
    client.send(make_request({.operation = kNoAnswer}));
    client.send(make_request({.request_id = 77}));
    const auto answer = client.receive_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->envelope.request_id, 77U);
    EXPECT_FALSE(client.has_datagram());
    const std::string log = node.stop();
    EXPECT_EQ(number_in_line(log, "incident=datagram_unusable", "count="), 4U);
    EXPECT_EQ(number_in_line(log, "incident=datagram_cut", "count="), 1U);
    EXPECT_EQ(number_in_line(log, "transport=udp messages=", "messages="), 2U);
}

TEST(UdpListener, CountsPartsThatContradict) {
    RunningNode node;
    UdpClient client(node.udp());
    Octets part = make_envelope(1, 2'000);
    part[15] = 200;  // Sequence number: far behind the message's end.
    part.resize(512);
    client.send(part);
    client.send(make_request({}));
    EXPECT_TRUE(client.receive_answer());
    EXPECT_EQ(node.incidents("fragment_refused"), 1U);
}

void send_first_part(UdpClient& client, const Request& request) {
    const Octets message = make_request(request);
    const auto packet = handle::packet_of(message, 0, handle::Direction::kRequest);
    Octets part(packet.envelope.begin(), packet.envelope.end());
    part.insert(part.end(), packet.part.begin(), packet.part.end());
    client.send(part);
}

TEST(UdpListener, PortsOfOneAddressShareTheRoomForParts) {
    RunningNode node;
    UdpClient one(node.udp());
    UdpClient two(node.udp());
    UdpClient other(node.udp(), parse_endpoint("127.0.0.2:0"));
    send_first_part(one, {.length = 65'000});
    two.send_message(make_request({.request_id = 2, .length = 1'000}));
    other.send_message(make_request({.request_id = 3, .length = 1'000}));
    EXPECT_EQ(other.receive_answer()->envelope.request_id, 3U);
    two.send_message(make_request({.request_id = 4, .length = 500}));
    EXPECT_EQ(two.receive_answer()->envelope.request_id, 4U);
    EXPECT_FALSE(two.has_datagram());
    EXPECT_EQ(node.incidents("fragment_refused"), 3U);
}

// One listener on a loop that the test turns, with a time of its own for parts that are missing.
struct TurnedListener {
    explicit TurnedListener(std::uint64_t parts_timeout_ms)
        : sockets(std::move(*bind_listen_sockets(config, 1))),
          log(std::move(*Log::open({LogLevel::kInfo, directory.path_of("log")}))),
          service(
              std::move(*echo_factory(record)({0, config, sockets.udp, sockets.tcp, stats, log}))),
          loop(std::move(*Loop::open())),
          workspace(*service, stats, config.server.udp_answer_max, parts_timeout_ms),
          listener(std::move(
              *UdpListener::open(loop, std::move(sockets.workers[0].udp[0]), workspace))) {}

    [[nodiscard]] Endpoint udp() const { return sockets.udp[0]; }
    bool turn_until(const std::function<bool()>& condition) {
        return eventually([&] {
            uv_run(loop.get(), UV_RUN_NOWAIT);
            return condition();
        });
    }

    const Config config = loopback_config();
    const TemporaryDirectory directory;
    EchoRecord record;
    WorkerStats stats;
    ListenSockets sockets;
    Log log;
    std::unique_ptr<Service> service;
    Loop loop;
    UdpWorkspace workspace;
    std::unique_ptr<UdpListener> listener;
};

TEST(UdpListener, AddressesTogetherHoldNoMoreThanTheWorkersRoom) {
    TurnedListener listener(3'600'000);  // However slow the machine is, all parts stay.
    constexpr unsigned kFit = handle::kReassemblyTotalMax / (handle::kReassemblyMessageMax + 512);
    const auto client_of = [&](unsigned i) {
        return UdpClient(listener.udp(),
                         Endpoint{IpAddress{AddressFamily::kIpv4,
                                            {127, 1, static_cast<std::uint8_t>(i / 200),
                                             static_cast<std::uint8_t>(i % 200 + 1)}},
                                  0});
    };
    for (unsigned i = 0; i < kFit; ++i) {
        UdpClient client = client_of(i);
        send_first_part(client, {.length = handle::kReassemblyMessageMax});
        ASSERT_TRUE(listener.turn_until(
            [&] { return listener.workspace.reassembly.message_count() == i + 1; }));
    }
    EXPECT_EQ(listener.stats.incidents(Incident::kFragmentRefused), 0U);
    UdpClient client = client_of(kFit);
    send_first_part(client, {.length = handle::kReassemblyMessageMax});
    EXPECT_TRUE(listener.turn_until(
        [&] { return listener.stats.incidents(Incident::kFragmentRefused) == 1; }));
}

TEST(UdpListener, GivesUpWhatDoesNotComeInTime) {
    TurnedListener listener(20);
    UdpClient client(listener.udp());
    send_first_part(client, {.length = 60'000});
    EXPECT_TRUE(listener.turn_until(
        [&] { return listener.stats.incidents(Incident::kFragmentsExpired) == 1; }));
    EXPECT_EQ(listener.workspace.reassembly.memory(), 0U);
    // Its room is free again.
    client.send_message(make_request({.request_id = 2, .length = 60'000}));
    EXPECT_TRUE(listener.turn_until([&] { return listener.record.messages() == 1; }));
    EXPECT_EQ(client.receive_answer()->envelope.request_id, 2U);
}

// 127.0.0.2 is the machine's too: the client hears nothing that comes from another address.
TEST(UdpListener, AnswersFromTheAddressAsked) {
    Config config = loopback_config();
    config.listen.udp = {*parse_endpoint("0.0.0.0:0")};
    RunningNode node(config);
    for (const char* address : {"127.0.0.1", "127.0.0.2", "127.7.7.7"}) {
        UdpClient client({*parse_address(address), node.udp().port});
        client.send(make_request({.answer_length = 2'000}));
        const auto answer = client.receive_answer();
        ASSERT_TRUE(answer) << address;
        EXPECT_TRUE(answer->filling_is_right);
    }
}

TEST(UdpListener, ServesIpv6WhereThereIsSome) {
    Config config = loopback_config();
    config.listen.udp = {*parse_endpoint("127.0.0.1:0"), *parse_endpoint("[::1]:0")};
    RunningNode node(config);
    if (node.node().udp().size() < 2) GTEST_SKIP() << "the machine has no IPv6 loopback";
    UdpClient client(node.node().udp()[1]);
    client.send(make_request({}));
    EXPECT_TRUE(client.receive_answer());
}

TEST(UdpListener, AnswersWhatWaitsWhenTheNodeIsStopped) {
    RunningNode node;
    UdpClient client(node.udp());
    for (std::uint32_t i = 0; i < 100; ++i) client.send(make_request({.request_id = i + 1}));
    node.stop();
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(client.receive_answer()) << i;
}

}  // namespace
}  // namespace idnode::resolver
