// node_bench: a whole node on loopback, against bare echoes with messages of the same sizes.
//
// With --peers also against Knot DNS (UDP) and Redis (TCP), which are given the same set, and with
// 64 TCP connections that have one request under way each.
//
// The canonical workload (no arguments): 1,000,000 identifiers of mix 0, one worker; UDP with 64
// requests outstanding, TCP with 4 connections of 16; 5 rounds of 1,000,000 uniform queries each,
// every answer checked. Server and generator on different cores.

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/echo.h"
#include "bench/load.h"
#include "bench/node_under_test.h"
#include "bench/peers.h"
#include "bench/program.h"
#include "bench/series.h"

namespace idnode::bench {
namespace {

constexpr int kGeneratorCore = 0;
constexpr int kServerCore = 1;
constexpr std::uint32_t kManyConnections = 64;  // With one request under way each.

struct Arguments {
    NodePaths paths;
    PeerPaths peer_paths;
    std::string server;  // HOST:PORT of a running node.
    pid_t pid = 0;
    int mix = 0;
    MixOptions set;
    LoadOptions load;
    int rounds = 5;
    bool echo_only = false;
    bool peers = false;
    std::uint64_t peers_count = 0;  // 0: as many as the node.
    bool json = false;
    std::string result_file;
    std::string commit = "unknown";
    std::string command;
};

void describe(CLI::App& app, Arguments& arguments) {
    app.description(
        "Measures a node on loopback against bare echoes: server CPU per query, every answer "
        "checked.\nWithout arguments: 1,000,000 identifiers of mix 0, 5 rounds.");
    app.footer("Example:\n  node_bench --registry DIR --mix 3 --count 100000000 --rounds 7 --json");
    app.add_option("--registry", arguments.paths.registry,
                   "A registry that holds the set (default: made in a temporary directory)");
    app.add_option("--idnoded", arguments.paths.idnoded, "The daemon (default: of this build)");
    app.add_option("--idnode", arguments.paths.idnode, "The command (default: of this build)");
    auto* server = app.add_option("--server", arguments.server,
                                  "127.0.0.1:PORT of a running node that holds the set");
    auto* pid = app.add_option("--pid", arguments.pid, "Its process")->needs(server);
    server->needs(pid);
    app.add_option("--mix", arguments.mix, "0 mixed, 1 best, 2 bad, 3 a national node")
        ->check(CLI::Range(0, 3));
    app.add_option("--count", arguments.set.count, "Identifiers in the set (default 1000000)");
    app.add_option("--seed", arguments.set.seed, "Of the set (default 1)");
    app.add_option("--query-seed", arguments.load.seed, "Of the draw of identifiers");
    app.add_option("--queries", arguments.load.queries, "Per round and competitor");
    app.add_option("--outstanding", arguments.load.outstanding, "UDP requests under way")
        ->check(CLI::Range(1, 1'024));
    app.add_option("--connections", arguments.load.connections, "TCP")->check(CLI::Range(1, 256));
    app.add_option("--depth", arguments.load.depth, "TCP requests under way per connection")
        ->check(CLI::Range(1, 16));
    app.add_option("--rounds", arguments.rounds, "At least 5 for a figure that counts")
        ->check(CLI::Range(1, 100));
    auto* echo_only = app.add_flag("--echo-only", arguments.echo_only, "Measure the echoes alone");
    auto* peers = app.add_flag("--peers", arguments.peers,
                               "Also Knot DNS and Redis, and TCP with 64 connections of depth 1");
    peers->excludes(echo_only);
    app.add_option("--peers-count", arguments.peers_count,
                   "Identifiers that Knot DNS and Redis hold (default: --count)")
        ->needs(peers);
    app.add_option("--knotd", arguments.peer_paths.knotd, "Default: /usr/sbin/knotd")->needs(peers);
    app.add_option("--redis-server", arguments.peer_paths.redis_server,
                   "Default: /usr/bin/redis-server")
        ->needs(peers);
    app.add_flag("--json", arguments.json, "One JSON document instead of the table");
    app.add_option("--result", arguments.result_file, "Also write the JSON document to this file");
    app.add_option("--commit", arguments.commit, "Named in the JSON document");
}

struct Echoes {
    Process udp;
    Process tcp;
    Target target;
};

Checked<Echoes> start_echoes(std::size_t answer_size) {
    const Descriptor udp = bound_udp();
    const Descriptor tcp = listening_tcp();
    auto udp_server = Process::fork_with(kServerCore, [&] { echo_udp(udp, answer_size); });
    if (!udp_server) return tl::unexpected(udp_server.error());
    auto tcp_server = Process::fork_with(kServerCore, [&] { echo_tcp(tcp, answer_size); });
    if (!tcp_server) return tl::unexpected(tcp_server.error());
    return Echoes{
        .udp = std::move(*udp_server),
        .tcp = std::move(*tcp_server),
        .target = {.udp_port = port_of(udp), .tcp_port = port_of(tcp), .expect = Expect::kEcho}};
}

// The node that is asked: a running one, or one that is started (with its registry made first).
Checked<RunningNode> prepare_node(Arguments& arguments, const Mix& mix) {
    if (!arguments.server.empty()) {
        const std::size_t colon = arguments.server.rfind(':');
        const auto port =
            static_cast<std::uint16_t>(std::atoi(arguments.server.c_str() + colon + 1));
        pin_to(arguments.pid, kServerCore);
        return RunningNode{
            .process = {},
            .target = {.udp_port = port, .tcp_port = port, .expect = Expect::kRecords}};
    }
    if (arguments.paths.registry.empty()) {
        arguments.paths.registry = arguments.paths.work + "/registry";
        auto made = make_registry(arguments.paths, arguments.paths.registry, mix);
        if (!made) return tl::unexpected(made.error());
    }
    return start_node(arguments.paths, kServerCore);
}

enum class Way : std::uint8_t { kUdp, kTcp, kManyTcp };

// Who is asked in which way, and what is to be compared.
class Series {
public:
    explicit Series(const LoadOptions& load) : load_(load) {}

    // Gives the place of the competitor, who holds the set.
    std::size_t add(Way way, const char* who, const Mix& mix, const RunningNode& server) {
        return add(way, who, mix, server.process.pid(), server.target);
    }
    std::size_t add(Way way, const char* who, const Mix& mix, pid_t pid, const Target& target) {
        const auto load = [this, way, &mix, target](std::uint64_t seed) {
            LoadOptions options = load_;
            options.seed = hash64(options.seed, seed);
            if (way == Way::kUdp) return load_udp(mix, target, options);
            if (way == Way::kManyTcp) {
                options.connections = kManyConnections;
                options.depth = 1;
            }
            return load_tcp(mix, target, options);
        };
        competitors_.push_back({fmt::format("{} {}", name_of(way), who), pid, load});
        return competitors_.size() - 1;
    }
    void compare(Way way, const char* with, std::size_t over, std::size_t under) {
        comparisons_.push_back({fmt::format("{} node / {}", name_of(way), with), over, under});
    }
    [[nodiscard]] const std::vector<Competitor>& competitors() const { return competitors_; }
    [[nodiscard]] const std::vector<Comparison>& comparisons() const { return comparisons_; }

private:
    static const char* name_of(Way way) {
        if (way == Way::kUdp) return "udp";
        return way == Way::kTcp ? "tcp" : "tcp 64x1";
    }

    LoadOptions load_;
    std::vector<Competitor> competitors_;
    std::vector<Comparison> comparisons_;
};

// Everything that is asked; what is not wanted is not there.
struct Servers {
    std::optional<RunningNode> node;
    std::optional<RunningNode> knot;
    std::optional<RunningNode> redis;
    Echoes echoes;
};

// What the node and what the others hold.
struct Sets {
    const Mix& node;
    const Mix& peers;
};

Checked<Servers> start_servers(Arguments& arguments, const Sets& sets, std::size_t answer_size) {
    Servers servers;
    if (!arguments.echo_only) {
        auto node = prepare_node(arguments, sets.node);
        if (!node) return tl::unexpected(node.error());
        servers.node = std::move(*node);
    }
    if (arguments.peers) {
        auto knot = start_knot(arguments.peer_paths, sets.peers, kServerCore);
        if (!knot) return tl::unexpected(knot.error());
        servers.knot = std::move(*knot);
        auto redis = start_redis(arguments.peer_paths, sets.peers, kServerCore);
        if (!redis) return tl::unexpected(redis.error());
        servers.redis = std::move(*redis);
    }
    auto echoes = start_echoes(answer_size);
    if (!echoes) return tl::unexpected(echoes.error());
    servers.echoes = std::move(*echoes);
    return servers;
}

// One way of asking: the node, the other server if there is one, and the echo.
void add_way(Series& series, Way way, const Sets& sets, const Arguments& arguments,
             const Servers& servers) {
    const bool udp = way == Way::kUdp;
    const std::optional<RunningNode>& other = udp ? servers.knot : servers.redis;
    std::optional<std::size_t> node;
    if (servers.node) {
        const pid_t pid = arguments.server.empty() ? servers.node->process.pid() : arguments.pid;
        node = series.add(way, "node", sets.node, pid, servers.node->target);
    }
    if (other && node && way != Way::kManyTcp) {
        const char* const name = udp ? "knot" : "redis";
        series.compare(way, name, *node, series.add(way, name, sets.peers, *other));
    }
    const pid_t echo_pid = udp ? servers.echoes.udp.pid() : servers.echoes.tcp.pid();
    const std::size_t echo = series.add(way, "echo", sets.node, echo_pid, servers.echoes.target);
    if (node) series.compare(way, "echo", *node, echo);
}

Checked<Report> measure(Arguments& arguments, const Sets& sets) {
    const Mix& mix = sets.node;
    const std::size_t answer_size = mean_answer_size(mix);
    const auto servers = start_servers(arguments, sets, answer_size);
    if (!servers) return tl::unexpected(servers.error());
    Series series(arguments.load);
    add_way(series, Way::kUdp, sets, arguments, *servers);
    add_way(series, Way::kTcp, sets, arguments, *servers);
    if (arguments.peers) add_way(series, Way::kManyTcp, sets, arguments, *servers);
    pin_to(0, kGeneratorCore);
    auto measured = run_series(series.competitors(), arguments.rounds, arguments.load.seed);
    if (!measured) return tl::unexpected(measured.error());
    const std::string of_peers =
        arguments.peers ? fmt::format(" (the others {})", sets.peers.count()) : "";
    return Report{.command = arguments.command,
                  .commit = arguments.commit,
                  .machine = machine_line(),
                  .set = fmt::format("mix {}, {} identifiers{}, {} queries a round, answers of {} "
                                     "octets; udp {} outstanding, tcp {} connections of {}",
                                     arguments.mix, mix.count(), of_peers, arguments.load.queries,
                                     answer_size, arguments.load.outstanding,
                                     arguments.load.connections, arguments.load.depth),
                  .measured = std::move(*measured),
                  .comparisons = series.comparisons()};
}

int failed(const Problem& problem) {
    fmt::print(stderr, "node_bench: {}\n", problem.to_string());
    return kTrouble;
}

int run(Arguments arguments) {
    arguments.set.kind = static_cast<MixKind>(arguments.mix);
    const auto mix = Mix::make(arguments.set);
    if (!mix) return failed(mix.error());
    const auto work = WorkDirectory::make();
    if (!work) return failed(work.error());
    arguments.paths.work = work->path();
    arguments.peer_paths.work = work->path();
    MixOptions peers_set = arguments.set;
    if (arguments.peers_count != 0) peers_set.count = arguments.peers_count;
    const auto peers_mix = Mix::make(peers_set);
    if (!peers_mix) return failed(peers_mix.error());
    const auto report = measure(arguments, {*mix, *peers_mix});
    if (!report) return failed(report.error());
    const std::string json = json_of(*report);
    fmt::print("{}", arguments.json ? json : table_of(*report));
    if (arguments.result_file.empty()) return kDone;
    std::ofstream out(arguments.result_file);
    out << json;
    out.close();
    if (out) return kDone;
    fmt::print(stderr, "node_bench: cannot write {}\n", arguments.result_file);
    return kTrouble;
}

int run_with(int argc, char** argv) {
    CLI::App app;
    Arguments arguments;
    arguments.paths = programs_beside_us();
    describe(app, arguments);
    if (const auto code = parse_arguments(app, argc, argv)) return *code;
    arguments.command = command_line("node_bench", argc, argv);
    return run(std::move(arguments));
}

}  // namespace
}  // namespace idnode::bench

int main(int argc, char** argv) {
    using namespace idnode::bench;
    return run_program("node_bench", [&] { return run_with(argc, argv); });
}
