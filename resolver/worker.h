// One thread's share of the node: an event loop with listeners of its own and a Service.
//
// Workers share nothing but what is handed to them: the connection limits, the log, the
// configuration (immutable). Other threads reach a worker by post() only. A drained worker stops
// accepting, answers what it has read, sends what is unsent within drain_timeout_ms, and its run()
// returns.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "protocol/core/problem.h"
#include "resolver/config.h"
#include "resolver/connection_limits.h"
#include "resolver/listen_sockets.h"
#include "resolver/log.h"
#include "resolver/stats.h"
#include "resolver/tcp_connections.h"
#include "resolver/tcp_listener.h"
#include "resolver/udp_listener.h"
#include "resolver/uv.h"

namespace idnode::resolver {

// What a service is made from; everything outlives it.
struct ServiceParts {
    std::size_t worker = 0;
    const Config& config;
    const std::vector<Endpoint>& udp;  // As listened on, ports resolved.
    const std::vector<Endpoint>& tcp;
    WorkerStats& stats;
    Log& log;
};
using ServiceFactory = std::function<Checked<std::unique_ptr<Service>>(const ServiceParts&)>;

struct WorkerParts {
    std::size_t number = 0;
    std::shared_ptr<const Config> config;
    WorkerSockets sockets;
    ConnectionLimits& limits;
    Log& log;
};

class Worker {
public:
    enum class Command : std::uint8_t { kReport = 1, kReconfigure = 2, kDrain = 4 };

    // Fails when the system gives no descriptor.
    static Checked<std::unique_ptr<Worker>> open(WorkerParts parts);
    ~Worker();

    // Before run().
    Checked<void> start(std::unique_ptr<Service> service);
    // Serves on the calling thread until drained.
    void run();

    // From any thread, from start() on.
    void post(Command command);
    // Posts kReconfigure with what to take.
    void reconfigure(std::shared_ptr<const Config> config);

    // On the worker's thread, or when run() has returned.
    [[nodiscard]] WorkerStats& stats() { return stats_; }

private:
    Worker(WorkerParts&& parts, Loop loop);
    Result<Done> open_listeners();

    void on_command() noexcept;
    void take_config();
    void begin_drain();
    void on_drain_check() noexcept;

    std::size_t number_;
    WorkerSockets sockets_;
    ConnectionLimits& limits_;
    Log& log_;
    WorkerStats stats_;
    std::atomic<std::uint8_t> commands_{0};
    std::mutex config_mutex_;
    std::shared_ptr<const Config> next_config_;  // Under config_mutex_.
    std::shared_ptr<const Config> config_;
    std::uint64_t drain_until_ms_ = 0;
    Loop loop_;
    std::unique_ptr<Service> service_;
    UvHandle<uv_async_t> command_;
    UvHandle<uv_timer_t> drain_check_;
    std::unique_ptr<UdpWorkspace> udp_workspace_;
    std::unique_ptr<TcpWorkspace> tcp_workspace_;
    std::unique_ptr<TcpConnections> connections_;
    std::vector<std::unique_ptr<UdpListener>> udp_listeners_;
    std::vector<std::unique_ptr<TcpListener>> tcp_listeners_;
};

}  // namespace idnode::resolver
