#include "resolver/worker.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace idnode::resolver {

namespace {

constexpr std::uint64_t kDrainCheckIntervalMs = 5;

Problem start_problem(std::size_t worker, const Error& error) {
    Problem problem;
    problem.text = fmt::format("worker {} cannot start: {}: {}", worker, error.where,
                               std::strerror(error.code));
    problem.remedy = "raise the limit of open files";
    return problem;
}

}  // namespace

Checked<std::unique_ptr<Worker>> Worker::open(WorkerParts parts) {
    const std::size_t number = parts.number;
    auto loop = Loop::open();
    if (!loop) return tl::unexpected(start_problem(number, loop.error()));
    return std::unique_ptr<Worker>(new Worker(std::move(parts), std::move(*loop)));
}

Worker::Worker(WorkerParts&& parts, Loop loop)
    : number_(parts.number),
      sockets_(std::move(parts.sockets)),
      limits_(parts.limits),
      log_(parts.log),
      config_(std::move(parts.config)),
      loop_(std::move(loop)) {}

Worker::~Worker() = default;

Checked<void> Worker::start(std::unique_ptr<Service> service) {
    service_ = std::move(service);
    udp_workspace_ =
        std::make_unique<UdpWorkspace>(*service_, stats_, config_->server.udp_answer_max);
    tcp_workspace_ =
        std::make_unique<TcpWorkspace>(loop_, *service_, stats_, limits_, config_->server.tcp);
    if (const auto opened = open_listeners(); !opened) {
        return tl::unexpected(start_problem(number_, opened.error()));
    }
    return {};
}

Result<Done> Worker::open_listeners() {
    auto command = open_uv<uv_async_t>("command", this, [this](uv_async_t* handle) {
        return uv_async_init(loop_.get(), handle, on_owner<&Worker::on_command>);
    });
    if (!command) return tl::unexpected(command.error());
    command_ = std::move(*command);
    auto drain_check = open_uv<uv_timer_t>("drain timer", this, [this](uv_timer_t* handle) {
        return uv_timer_init(loop_.get(), handle);
    });
    if (!drain_check) return tl::unexpected(drain_check.error());
    drain_check_ = std::move(*drain_check);
    auto connections = TcpConnections::open(*tcp_workspace_);
    if (!connections) return tl::unexpected(connections.error());
    connections_ = std::move(*connections);
    for (BoundSocket& socket : std::exchange(sockets_.udp, {})) {
        auto listener = UdpListener::open(loop_, std::move(socket), *udp_workspace_);
        if (!listener) return tl::unexpected(listener.error());
        udp_listeners_.push_back(std::move(*listener));
    }
    for (BoundSocket& socket : std::exchange(sockets_.tcp, {})) {
        auto listener = TcpListener::open(std::move(socket), *tcp_workspace_, *connections_, log_);
        if (!listener) return tl::unexpected(listener.error());
        tcp_listeners_.push_back(std::move(*listener));
    }
    return Done{};
}

void Worker::run() { loop_.run(); }

void Worker::post(Command command) {
    commands_.fetch_or(static_cast<std::uint8_t>(command));
    uv_async_send(command_.get());
}

void Worker::reconfigure(std::shared_ptr<const Config> config) {
    {
        const std::scoped_lock lock(config_mutex_);
        next_config_ = std::move(config);
    }
    post(Command::kReconfigure);
}

void Worker::on_command() noexcept {
    const std::uint8_t commands = commands_.exchange(0);
    const auto has = [commands](Command command) {
        return (commands & static_cast<std::uint8_t>(command)) != 0;
    };
    if (has(Command::kReconfigure)) take_config();
    if (has(Command::kReport)) stats_.write_to(log_, number_);
    if (has(Command::kDrain)) begin_drain();
}

void Worker::take_config() {
    {
        const std::scoped_lock lock(config_mutex_);
        if (next_config_) config_ = std::exchange(next_config_, nullptr);
    }
    connections_->set_bounds(config_->server.tcp);
    service_->reconfigure(*config_);
}

void Worker::begin_drain() {
    if (drain_until_ms_ != 0) return;
    tcp_listeners_.clear();
    for (const auto& listener : udp_listeners_) listener->drain();
    udp_listeners_.clear();
    connections_->drain();
    drain_until_ms_ = loop_.now_ms() + config_->server.drain_timeout_ms + 1;
    uv_timer_start(drain_check_.get(), on_owner<&Worker::on_drain_check>, 0, kDrainCheckIntervalMs);
}

void Worker::on_drain_check() noexcept {
    connections_->drain();
    if (connections_->count() > 0 && loop_.now_ms() < drain_until_ms_) return;
    if (connections_->count() > 0) {
        log_.warning("drain_cut worker={} connections={}", number_, connections_->count());
    }
    connections_.reset();
    drain_check_.reset();
    // The loop ends, for nothing else keeps it. The handle itself stays: another thread may be
    // about to post a command.
    uv_unref(reinterpret_cast<uv_handle_t*>(command_.get()));
}

}  // namespace idnode::resolver
