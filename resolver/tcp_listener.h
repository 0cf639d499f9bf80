// One listening TCP socket of a worker; what it accepts goes to the worker's TcpConnections.
//
// When the process has no descriptor left, a spare one is given up to accept newcomers and close
// them at once, so that they are not left hanging and the node does not spin; when even that fails,
// accepting pauses for a moment. Both are counted and said once a minute.
#pragma once

#include <memory>

#include "protocol/core/result.h"
#include "resolver/listen_sockets.h"
#include "resolver/log.h"
#include "resolver/tcp_connections.h"
#include "resolver/uv.h"

namespace idnode::resolver {

class TcpListener {
public:
    // All outlive the listener.
    static Result<std::unique_ptr<TcpListener>> open(BoundSocket socket, TcpWorkspace& workspace,
                                                     TcpConnections& connections, Log& log);

private:
    TcpListener(BoundSocket socket, TcpWorkspace& workspace, TcpConnections& connections, Log& log);
    Result<Done> start();
    Result<Done> poll();

    void on_readable(int status, int events) noexcept;
    void on_pause_over() noexcept;

    // False when there is nothing more to accept now.
    bool accept_one();
    bool refuse_one();
    void report(int error);
    void pause();

    BoundSocket socket_;
    Fd spare_;
    TcpWorkspace& workspace_;
    TcpConnections& connections_;
    Log& log_;
    Seldom failure_line_;
    UvHandle<uv_poll_t> poll_;
    UvHandle<uv_timer_t> pause_;
};

}  // namespace idnode::resolver
