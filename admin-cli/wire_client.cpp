#include "admin-cli/wire_client.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include "protocol/core/c_ptr.h"
#include "protocol/handle/envelope.h"
#include "protocol/handle/fragment.h"

namespace idnode::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long each try over UDP waits before the question is repeated.
constexpr std::array<milliseconds, 3> kUdpWaits = {milliseconds(500), milliseconds(1000),
                                                   milliseconds(1500)};

class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
        if (fd_ >= 0) close(fd_);
    }
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

using AddressList = CPtr<addrinfo, &freeaddrinfo>;

// True when the socket is ready for `events` before the deadline.
bool wait_for(const Socket& socket, short events, Clock::time_point deadline) {
    pollfd wanted{socket.fd(), events, 0};
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
        const int ready = poll(&wanted, 1, static_cast<int>(std::max<long>(left, 0)));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

Problem no_answer(const ServerName& server, std::string_view text) {
    return {{},
            0,
            0,
            fmt::format("{}: {}", server.to_string(), text),
            "check the address and that the node runs"};
}

Problem system_problem(const ServerName& server, std::string_view what) {
    return no_answer(server, fmt::format("{}: {}", what, std::strerror(errno)));
}

Checked<AddressList> addresses_of(const ServerName& server, Via via) {
    addrinfo hints{};
    hints.ai_socktype = via == Via::kUdp ? SOCK_DGRAM : SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found);
    if (error != 0) return tl::unexpected(no_answer(server, gai_strerror(error)));
    return AddressList(found);
}

bool connect_within(const Socket& socket, const addrinfo& address, Clock::time_point deadline) {
    if (connect(socket.fd(), address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return false;
    if (!wait_for(socket, POLLOUT, deadline)) {
        errno = ETIMEDOUT;
        return false;
    }
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    return error == 0;
}

// The first of the server's addresses that takes a connection.
Checked<Socket> connected(const ServerName& server, Via via, Clock::time_point deadline) {
    const Checked<AddressList> addresses = addresses_of(server, via);
    if (!addresses) return tl::unexpected(addresses.error());
    for (const addrinfo* at = addresses->get(); at != nullptr; at = at->ai_next) {
        Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket.fd() >= 0 && connect_within(socket, *at, deadline)) return socket;
    }
    return tl::unexpected(system_problem(server, "cannot connect"));
}

std::optional<handle::Envelope> envelope_of(ByteSpan octets) {
    Reader in(octets);
    const Result<handle::Envelope> envelope = handle::decode_envelope(in);
    return envelope ? std::optional(*envelope) : std::nullopt;
}

bool send_packets(const Socket& socket, ByteSpan request) {
    const std::size_t count = handle::packet_count(request);
    for (std::size_t i = 0; i < count; ++i) {
        handle::Packet packet = handle::packet_of(request, i, handle::Direction::kRequest);
        std::array<iovec, 2> parts = {
            iovec{packet.envelope.data(), packet.envelope.size()},
            iovec{const_cast<std::uint8_t*>(packet.part.data()), packet.part.size()}};
        if (writev(socket.fd(), parts.data(), static_cast<int>(parts.size())) < 0) return false;
    }
    return true;
}

// The answer with the given id, from packets received until the deadline; nothing: none came.
std::optional<std::vector<std::uint8_t>> receive_packets(const Socket& socket, std::uint32_t id,
                                                         handle::Reassembly& parts,
                                                         Clock::time_point deadline) {
    std::vector<std::uint8_t> datagram(65'536);
    while (wait_for(socket, POLLIN, deadline)) {
        const ssize_t size = recv(socket.fd(), datagram.data(), datagram.size(), 0);
        if (size < 0) return std::nullopt;
        const ByteSpan octets(datagram.data(), static_cast<std::size_t>(size));
        const std::optional<handle::Envelope> envelope = envelope_of(octets);
        if (!envelope || envelope->request_id != id) continue;
        if (!handle::is_fragmented(*envelope)) return std::vector(octets.begin(), octets.end());
        const auto now = std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch());
        auto added = parts.add({}, *envelope, octets.subspan(handle::kEnvelopeSize),
                               static_cast<std::uint64_t>(now.count()));
        if (added.outcome == handle::Reassembly::Outcome::kComplete) return added.message;
    }
    return std::nullopt;
}

Checked<std::vector<std::uint8_t>> ask_udp(const ServerName& server, ByteSpan request,
                                           Clock::time_point deadline, Trace& trace) {
    const Checked<Socket> socket = connected(server, Via::kUdp, deadline);
    if (!socket) return tl::unexpected(socket.error());
    const std::uint32_t id = envelope_of(request)->request_id;
    handle::Reassembly parts;
    for (const milliseconds wait : kUdpWaits) {
        if (!send_packets(*socket, request)) {
            return tl::unexpected(system_problem(server, "cannot send"));
        }
        trace.add(fmt::format("sent {} octets in {} packets", request.size(),
                              handle::packet_count(request)));
        errno = 0;
        auto answer = receive_packets(*socket, id, parts, std::min(deadline, Clock::now() + wait));
        if (answer) {
            trace.add(fmt::format("received {} octets", answer->size()));
            return std::move(*answer);
        }
        if (errno == ECONNREFUSED) return tl::unexpected(system_problem(server, "no node there"));
        trace.add("no answer");
        if (Clock::now() >= deadline) break;
    }
    return tl::unexpected(no_answer(server, "no answer over UDP"));
}

bool send_all(const Socket& socket, ByteSpan octets, Clock::time_point deadline) {
    while (!octets.empty()) {
        const ssize_t sent = send(socket.fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent > 0) octets = octets.subspan(static_cast<std::size_t>(sent));
        if (sent < 0 && errno != EAGAIN) return false;
        if (sent < 0 && !wait_for(socket, POLLOUT, deadline)) return false;
    }
    return true;
}

// Reads on until `octets` holds `size`; false when the connection ends or the time is over.
bool receive_until(const Socket& socket, std::size_t size, std::vector<std::uint8_t>& octets,
                   Clock::time_point deadline) {
    while (octets.size() < size) {
        if (!wait_for(socket, POLLIN, deadline)) return false;
        const std::size_t had = octets.size();
        octets.resize(size);
        const ssize_t got = recv(socket.fd(), octets.data() + had, size - had, 0);
        octets.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
    }
    return true;
}

Checked<std::vector<std::uint8_t>> ask_tcp(const ServerName& server, ByteSpan request,
                                           Clock::time_point deadline, Trace& trace) {
    const Checked<Socket> socket = connected(server, Via::kTcp, deadline);
    if (!socket) return tl::unexpected(socket.error());
    trace.add("connected");
    if (!send_all(*socket, request, deadline)) {
        return tl::unexpected(system_problem(server, "cannot send"));
    }
    trace.add(fmt::format("sent {} octets", request.size()));
    std::vector<std::uint8_t> answer;
    if (!receive_until(*socket, handle::kEnvelopeSize, answer, deadline)) {
        return tl::unexpected(no_answer(server, "no answer over TCP"));
    }
    const std::optional<handle::Envelope> envelope = envelope_of(answer);
    if (!envelope || envelope->message_length > kMessageSizeMax) {
        return tl::unexpected(no_answer(server, "the answer is not of the Handle protocol"));
    }
    if (!receive_until(*socket, handle::kEnvelopeSize + envelope->message_length, answer,
                       deadline)) {
        return tl::unexpected(no_answer(server, "the answer breaks off"));
    }
    trace.add(fmt::format("received {} octets", answer.size()));
    if (envelope->request_id != envelope_of(request)->request_id) {
        return tl::unexpected(no_answer(server, "the answer is to another question"));
    }
    return answer;
}

}  // namespace

