// The running node: sockets, workers with their threads, and the process's signals.
//
//     SIGTERM, SIGINT   drain and end        SIGHUP   reload        SIGUSR1   counters to the log
//
// While it drains, and after it, SIGHUP and SIGUSR1 are ignored; a second SIGTERM ends the process.
// Lives on the main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "protocol/core/problem.h"
#include "resolver/config.h"
#include "resolver/connection_limits.h"
#include "resolver/listen_sockets.h"
#include "resolver/log.h"
#include "resolver/uv.h"
#include "resolver/worker.h"

namespace idnode::resolver {

// What a node is given; all that these refer to outlives it.
struct NodeParts {
    Log& log;
    ServiceFactory make_service;
    // Reads the configuration again, as far as it can be checked.
    std::function<Checked<Config>()> load_config;
    // Called on the main thread every watch_interval_ms, with the loop's clock; may be empty.
    std::function<void(std::uint64_t now_ms)> watch;
    std::uint64_t watch_interval_ms = 5'000;
};

class Node {
public:
    // Binds, makes workers and services, and starts to answer. On a Problem nothing is left
    // running.
    static Checked<std::unique_ptr<Node>> start(const Config& config, NodeParts parts);
    // Drains when that has not happened yet.
    ~Node();

    // Serves signals until SIGTERM or SIGINT has come and all workers have drained.
    void run();

    [[nodiscard]] const std::vector<Endpoint>& udp() const { return udp_; }
    [[nodiscard]] const std::vector<Endpoint>& tcp() const { return tcp_; }

private:
    Node(const Config& config, NodeParts parts, Loop loop);
    Checked<void> start_workers(ListenSockets sockets);
    Result<Done> open_handles();
    void log_start(const std::vector<Endpoint>& left_out);

    void on_signal(int number) noexcept;
    void on_watch() noexcept;
    void reload();
    void release_signals();
    void stop_workers();

    std::shared_ptr<const Config> config_;
    NodeParts parts_;
    Log& log_;
    ConnectionLimits limits_;
    std::vector<Endpoint> udp_;
    std::vector<Endpoint> tcp_;
    Loop loop_;
    std::vector<UvHandle<uv_signal_t>> signals_;
    UvHandle<uv_timer_t> watch_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::thread> threads_;
};

}  // namespace idnode::resolver
