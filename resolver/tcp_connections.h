// The TCP connections of one worker: admits, sweeps for deadlines, drains.
//
// Deadlines are looked at by one timer for all connections, at a quarter of the shortest one and at
// most once a second: no timer is touched by a message. One worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/core/result.h"
#include "resolver/address.h"
#include "resolver/config.h"
#include "resolver/fd.h"
#include "resolver/tcp_connection.h"
#include "resolver/tcp_workspace.h"

namespace idnode::resolver {

class TcpConnections {
public:
    // The workspace outlives the connections.
    static Result<std::unique_ptr<TcpConnections>> open(TcpWorkspace& workspace);
    ~TcpConnections();

    // Takes over a connection accepted, or closes it when a limit is reached.
    void add(Fd fd, const IpAddress& peer);
    // Called by a connection that is over, as the last thing it does.
    void remove(TcpConnection& connection);

    // New bounds for the connections there are and those to come.
    void set_bounds(const TcpLimits& bounds);
    // Lets each connection end once what it has read is answered and sent. To be called until none
    // is left.
    void drain();
    // Ends all at once.
    void clear();

    [[nodiscard]] std::size_t count() const { return connections_.size(); }

private:
    explicit TcpConnections(TcpWorkspace& workspace);

    bool admit(const IpAddress& peer);
    void on_sweep() noexcept;
    void schedule_sweep();

    TcpWorkspace& workspace_;
    UvHandle<uv_timer_t> sweep_;
    std::vector<std::unique_ptr<TcpConnection>> connections_;
};

}  // namespace idnode::resolver