std::string ServerName::to_string() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Checked<ServerName> parse_server_name(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t host_end = bracketed ? text.find(']') : text.rfind(':');
    ServerName name;
    name.port = std::to_string(kHandlePort);
    std::string_view rest;
    if (bracketed && host_end != std::string_view::npos) {
        name.host = text.substr(1, host_end - 1);
        rest = text.substr(host_end + 1);
    } else if (!bracketed && host_end != std::string_view::npos) {
        name.host = text.substr(0, host_end);
        rest = text.substr(host_end);
    } else if (!bracketed) {
        name.host = text;
    }
    if (!rest.empty()) name.port = rest.substr(1);
    const bool is_number =
        !name.port.empty() && name.port.size() <= 5 &&
        std::ranges::all_of(name.port, [](char c) { return c >= '0' && c <= '9'; });
    const bool well_formed = !name.host.empty() && (rest.empty() || rest.front() == ':') &&
                             is_number && (bracketed || name.host.find(':') == std::string::npos);
    if (well_formed && std::stoul(name.port) <= 65'535) return name;
    return tl::unexpected(Problem{{},
                                  0,
                                  0,
                                  fmt::format("\"{}\" names no server", text),
                                  "write HOST:PORT, with an IPv6 address in brackets"});
}

void Trace::add(std::string text) {
    const std::chrono::duration<double, std::milli> since =
        std::chrono::steady_clock::now() - start_;
    steps_.push_back({std::move(text), since.count()});
}

Checked<std::vector<std::uint8_t>> ask(const ServerName& server, Via via, ByteSpan request,
                                       std::chrono::milliseconds timeout, Trace& trace) {
    const Clock::time_point deadline = Clock::now() + timeout;
    return via == Via::kUdp ? ask_udp(server, request, deadline, trace)
                            : ask_tcp(server, request, deadline, trace);
}

}  // namespace idnode::cli
