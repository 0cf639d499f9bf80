#include "resolver/tcp_listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>

namespace idnode::resolver {

namespace {

// Per turn of the loop, so that connections that come in a flood do not starve those there are.
constexpr int kAcceptedMax = 64;
constexpr std::uint64_t kPauseMs = 100;

Fd open_spare() { return Fd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::open(BoundSocket socket, TcpWorkspace& workspace,
                                                       TcpConnections& connections, Log& log) {
    std::unique_ptr<TcpListener> listener(
        new TcpListener(std::move(socket), workspace, connections, log));
    if (const auto started = listener->start(); !started) return tl::unexpected(started.error());
    return listener;
}

TcpListener::TcpListener(BoundSocket socket, TcpWorkspace& workspace, TcpConnections& connections,
                         Log& log)
    : socket_(std::move(socket)),
      spare_(open_spare()),
      workspace_(workspace),
      connections_(connections),
      log_(log) {}

Result<Done> TcpListener::start() {
    auto poll_handle = open_uv<uv_poll_t>("tcp poll", this, [this](uv_poll_t* handle) {
        return uv_poll_init(workspace_.loop.get(), handle, socket_.fd.get());
    });
    if (!poll_handle) return tl::unexpected(poll_handle.error());
    auto pause_handle = open_uv<uv_timer_t>("tcp pause", this, [this](uv_timer_t* handle) {
        return uv_timer_init(workspace_.loop.get(), handle);
    });
    if (!pause_handle) return tl::unexpected(pause_handle.error());
    poll_ = std::move(*poll_handle);
    pause_ = std::move(*pause_handle);
    return poll();
}

Result<Done> TcpListener::poll() {
    const int code = uv_poll_start(poll_.get(), UV_READABLE, on_owner<&TcpListener::on_readable>);
    if (code < 0) return tl::unexpected(uv_error("tcp poll", code));
    return Done{};
}

void TcpListener::on_readable(int, int) noexcept {
    for (int i = 0; i < kAcceptedMax && accept_one(); ++i) {
    }
}

bool TcpListener::accept_one() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Fd fd(accept4(socket_.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
        if (const auto from = from_sockaddr(peer)) connections_.add(std::move(fd), from->address);
        return true;
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return false;
    if (error == ECONNABORTED || error == EINTR) return true;
    report(error);
    if ((error == EMFILE || error == ENFILE) && refuse_one()) return true;
    pause();
    return false;
}

bool TcpListener::refuse_one() {
    if (!spare_.valid()) return false;
    spare_ = Fd();
    // cppcheck-suppress nullPointer ; accept4(2) allows it: nobody wants the address
    const bool refused = Fd(accept4(socket_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid();
    spare_ = open_spare();
    return refused;
}

void TcpListener::report(int error) {
    workspace_.stats.count(Incident::kAcceptFailed);
    if (const auto held_back = failure_line_.due(workspace_.loop.now_ms())) {
        log_.warning("accept_failed reason={} more={} remedy={}", log_text(std::strerror(error)),
                     *held_back, log_text("raise the limit of open files"));
    }
}

void TcpListener::pause() {
    uv_poll_stop(poll_.get());
    uv_timer_start(pause_.get(), on_owner<&TcpListener::on_pause_over>, kPauseMs, 0);
}

void TcpListener::on_pause_over() noexcept {
    if (!spare_.valid()) spare_ = open_spare();
    if (!poll()) pause();
}

}  // namespace idnode::resolver
