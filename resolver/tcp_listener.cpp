#include "resolver/tcp_listener.h"

#include <utility>

namespace idnode::resolver {

namespace {

constexpr int kBacklog = 1024;

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::open(BoundSocket socket, TcpWorkspace& workspace,
                                                       TcpConnections& connections, Log& log) {
    std::unique_ptr<TcpListener> listener(new TcpListener(workspace, connections, log));
    if (const auto started = listener->start(std::move(socket)); !started) {
        return tl::unexpected(started.error());
    }
    return listener;
}

TcpListener::TcpListener(TcpWorkspace& workspace, TcpConnections& connections, Log& log)
    : workspace_(workspace), connections_(connections), log_(log) {}

Result<Done> TcpListener::start(BoundSocket socket) {
    auto server = open_uv<uv_tcp_t>("tcp listener", this, [this](uv_tcp_t* handle) {
        return uv_tcp_init(workspace_.loop.get(), handle);
    });
    if (!server) return tl::unexpected(server.error());
    server_ = std::move(*server);
    if (const int code = uv_tcp_open(server_.get(), socket.fd.get()); code < 0) {
        return tl::unexpected(uv_error("tcp listener", code));
    }
    static_cast<void>(socket.fd.release());  // libuv closes it with the handle.
    const int code = uv_listen(reinterpret_cast<uv_stream_t*>(server_.get()), kBacklog,
                               on_owner<&TcpListener::on_connection>);
    if (code < 0) return tl::unexpected(uv_error("tcp listen", code));
    return Done{};
}

void TcpListener::on_connection(int status) noexcept {
    if (status == 0) return connections_.accept(reinterpret_cast<uv_stream_t*>(server_.get()));
    workspace_.stats.count(Incident::kAcceptFailed);
    if (const auto held_back = failure_line_.due(workspace_.loop.now_ms())) {
        log_.warning("accept_failed reason={} more={} remedy={}", log_text(uv_strerror(status)),
                     *held_back, log_text("raise the limit of open files"));
    }
}

}  // namespace idnode::resolver
