#include "resolver/tcp_connections.h"

#include <algorithm>
#include <utility>

#include "protocol/core/check.h"

namespace idnode::resolver {

namespace {

constexpr std::uint64_t kSweepIntervalMinMs = 2;
constexpr std::uint64_t kSweepIntervalMaxMs = 1'000;
constexpr std::uint64_t kSweepsPerDeadline = 4;

std::uint64_t sweep_interval_ms(const TcpLimits& bounds) {
    const std::uint64_t shortest =
        std::min({bounds.idle_timeout_ms, bounds.header_timeout_ms, bounds.progress_timeout_ms});
    return std::clamp(shortest / kSweepsPerDeadline, kSweepIntervalMinMs, kSweepIntervalMaxMs);
}

}  // namespace

Result<std::unique_ptr<TcpConnections>> TcpConnections::open(TcpWorkspace& workspace) {
    std::unique_ptr<TcpConnections> connections(new TcpConnections(workspace));
    auto sweep = open_uv<uv_timer_t>("sweep timer", connections.get(), [&](uv_timer_t* handle) {
        return uv_timer_init(workspace.loop.get(), handle);
    });
    if (!sweep) return tl::unexpected(sweep.error());
    connections->sweep_ = std::move(*sweep);
    return connections;
}

TcpConnections::TcpConnections(TcpWorkspace& workspace) : workspace_(workspace) {}

TcpConnections::~TcpConnections() { clear(); }

void TcpConnections::add(Fd fd, const IpAddress& peer) {
    if (!admit(peer)) return;
    auto stream = open_uv<uv_tcp_t>("connection", nullptr, [this](uv_tcp_t* handle) {
        return uv_tcp_init(workspace_.loop.get(), handle);
    });
    if (!stream || uv_tcp_open(stream->get(), fd.get()) < 0) {
        workspace_.limits.release(peer);
        return workspace_.stats.count(Incident::kClosedBroken);
    }
    static_cast<void>(fd.release());  // libuv closes it with the stream.
    uv_tcp_nodelay(stream->get(), 1);
    auto connection = std::make_unique<TcpConnection>(std::move(*stream), peer, workspace_, *this);
    connection->slot = connections_.size();
    connections_.push_back(std::move(connection));
    workspace_.stats.count(Incident::kConnectionAccepted);
    if (!connections_.back()->start()) return remove(*connections_.back());
    if (connections_.size() == 1) schedule_sweep();
}

bool TcpConnections::admit(const IpAddress& peer) {
    switch (workspace_.limits.admit(peer)) {
        case ConnectionLimits::Verdict::kAdmitted:
            return true;
        case ConnectionLimits::Verdict::kNodeFull:
            workspace_.stats.count(Incident::kConnectionsOverLimit);
            return false;
        case ConnectionLimits::Verdict::kAddressFull:
            workspace_.stats.count(Incident::kConnectionsOverAddressLimit);
            return false;
    }
    return false;
}

void TcpConnections::remove(TcpConnection& connection) {
    const std::size_t slot = connection.slot;
    IDN_CHECK(slot < connections_.size() && connections_[slot].get() == &connection);
    workspace_.held_size -= connection.held_size();
    workspace_.limits.release(connection.peer());
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->slot = slot;
    connections_.pop_back();
    if (connections_.empty()) uv_timer_stop(sweep_.get());
}

void TcpConnections::set_bounds(const TcpLimits& bounds) {
    workspace_.bounds = bounds;
    if (!connections_.empty()) schedule_sweep();
}

void TcpConnections::drain() {
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (connections_[i]->drain()) remove(*connections_[i]);
    }
}

void TcpConnections::clear() {
    while (!connections_.empty()) remove(*connections_.back());
}

// Backwards: the connection that takes the place of one removed has been looked at already.
void TcpConnections::on_sweep() noexcept {
    const std::uint64_t now_ms = workspace_.loop.now_ms();
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (connections_[i]->check_deadlines(now_ms)) remove(*connections_[i]);
    }
}

void TcpConnections::schedule_sweep() {
    const std::uint64_t interval = sweep_interval_ms(workspace_.bounds);
    uv_timer_start(sweep_.get(), on_owner<&TcpConnections::on_sweep>, interval, interval);
}

}  // namespace idnode::resolver
