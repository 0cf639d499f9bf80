// The running node: sockets, workers with their threads, and the process's signals.
//
//     SIGTERM, SIGINT   drain and end        SIGHUP   reload        SIGUSR1   counters to the log
//
// Lives on the main thread. The log, and what the factory's services use, outlive the node.
#pragma once

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

// Reads the configuration again, as far as it can be checked.
using ConfigLoader = std::function<Checked<Config>()>;

class Node {
public:
    // Binds, makes workers and services, and starts to answer. On a Problem nothing is left
    // running.
    static Checked<std::unique_ptr<Node>> start(const Config& config, Log& log,
                                                const ServiceFactory& make_service,
                                                ConfigLoader load_config);
    // Drains when that has not happened yet.
    ~Node();

    // Serves signals until SIGTERM or SIGINT has come and all workers have drained.
    void run();

    [[nodiscard]] const std::vector<Endpoint>& udp() const { return udp_; }
    [[nodiscard]] const std::vector<Endpoint>& tcp() const { return tcp_; }

private:
    Node(const Config& config, Log& log, ConfigLoader load_config, Loop loop);
    Checked<void> start_workers(ListenSockets sockets, const ServiceFactory& make_service);
    Result<Done> catch_signals();
    void log_start(const std::vector<Endpoint>& left_out);

    void on_signal(int number) noexcept;
    void reload();
    void stop_workers();

    std::shared_ptr<const Config> config_;
    Log& log_;
    ConfigLoader load_config_;
    ConnectionLimits limits_;
    std::vector<Endpoint> udp_;
    std::vector<Endpoint> tcp_;
    Loop loop_;
    std::vector<UvHandle<uv_signal_t>> signals_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::thread> threads_;
};

}  // namespace idnode::resolver
