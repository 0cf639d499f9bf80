#include "resolver/node.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace idnode::resolver {

namespace {

constexpr std::array<int, 4> kSignals{SIGTERM, SIGINT, SIGHUP, SIGUSR1};
// Descriptors beside those of connections: registry, log, loops, listeners.
constexpr rlim_t kDescriptorsBeside = 256;

std::size_t worker_count(const Config& config) {
    if (config.server.workers > 0) return config.server.workers;
    return std::max(1U, std::thread::hardware_concurrency());
}

// Takes as many descriptors as the system lets this user have; says so when that is too few.
void raise_descriptor_limit(const Config& config, Log& log) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = config.server.tcp.connections_max + kDescriptorsBeside;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return;
    log.warning("descriptors limit={} wanted={} remedy={}", limit.rlim_cur, wanted,
                log_text("raise the hard limit of open files, or lower tcp_connections_max"));
}

Problem system_problem(const Error& error) {
    Problem problem;
    problem.text =
        fmt::format("the node cannot start: {}: {}", error.where, std::strerror(error.code));
    problem.remedy = "raise the limit of open files";
    return problem;
}

// Keeps the node's signals from this thread, and from those it starts, for as long as it lives.
class SignalBlock {
public:
    SignalBlock() {
        sigset_t wanted;
        sigemptyset(&wanted);
        for (const int number : kSignals) sigaddset(&wanted, number);
        pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    }
    ~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalBlock(const SignalBlock&) = delete;
    SignalBlock& operator=(const SignalBlock&) = delete;

private:
    sigset_t before_{};
};

std::vector<std::string> texts_of(const std::vector<Endpoint>& endpoints) {
    std::vector<std::string> texts;
    texts.reserve(endpoints.size());
    for (const Endpoint& endpoint : endpoints) texts.push_back(endpoint.to_string());
    return texts;
}

}  // namespace

Checked<std::unique_ptr<Node>> Node::start(const Config& config, NodeParts parts) {
    auto sockets = bind_listen_sockets(config, worker_count(config));
    if (!sockets) return tl::unexpected(std::move(sockets.error()));
    auto loop = Loop::open();
    if (!loop) return tl::unexpected(system_problem(loop.error()));
    raise_descriptor_limit(config, parts.log);
    // A peer that is gone is an error of one write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // Of the log file.
    std::unique_ptr<Node> node(new Node(config, std::move(parts), std::move(*loop)));
    if (const auto opened = node->open_handles(); !opened) {
        return tl::unexpected(system_problem(opened.error()));
    }
    const std::vector<Endpoint> left_out = std::move(sockets->left_out);
    if (auto started = node->start_workers(std::move(*sockets)); !started) {
        return tl::unexpected(std::move(started.error()));
    }
    node->log_start(left_out);
    return node;
}

Node::Node(const Config& config, NodeParts parts, Loop loop)
    : config_(std::make_shared<const Config>(config)),
      parts_(std::move(parts)),
      log_(parts_.log),
      limits_(config.server.tcp),
      loop_(std::move(loop)) {}

Node::~Node() {
    stop_workers();
    release_signals();
}

// All services are made before the first thread runs: a failure leaves nothing to be stopped.
Checked<void> Node::start_workers(ListenSockets sockets) {
    udp_ = std::move(sockets.udp);
    tcp_ = std::move(sockets.tcp);
    for (std::size_t i = 0; i < sockets.workers.size(); ++i) {
        auto worker = Worker::open({i, config_, std::move(sockets.workers[i]), limits_, log_});
        if (!worker) return tl::unexpected(std::move(worker.error()));
        auto service = parts_.make_service({i, *config_, udp_, tcp_, (*worker)->stats(), log_});
        if (!service) return tl::unexpected(std::move(service.error()));
        if (auto started = (*worker)->start(std::move(*service)); !started) {
            return tl::unexpected(std::move(started.error()));
        }
        workers_.push_back(std::move(*worker));
    }
    const SignalBlock block;  // Signals are the main thread's.
    for (const auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
    return {};
}

Result<Done> Node::open_handles() {
    for (const int number : kSignals) {
        auto handle = open_uv<uv_signal_t>("signal", this, [this](uv_signal_t* signal) {
            return uv_signal_init(loop_.get(), signal);
        });
        if (!handle) return tl::unexpected(handle.error());
        const int code = uv_signal_start(handle->get(), on_owner<&Node::on_signal>, number);
        if (code < 0) return tl::unexpected(uv_error("signal", code));
        signals_.push_back(std::move(*handle));
    }
    auto watch = open_uv<uv_timer_t>("watch timer", this, [this](uv_timer_t* handle) {
        return uv_timer_init(loop_.get(), handle);
    });
    if (!watch) return tl::unexpected(watch.error());
    watch_ = std::move(*watch);
    if (parts_.watch) {
        uv_timer_start(watch_.get(), on_owner<&Node::on_watch>, 0, parts_.watch_interval_ms);
    }
    return Done{};
}

void Node::log_start(const std::vector<Endpoint>& left_out) {
    for (const Endpoint& endpoint : left_out) {
        log_.warning("left_out address={} reason={}", endpoint.to_string(),
                     log_text("the machine has no IPv6 loopback"));
    }
    for (const Endpoint& endpoint : udp_) {
        log_.info("listening transport=udp address={}", endpoint.to_string());
    }
    for (const Endpoint& endpoint : tcp_) {
        log_.info("listening transport=tcp address={}", endpoint.to_string());
    }
    log_.info("ready workers={} udp={} tcp={}", workers_.size(), fmt::join(texts_of(udp_), ","),
              fmt::join(texts_of(tcp_), ","));
}

void Node::run() {
    loop_.run();
    stop_workers();
    log_.info("stopped");
}

void Node::on_signal(int number) noexcept {
    if (number == SIGHUP) return reload();
    if (number == SIGUSR1) {
        for (const auto& worker : workers_) worker->post(Worker::Command::kReport);
        return;
    }
    release_signals();
    log_.info("draining signal={}", number == SIGTERM ? "SIGTERM" : "SIGINT");
    watch_.reset();
}

// From here to the end of the process a second SIGTERM or SIGINT ends it at once; the others, which
// libuv would leave with the system's default of ending it too, do nothing.
void Node::release_signals() {
    const SignalBlock block;
    signals_.clear();
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGUSR1, SIG_IGN);
}

void Node::on_watch() noexcept { parts_.watch(loop_.now_ms()); }

void Node::reload() {
    const auto fresh = parts_.load_config();
    if (!fresh) {
        return log_.error("reload_refused problem={}", log_text(fresh.error().to_string()));
    }
    Reloaded reloaded = reload_config(*config_, *fresh);
    if (auto reopened = log_.reopen(reloaded.config.log); !reopened) {
        return log_.error("reload_refused problem={}", log_text(reopened.error().to_string()));
    }
    config_ = std::make_shared<const Config>(std::move(reloaded.config));
    limits_.set(config_->server.tcp);
    for (const auto& worker : workers_) worker->reconfigure(config_);
    for (const std::string_view key : reloaded.needs_restart) {
        log_.warning("reload_needs_restart key={}", key);
    }
    log_.info("reloaded");
}

void Node::stop_workers() {
    if (threads_.empty()) return;
    for (const auto& worker : workers_) worker->post(Worker::Command::kDrain);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->stats().write_to(log_, i);
    workers_.clear();
}

}  // namespace idnode::resolver
