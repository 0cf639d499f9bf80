#include "resolver/listen_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "resolver/service.h"

namespace idnode::resolver {

namespace {

// Between its first binding and those of the workers a port chosen by the system may be taken by
// another program: another one is asked for then.
constexpr int kPortAttempts = 8;

constexpr int kBacklog = 1'024;
constexpr int kTurnWaitMs = 10;
constexpr int kTurnWaits = 300;

// Of this user's nodes in this network namespace one at a time binds: between its binding alone and
// its sharing with its own workers another could begin to share too. An abstract name has the scope
// of a port, and goes with the process. Whoever holds it for seconds is not binding: the start goes
// on then.
class BindTurn {
public:
    BindTurn() {
        for (int i = 0; i < kTurnWaits && !try_take(); ++i) poll(nullptr, 0, kTurnWaitMs);
    }

private:
    bool try_take() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = bind_turn_name();
        std::copy(name.begin(), name.end(), address.sun_path + 1);  // Behind a zero: abstract.
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (fd.valid() && bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 &&
            errno == EADDRINUSE) {
            return false;
        }
        fd_ = std::move(fd);
        return true;
    }

    Fd fd_;
};

enum class Sharing : std::uint8_t { kAlone, kWithWorkers };

struct Options {
    Transport transport = Transport::kUdp;
    Sharing sharing = Sharing::kAlone;
    std::uint32_t buffer_size = 0;
};

bool set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool set_options(int fd, const Endpoint& endpoint, const Options& options) {
    const bool is_ipv6 = endpoint.address.family == AddressFamily::kIpv6;
    bool done = !is_ipv6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (options.sharing == Sharing::kWithWorkers) {
        done = done && set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (options.transport == Transport::kTcp) {
        // Connections of an earlier run in TIME_WAIT do not hold the port.
        return done && set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    }
    if (options.buffer_size > 0) {
        // What the kernel does not grant is no reason not to serve.
        const int size = static_cast<int>(options.buffer_size);
        set_option(fd, SOL_SOCKET, SO_RCVBUF, size);
        set_option(fd, SOL_SOCKET, SO_SNDBUF, size);
    }
    if (!endpoint.address.is_wildcard()) return done;
    return done && (is_ipv6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                            : set_option(fd, IPPROTO_IP, IP_PKTINFO, 1));
}

// A bound socket, or the errno of what failed.
tl::expected<BoundSocket, int> bind_one(const Endpoint& endpoint, const Options& options) {
    sockaddr_storage storage{};
    socklen_t size = to_sockaddr(endpoint, storage);
    const int type = options.transport == Transport::kUdp ? SOCK_DGRAM : SOCK_STREAM;
    Fd fd(socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid() || !set_options(fd.get(), endpoint, options) ||
        bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
        return tl::unexpected(errno);
    }
    size = sizeof storage;
    if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return tl::unexpected(errno);
    }
    return BoundSocket{std::move(fd), *from_sockaddr(storage)};
}

Problem bind_problem(const Endpoint& endpoint, Transport transport, int error) {
    const std::string_view name = transport == Transport::kUdp ? "udp" : "tcp";
    Problem problem;
    problem.text =
        fmt::format("cannot listen on {} {}: {}", name, endpoint.to_string(), std::strerror(error));
    if (error == EADDRINUSE) {
        problem.remedy = "another program has the port: stop it, or change [listen]";
    } else if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) {
        problem.remedy = "the machine does not have this address: change [listen]";
    } else if (error == EACCES) {
        problem.remedy = "ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one";
    }
    return problem;
}

bool may_be_left_out(const Endpoint& endpoint, int error) {
    return endpoint.address.family == AddressFamily::kIpv6 && endpoint.address.is_loopback() &&
           (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
}

struct Probes {
    std::vector<BoundSocket> held;  // Until all are bound: no port is chosen twice.
    std::vector<Endpoint> left_out;
};

// Binds every address alone; gives the endpoints that the workers will share.
Checked<std::vector<Endpoint>> probe(const std::vector<Endpoint>& endpoints, Transport transport,
                                     Probes& probes) {
    std::vector<Endpoint> resolved;
    for (const Endpoint& endpoint : endpoints) {
        auto bound = bind_one(endpoint, {transport, Sharing::kAlone, 0});
        if (bound) {
            resolved.push_back(bound->endpoint);
            probes.held.push_back(std::move(*bound));
        } else if (may_be_left_out(endpoint, bound.error())) {
            probes.left_out.push_back(endpoint);
        } else {
            return tl::unexpected(bind_problem(endpoint, transport, bound.error()));
        }
    }
    return resolved;
}

Checked<std::vector<BoundSocket>> bind_shared(const std::vector<Endpoint>& endpoints,
                                              Transport transport, std::uint32_t buffer_size) {
    std::vector<BoundSocket> sockets;
    for (const Endpoint& endpoint : endpoints) {
        auto bound = bind_one(endpoint, {transport, Sharing::kWithWorkers, buffer_size});
        // TCP ports are taken for good by listening only; what comes waits for the worker.
        if (bound && transport == Transport::kTcp && listen(bound->fd.get(), kBacklog) != 0) {
            bound = tl::unexpected(errno);
        }
        if (!bound) return tl::unexpected(bind_problem(endpoint, transport, bound.error()));
        sockets.push_back(std::move(*bound));
    }
    return sockets;
}

Checked<ListenSockets> bind_all(const Config& config, std::size_t worker_count) {
    ListenSockets sockets;
    {
        Probes probes;
        auto udp = probe(config.listen.udp, Transport::kUdp, probes);
        if (!udp) return tl::unexpected(std::move(udp.error()));
        auto tcp = probe(config.listen.tcp, Transport::kTcp, probes);
        if (!tcp) return tl::unexpected(std::move(tcp.error()));
        sockets.udp = std::move(*udp);
        sockets.tcp = std::move(*tcp);
        sockets.left_out = std::move(probes.left_out);
    }
    if (sockets.udp.empty() && sockets.tcp.empty()) {
        return tl::unexpected(
            bind_problem(sockets.left_out.front(), Transport::kUdp, EADDRNOTAVAIL));
    }
    for (std::size_t i = 0; i < worker_count; ++i) {
        auto udp = bind_shared(sockets.udp, Transport::kUdp, config.server.udp_buffer_size);
        if (!udp) return tl::unexpected(std::move(udp.error()));
        auto tcp = bind_shared(sockets.tcp, Transport::kTcp, 0);
        if (!tcp) return tl::unexpected(std::move(tcp.error()));
        sockets.workers.push_back({std::move(*udp), std::move(*tcp)});
    }
    return sockets;
}

bool chooses_ports(const ListenConfig& listen) {
    const auto is_open = [](const Endpoint& endpoint) { return endpoint.port == 0; };
    return std::any_of(listen.udp.begin(), listen.udp.end(), is_open) ||
           std::any_of(listen.tcp.begin(), listen.tcp.end(), is_open);
}

}  // namespace

std::string bind_turn_name() { return fmt::format("idnode-bind-{}", geteuid()); }

Checked<ListenSockets> bind_listen_sockets(const Config& config, std::size_t worker_count) {
    const BindTurn turn;
    auto sockets = bind_all(config, worker_count);
    const int attempts = chooses_ports(config.listen) ? kPortAttempts : 1;
    for (int i = 1; i < attempts && !sockets; ++i) sockets = bind_all(config, worker_count);
    return sockets;
}

}  // namespace idnode::resolver
