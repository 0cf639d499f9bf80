#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <poll.h>

#include "bench/load.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kReadSize = 65'536;
constexpr int kWaitMs = 5'000;
constexpr std::uint32_t kConnectionsMax = 256;
constexpr std::uint32_t kUnderWayMax = 4'096;

struct Connection {
    Descriptor socket;
    std::vector<std::uint8_t> in = std::vector<std::uint8_t>(kReadSize);
    std::size_t filled = 0;
    std::vector<std::uint8_t> out;
};

class TcpLoad {
public:
    TcpLoad(const Mix& mix, const Target& target, const LoadOptions& options)
        : options_(options),
          questions_(
              make_asking(mix, options.connections, options.depth, options.seed, target.expect)) {
        for (std::uint32_t i = 0; i < options.connections; ++i) {
            connections_.emplace_back();
            connections_.back().socket = connected_tcp(target.tcp_port);
            polled_.push_back({connections_.back().socket.get(), POLLIN, 0});
            if (connections_.back().socket.get() < 0) result_.fault = "no TCP connection";
        }
    }

    LoadResult run() {
        const std::int64_t start = now_ns();
        const std::int64_t end = start + std::int64_t{options_.seconds_max} * 1'000'000'000;
        for (std::uint32_t i = 0; i < connections_.size() && result_.fault.empty(); ++i) {
            for (std::uint32_t j = 0; j < options_.depth; ++j) ask(i * options_.depth + j, start);
            flush(connections_[i]);
        }
        while (result_.answered < options_.queries && result_.fault.empty()) {
            if (::poll(polled_.data(), polled_.size(), kWaitMs) == 0) {
                result_.fault = "no answer for five seconds";
            }
            for (std::size_t i = 0; i < polled_.size() && result_.fault.empty(); ++i) {
                if (polled_[i].revents != 0) receive(static_cast<std::uint32_t>(i));
            }
            if (now_ns() > end) result_.fault = "out of time";
        }
        return finished(start);
    }

private:
    void ask(std::uint32_t slot, std::int64_t now) {
        const ByteSpan request = questions_->ask(slot, now);
        std::vector<std::uint8_t>& out = connections_[slot / options_.depth].out;
        out.insert(out.end(), request.begin(), request.end());
    }

    void receive(std::uint32_t lane) {
        Connection& connection = connections_[lane];
        const ssize_t count =
            ::recv(connection.socket.get(), connection.in.data() + connection.filled,
                   connection.in.size() - connection.filled, MSG_DONTWAIT);
        if (count == 0) return static_cast<void>(result_.fault = "closed by the server");
        if (count < 0) {
            if (errno == EAGAIN || errno == EINTR) return;
            return static_cast<void>(result_.fault = fmt::format("recv: {}", std::strerror(errno)));
        }
        connection.filled += static_cast<std::size_t>(count);
        take_whole_ones(connection, lane);
        flush(connection);
    }

    void take_whole_ones(Connection& connection, std::uint32_t lane) {
        const std::int64_t now = now_ns();
        const ByteSpan all = ByteSpan(connection.in).first(connection.filled);
        std::size_t at = 0;
        while (result_.fault.empty()) {
            const std::size_t size = questions_->first_size(all.subspan(at));
            if (size > connection.in.size()) {
                return static_cast<void>(result_.fault = "an answer too long to be right");
            }
            if (size == 0 || size > all.size() - at) break;
            take(all.subspan(at, size), now, lane);
            at += size;
        }
        std::memmove(connection.in.data(), connection.in.data() + at, connection.filled - at);
        connection.filled -= at;
    }

    void take(ByteSpan answer, std::int64_t now, std::uint32_t lane) {
        const auto answered = questions_->take(answer, now, lane);
        if (!answered) {
            result_.fault =
                questions_->fault().empty() ? "an answer nobody asked for" : questions_->fault();
            return;
        }
        latencies_.add(answered->waited_ns);
        ++result_.answered;
        result_.octets += answer.size();
        ask(answered->slot, now);
    }

    // What is under way on a connection fits its buffers: this never waits for long.
    void flush(Connection& connection) {
        std::size_t done = 0;
        while (done < connection.out.size()) {
            const ssize_t count = ::send(connection.socket.get(), connection.out.data() + done,
                                         connection.out.size() - done, MSG_NOSIGNAL);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                result_.fault = fmt::format("send: {}", std::strerror(errno));
                break;
            }
            done += static_cast<std::size_t>(count);
        }
        connection.out.clear();
    }

    LoadResult finished(std::int64_t start) {
        result_.seconds = static_cast<double>(now_ns() - start) / 1e9;
        result_.sampled = questions_->sampled();
        result_.p50_us = latencies_.quantile_us(0.50);
        result_.p99_us = latencies_.quantile_us(0.99);
        return result_;
    }

    const LoadOptions& options_;
    std::unique_ptr<Asking> questions_;
    std::vector<Connection> connections_;
    std::vector<pollfd> polled_;
    Latencies latencies_;
    LoadResult result_;
};

}  // namespace

LoadResult load_tcp(const Mix& mix, const Target& target, const LoadOptions& options) {
    IDN_CHECK(options.connections > 0 && options.connections <= kConnectionsMax);
    IDN_CHECK(options.depth > 0 && options.connections * options.depth <= kUnderWayMax);
    return TcpLoad(mix, target, options).run();
}

}  // namespace idnode::bench
