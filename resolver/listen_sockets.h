// The sockets a node listens on: one per worker for each address, sharing the port by SO_REUSEPORT.
//
// Each address is bound once without SO_REUSEPORT first, so that a port that another program (or a
// second node) holds is a Problem and not silently shared; nodes that start together take turns.
// Port 0 is resolved then, once for all workers. An IPv6 loopback address that the machine lacks is
// left out; any other failure is a Problem. On wildcards UDP sockets tell the address asked
// (IP_PKTINFO), from which the answer must leave.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "protocol/core/problem.h"
#include "resolver/address.h"
#include "resolver/config.h"
#include "resolver/fd.h"

namespace idnode::resolver {

struct BoundSocket {
    Fd fd;  // Non-blocking; TCP: listening.
    Endpoint endpoint;
};

struct WorkerSockets {
    std::vector<BoundSocket> udp;
    std::vector<BoundSocket> tcp;
};

struct ListenSockets {
    std::vector<Endpoint> udp;  // With the port that port 0 became.
    std::vector<Endpoint> tcp;
    std::vector<Endpoint> left_out;
    std::vector<WorkerSockets> workers;
};

// The abstract Unix socket that a node of this user holds while it binds.
std::string bind_turn_name();

// Waits for its turn, some seconds at most.
Checked<ListenSockets> bind_listen_sockets(const Config& config, std::size_t worker_count);

}  // namespace idnode::resolver
