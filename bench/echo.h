// The floor that a node is compared with: servers that receive requests and send answers of the
// same size and do nothing else. An answer is the request's envelope and header with lengths that
// fit, then octets of no meaning.
//
// Both serve until the process is ended; they are meant to run in a child (processes.h).
#pragma once

#include <cstddef>

#include "bench/sockets.h"

namespace idnode::bench {

// recvmmsg and sendmmsg in batches of up to 64. `answer_size`: 48 to 2048.
[[noreturn]] void echo_udp(const Descriptor& socket, std::size_t answer_size);
// epoll; all answers to what one read brought leave in one write. At most 256 connections.
[[noreturn]] void echo_tcp(const Descriptor& listener, std::size_t answer_size);

}  // namespace idnode::bench
