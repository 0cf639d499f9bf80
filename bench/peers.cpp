#include "bench/peers.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "bench/dns_questions.h"
#include "bench/redis_questions.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

constexpr int kReadySeconds = 300;
constexpr std::uint64_t kCommandsAtOnce = 500;  // Their answers fit a socket's buffer.
constexpr std::string_view kStored = "+OK\r\n";

tl::unexpected<Problem> problem(std::string text, std::string remedy = {}) {
    return tl::unexpected(Problem{
        .file = {}, .line = 0, .column = 0, .text = std::move(text), .remedy = std::move(remedy)});
}

// A port that is free for both UDP and TCP now; another program may take it before the server.
std::uint16_t free_port() {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
        const Descriptor tcp = listening_tcp();
        const std::uint16_t port = port_of(tcp);
        const Descriptor udp = bound_udp(port);
        if (tcp.get() >= 0 && udp.get() >= 0) return port;
    }
    return 0;
}

Checked<std::string> make_directory(const std::string& path) {
    std::error_code error;
    if (std::filesystem::create_directories(path, error) || !error) return path;
    return problem(fmt::format("cannot make {}: {}", path, error.message()));
}

Checked<void> write_zone_file(const std::string& path, const Mix& mix) {
    std::ofstream out(path);
    const bool whole = write_zone(mix, [&](std::string_view piece) {
        return static_cast<bool>(
            out.write(piece.data(), static_cast<std::streamsize>(piece.size())));
    });
    out.close();
    if (whole && out) return {};
    return problem(fmt::format("cannot write {}", path), "set TMPDIR to a directory with room");
}

std::string write_knot_config(const std::string& directory, std::uint16_t port) {
    std::string path = directory + "/knot.conf";
    std::ofstream(path) << fmt::format(
        "server:\n  rundir: \"{0}\"\n  listen: 127.0.0.1@{1}\n  udp-workers: 1\n"
        "  tcp-workers: 1\n  background-workers: 1\n"
        "log:\n  - target: stderr\n    any: info\n"
        "database:\n  storage: \"{0}\"\n"
        "zone:\n  - domain: \"{2}\"\n    storage: \"{0}\"\n    file: zone\n"
        "    zonefile-load: whole\n    zonefile-sync: -1\n    journal-content: none\n",
        directory, port, kZone);
    return path;
}

// Reads `count` answers, which must all say that a value has been stored.
bool stored(int fd, std::size_t count) {
    std::array<char, kCommandsAtOnce * kStored.size()> answers;
    std::size_t filled = 0;
    while (filled < count * kStored.size()) {
        const ssize_t got = ::recv(fd, answers.data() + filled, count * kStored.size() - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        filled += static_cast<std::size_t>(got);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (std::string_view(answers.data() + i * kStored.size(), kStored.size()) != kStored) {
            return false;
        }
    }
    return true;
}

Checked<void> fill_redis(std::uint16_t port, const Mix& mix) {
    const Descriptor socket = connected_tcp(port);
    if (socket.get() < 0) return problem(fmt::format("Redis: {}", std::strerror(errno)));
    for (std::uint64_t from = 0; from < mix.count(); from += kCommandsAtOnce) {
        const std::uint64_t end = std::min(mix.count(), from + kCommandsAtOnce);
        if (!write_all(socket.get(), redis_commands(mix, from, end)) ||
            !stored(socket.get(), end - from)) {
            return problem(fmt::format("Redis did not store values {} to {}", from, end - 1));
        }
    }
    return {};
}

}  // namespace

Checked<RunningNode> start_knot(const PeerPaths& paths, const Mix& mix, int core) {
    const auto directory = make_directory(paths.work + "/knot");
    if (!directory) return tl::unexpected(directory.error());
    const auto written = write_zone_file(*directory + "/zone", mix);
    if (!written) return tl::unexpected(written.error());
    const std::uint16_t port = free_port();
    const std::string log = *directory + "/log";
    auto process =
        Process::start({paths.knotd, "-c", write_knot_config(*directory, port)}, core, log);
    if (!process) return tl::unexpected(process.error());
    const auto ready = log_with(*process, log, "server started", kReadySeconds);
    if (!ready) return tl::unexpected(ready.error());
    // Knot ties its workers to cores by itself, the first one to the first core.
    pin_to(process->pid(), core);
    return RunningNode{.process = std::move(*process),
                       .target = {.udp_port = port, .tcp_port = port, .expect = Expect::kDns}};
}

Checked<RunningNode> start_redis(const PeerPaths& paths, const Mix& mix, int core) {
    const auto directory = make_directory(paths.work + "/redis");
    if (!directory) return tl::unexpected(directory.error());
    const std::uint16_t port = free_port();
    const std::string log = *directory + "/log";
    auto process =
        Process::start({paths.redis_server, "--bind", "127.0.0.1", "--port", std::to_string(port),
                        "--dir", *directory, "--save", "", "--appendonly", "no", "--daemonize",
                        "no", "--io-threads", "1", "--logfile", log},
                       core, *directory + "/errors");
    if (!process) return tl::unexpected(process.error());
    const auto ready = log_with(*process, log, "Ready to accept connections", kReadySeconds);
    if (!ready) return tl::unexpected(ready.error());
    const auto filled = fill_redis(port, mix);
    if (!filled) return tl::unexpected(filled.error());
    return RunningNode{.process = std::move(*process),
                       .target = {.udp_port = 0, .tcp_port = port, .expect = Expect::kRedis}};
}

}  // namespace idnode::bench
