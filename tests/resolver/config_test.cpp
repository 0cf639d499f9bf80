#include "resolver/config.h"

#include <gtest/gtest.h>

#include "tests/resolver/test_files.h"

namespace idnode::resolver {
namespace {

using test::read_file;
using test::TemporaryDirectory;

TEST(Config, SampleShowsTheDefaults) {
    const auto sample = load_config(IDN_SAMPLE_CONFIG);
    ASSERT_TRUE(sample) << sample.error().to_string();
    EXPECT_EQ(*sample, default_config());
    EXPECT_EQ(*sample, *parse_config("", "empty"));
}

// A key of each member, so that a key the sample forgets is missed here.
constexpr const char* kEveryKey = R"(
[registry]
path = "/srv/ids"
checksum_sample = 7
index_check = true
[listen]
udp = ["0.0.0.0:1001"]
tcp = ["[::]:1002", "127.0.0.1:0", "127.0.0.1:0"]
[server]
workers = 3
udp_answer_max = 1000
udp_buffer_size = 65536
drain_timeout_ms = 11
tcp_idle_timeout_ms = 12
tcp_header_timeout_ms = 13
tcp_progress_timeout_ms = 14
tcp_connections_max = 15
tcp_connections_per_address_max = 16
tcp_unsent_size_max = 70000
tcp_held_size_max = 2000000
[site]
serial = 17
primary = false
public = ["198.51.100.7", "[2001:db8::7]:99"]
description = "a node"
record = "site.json"
[log]
level = "debug"
file = "node.log"
)";

TEST(Config, EveryKeyIsRead) {
    const auto config = parse_config(kEveryKey, "every");
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(config->registry, (RegistryConfig{"/srv/ids", 7, true}));
    EXPECT_EQ(config->listen.udp, std::vector{*parse_endpoint("0.0.0.0:1001")});
    EXPECT_EQ(config->listen.tcp.size(), 3U);
    EXPECT_EQ(config->server,
              (ServerConfig{3, 1000, 65536, 11, TcpLimits{12, 13, 14, 15, 16, 2000000, 70000}}));
    EXPECT_EQ(config->site.serial, 17);
    EXPECT_FALSE(config->site.primary);
    EXPECT_EQ(config->site.public_addresses, (std::vector{*parse_endpoint("198.51.100.7:0"),
                                                          *parse_endpoint("[2001:db8::7]:99")}));
    EXPECT_EQ(config->site.description, "a node");
    EXPECT_EQ(config->site.record_file, "site.json");
    EXPECT_EQ(config->log, (LogConfig{LogLevel::kDebug, "node.log"}));
}

TEST(Config, SampleNamesEveryKey) {
    const std::string sample = read_file(IDN_SAMPLE_CONFIG);
    std::string_view rest = kEveryKey;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        const std::string key = "\n" + std::string(line.substr(0, line.find('='))) +
                                (line.find('=') == std::string_view::npos ? "" : "=");
        EXPECT_NE(sample.find(key), std::string::npos) << key;
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
}

struct Fault {
    const char* text;
    std::uint64_t line;
    const char* what;
    const char* remedy;
};

TEST(Config, FaultsAreNamedWithLineAndRemedy) {
    const Fault faults[] = {
        {"[server]\nworker = 1\n", 2, "unknown key \"worker\" in [server]", "\"workers\"?"},
        {"[server]\nthreads_of_all = 1\n", 2, "unknown key", "[server] knows workers, udp_answer"},
        {"\n[serverr]\n", 2, "unknown section", "did you mean [server]?"},
        {"color = 1\n", 1, "unknown section or key \"color\"", "there are [registry]"},
        {"[server]\nworkers = \"two\"\n", 2, "a whole number from 0 to 256", "correct the value"},
        {"[server]\nworkers = -1\n", 2, "a whole number", "correct"},
        {"[server]\nworkers = 257\n", 2, "a whole number", "correct"},
        {"[server]\nworkers = 1.0\n", 2, "a whole number", "correct"},
        {"[server]\nudp_answer_max = 491\n", 2, "from 492 to 61440", "correct"},
        {"[site]\nserial = 0\n", 2, "from 1 to 65534", "correct"},
        {"[site]\nserial = 65535\n", 2, "from 1 to 65534", "correct"},
        {"[site]\nprimary = 1\n", 2, "true or false", "correct"},
        {"[site]\npublic = [\"0.0.0.0\"]\n", 2, "a wildcard cannot be reached", "clients"},
        {"[site]\npublic = \"192.0.2.7\"\n", 2, "must be a list", "correct"},
        {"[log]\nlevel = \"loud\"\n", 2, R"(one of "error", "warning")", "correct"},
        {"[log]\nfile = 3\n", 2, "a text in quotes", "correct"},
        {"[registry]\npath = true\n", 2, "a text in quotes", "correct"},
        {"[listen]\nudp = [\"localhost:1\"]\n", 2, "\"localhost:1\" is not an address", "names"},
        {"[listen]\nudp = [\n  \"127.0.0.1\"]\n", 3, "is not an address", "192.0.2.7:2641"},
        {"[listen]\nudp = [7]\n", 2, "must hold texts in quotes", "127.0.0.1:2641"},
        {"[listen]\nudp = [\"127.0.0.1:9\", \"127.0.0.1:9\"]\n", 2, "stands twice", "remove"},
        {"[listen]\nudp = []\ntcp = []\n", 2, "there is no address to listen on", "add one"},
        {"[listen]\n\nudp = [\"0.0.0.0:1\"]\n", 3, "is a wildcard", "add public = "},
        {"[listen]\ntcp = [\n\"127.0.0.1:1\",\n\"[::]:1\"]\n", 4, "is a wildcard", "[site]"},
        {"server = 4\n", 1, "server is not a section", "write [server]"},
        {"[server\n", 1, "", "TOML"},
        {"[log]\nlevel = \"info\"\nlevel = \"info\"\n", 3, "", "TOML"},
    };
    for (const Fault& fault : faults) {
        const auto config = parse_config(fault.text, "node.toml");
        ASSERT_FALSE(config) << fault.text;
        const Problem& problem = config.error();
        EXPECT_EQ(problem.file, "node.toml");
        EXPECT_EQ(problem.line, fault.line) << fault.text << problem.to_string();
        EXPECT_GT(problem.column, 0U);
        EXPECT_NE(problem.text.find(fault.what), std::string::npos) << problem.to_string();
        EXPECT_NE(problem.remedy.find(fault.remedy), std::string::npos) << problem.to_string();
    }
}

TEST(Config, WildcardIsTakenWithAPublicAddressOrARecord) {
    EXPECT_TRUE(
        parse_config("[listen]\nudp = [\"0.0.0.0:1\"]\n[site]\npublic = [\"192.0.2.7\"]\n", "c"));
    EXPECT_TRUE(
        parse_config("[listen]\nudp = [\"0.0.0.0:1\"]\n[site]\nrecord = \"s.json\"\n", "c"));
}

TEST(Config, FileThatCannotBeReadIsNamed) {
    const TemporaryDirectory directory;
    const auto absent = load_config(directory.path_of("absent.toml"));
    ASSERT_FALSE(absent);
    EXPECT_NE(absent.error().to_string().find("absent.toml: the configuration cannot be read: No"),
              std::string::npos)
        << absent.error().to_string();
    const auto folder = load_config(directory.path_of("."));
    ASSERT_FALSE(folder);
    EXPECT_NE(folder.error().text.find("Is a directory"), std::string::npos) << folder.error().text;
}

TEST(Config, EmptyFileMeansTheDefaults) {
    const TemporaryDirectory directory;
    test::write_file(directory.path_of("empty.toml"), "");
    const auto config = load_config(directory.path_of("empty.toml"));
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(*config, default_config());
}

TEST(Config, ReloadKeepsWhatNeedsARestart) {
    const Config running = default_config();
    const Config fresh = *parse_config(kEveryKey, "every");
    const Reloaded reloaded = reload_config(running, fresh);
    EXPECT_EQ(
        reloaded.needs_restart,
        (std::vector<std::string_view>{
            "registry.path", "registry.checksum_sample", "registry.index_check", "listen.udp",
            "listen.tcp", "server.workers", "server.udp_answer_max", "server.udp_buffer_size"}));
    EXPECT_EQ(reloaded.config.registry, running.registry);
    EXPECT_EQ(reloaded.config.listen, running.listen);
    EXPECT_EQ(reloaded.config.server.workers, running.server.workers);
    EXPECT_EQ(reloaded.config.server.tcp, fresh.server.tcp);
    EXPECT_EQ(reloaded.config.server.drain_timeout_ms, fresh.server.drain_timeout_ms);
    EXPECT_EQ(reloaded.config.site, fresh.site);
    EXPECT_EQ(reloaded.config.log, fresh.log);
    EXPECT_TRUE(reload_config(fresh, fresh).needs_restart.empty());
}

}  // namespace
}  // namespace idnode::resolver
