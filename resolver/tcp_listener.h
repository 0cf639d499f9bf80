// One listening TCP socket of a worker; what it accepts goes to the worker's TcpConnections.
//
// When no descriptor is left libuv gives up its spare one to accept and close, so that the node
// does not spin; that is counted and said once a minute.
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
    TcpListener(TcpWorkspace& workspace, TcpConnections& connections, Log& log);
    Result<Done> start(BoundSocket socket);
    void on_connection(int status) noexcept;

    TcpWorkspace& workspace_;
    TcpConnections& connections_;
    Log& log_;
    Seldom failure_line_;
    UvHandle<uv_tcp_t> server_;
};

}  // namespace idnode::resolver
