#include "resolver/node.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "tests/resolver/clients.h"
#include "tests/resolver/messages.h"
#include "tests/resolver/running_node.h"

namespace idnode::resolver {
namespace {

using namespace idnode::test;

// A node with a configuration file, served by a thread; signals go to the whole process.
class ServingNode {
public:
    explicit ServingNode(const std::string& more = "") {
        write_config(more);
        log_ = std::move(*Log::open({LogLevel::kInfo, log_file_}));
        const auto config = load_config(config_file_);
        EXPECT_TRUE(config);
        auto node = Node::start(
            *config, {*log_, echo_factory(record), [this] { return load_config(config_file_); },
                      [this](std::uint64_t) { ++watched; }, 1});
        EXPECT_TRUE(node) << node.error().to_string();
        node_ = std::move(*node);
        thread_ = std::thread([this] { node_->run(); });
    }
    ~ServingNode() { stop(SIGTERM); }

    void write_config(const std::string& more) {
        write_file(config_file_,
                   "[listen]\nudp = [\"127.0.0.1:0\"]\ntcp = [\"127.0.0.1:0\"]\n"
                   "[log]\nfile = \"" +
                       log_file_ + "\"\n" + more);
    }
    bool logs(const std::string& part) {
        return eventually([&] { return occurrences(read_file(log_file_), part) > 0; });
    }
    void stop(int number) {
        if (!thread_.joinable()) return;
        kill(getpid(), number);
        join();
    }
    void join() { thread_.join(); }
    [[nodiscard]] const Node& node() const { return *node_; }
    [[nodiscard]] std::string log() const { return read_file(log_file_); }
    EchoRecord record;
    std::atomic<int> watched{0};

private:
    TemporaryDirectory directory_;
    std::string log_file_ = directory_.path_of("log");
    std::string config_file_ = directory_.path_of("node.toml");
    std::optional<Log> log_;
    std::unique_ptr<Node> node_;
    std::thread thread_;
};

TEST(Node, SaysWhatItListensOnAndStopsOnSignals) {
    for (const int number : {SIGTERM, SIGINT}) {
        ServingNode node("[server]\nworkers = 2\n");
        EXPECT_TRUE(node.logs(
            "listening transport=udp address=" + node.node().udp()[0].to_string() + "\n"));
        EXPECT_TRUE(node.logs("ready workers=2 udp=127.0.0.1:"));
        TcpClient client(node.node().tcp()[0]);
        ASSERT_TRUE(client.send(make_request({})));
        EXPECT_TRUE(client.receive_answer());
        node.stop(number);
        EXPECT_TRUE(client.ends_in_order());
        EXPECT_EQ(occurrences(node.log(), "draining signal=SIG"), 1U);
        EXPECT_EQ(occurrences(node.log(), " stopped\n"), 1U);
    }
}

TEST(Node, WritesCountersOnUsr1) {
    ServingNode node;
    UdpClient client(node.node().udp()[0]);
    client.send(make_request({}));
    EXPECT_TRUE(client.receive_answer());
    kill(getpid(), SIGUSR1);
    EXPECT_TRUE(node.logs("transport=udp operation=1 code=1 count=1\n"));
    EXPECT_TRUE(node.logs("transport=udp messages=1 batches=1 p50_us="));
}

TEST(Node, ReloadsWhatCanBeReloaded) {
    ServingNode node;
    node.write_config("level = \"info\"\n[server]\nworkers = 9\ntcp_connections_max = 1\n");
    kill(getpid(), SIGHUP);
    EXPECT_TRUE(node.logs("reload_needs_restart key=server.workers\n"));
    EXPECT_TRUE(node.logs(" reloaded\n"));
    EXPECT_TRUE(eventually([&] { return node.record.reconfigured() > 0; }));
    TcpClient first(node.node().tcp()[0]);
    ASSERT_TRUE(first.send(make_request({})));
    EXPECT_TRUE(first.receive_answer());
    TcpClient second(node.node().tcp()[0]);
    EXPECT_TRUE(second.read_once().empty());
}

TEST(Node, KeepsTheOldConfigurationOnAnError) {
    ServingNode node;
    node.write_config("[server]\nworker = 2\n");
    kill(getpid(), SIGHUP);
    EXPECT_TRUE(node.logs("reload_refused problem="));
    EXPECT_TRUE(node.logs("node.toml:7:1: unknown key"));
    EXPECT_EQ(node.record.reconfigured(), 0);
    UdpClient client(node.node().udp()[0]);
    client.send(make_request({}));
    EXPECT_TRUE(client.receive_answer());
}

TEST(Node, CallsTheWatch) {
    ServingNode node;
    EXPECT_TRUE(eventually([&] { return node.watched > 2; }));
}

TEST(Node, FailureOfAServiceLeavesNothingRunning) {
    const TemporaryDirectory directory;
    auto log = Log::open({LogLevel::kInfo, directory.path_of("log")});
    ASSERT_TRUE(log);
    Config config = loopback_config();
    config.server.workers = 3;
    EchoRecord record;
    std::vector<Endpoint> udp;
    const auto factory = [&](const ServiceParts& parts) -> Checked<std::unique_ptr<Service>> {
        udp = parts.udp;
        if (parts.worker < 2) return echo_factory(record)(parts);
        return tl::unexpected(Problem{"", 0, 0, "no registry", "make one"});
    };
    const auto node = Node::start(config, {*log, factory, {}, {}});
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().text, "no registry");
    config.listen.udp = udp;
    EXPECT_TRUE(bind_listen_sockets(config, 1));
    EXPECT_EQ(occurrences(read_file(directory.path_of("log")), "ready"), 0U);
}

// The answers are more than fits on the way to a client that does not read.
Octets requests_for_more_than_is_fetched() {
    Octets all;
    for (int i = 0; i < 400; ++i) {
        const Octets one = make_request({.answer_length = 60'000});
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

TEST(Node, IgnoresReloadAndReportWhileItDrains) {
    {
        ServingNode node("[server]\nworkers = 2\ndrain_timeout_ms = 60000\n");
        TcpClient client(node.node().tcp()[0]);
        // An answer that the client does not fetch holds the drain up.
        ASSERT_TRUE(client.send(requests_for_more_than_is_fetched()));
        ASSERT_TRUE(eventually([&] { return node.record.messages() > 100; }));
        kill(getpid(), SIGTERM);
        ASSERT_TRUE(node.logs("draining signal=SIGTERM"));
        for (const int number : {SIGUSR1, SIGHUP, SIGUSR1}) kill(getpid(), number);
        while (!client.read_once().empty()) {
        }
        node.join();
        EXPECT_EQ(occurrences(node.log(), " stopped\n"), 1U);
        EXPECT_EQ(occurrences(node.log(), "reloaded"), 0U);
    }
    // And until the process ends.
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGHUP);
}

TEST(Node, DrainEndsInTimeAlthoughAClientDoesNotRead) {
    Config config = loopback_config();
    config.server.drain_timeout_ms = 20;
    RunningNode node(config);
    TcpClient client(node.tcp());
    ASSERT_TRUE(client.send(requests_for_more_than_is_fetched()));
    ASSERT_TRUE(eventually([&] { return node.record.messages() > 100; }));
    EXPECT_EQ(occurrences(node.stop(), "drain_cut worker=0 connections=1"), 1U);
}

}  // namespace
}  // namespace idnode::resolver
