#include "bench/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

namespace idnode::bench {
namespace {

constexpr int kBufferSize = 4 << 20;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

template <class T>
void set(int fd, int level, int name, const T& value) {
    static_cast<void>(::setsockopt(fd, level, name, &value, sizeof(value)));
}

using Step = int (*)(int, const sockaddr*, socklen_t);

Descriptor made(int type, std::uint16_t port, Step step) {
    Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return socket;
    if (type == SOCK_STREAM) {
        set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    } else {
        set(socket.get(), SOL_SOCKET, SO_RCVBUF, kBufferSize);
        set(socket.get(), SOL_SOCKET, SO_SNDBUF, kBufferSize);
    }
    const sockaddr_in address = loopback(port);
    if (step(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return Descriptor();
    }
    return socket;
}

}  // namespace

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Descriptor connected_udp(std::uint16_t port, int wait_ms) {
    Descriptor socket = made(SOCK_DGRAM, port, &::connect);
    const timeval wait{.tv_sec = wait_ms / 1'000, .tv_usec = wait_ms % 1'000 * 1'000};
    if (socket.get() >= 0) set(socket.get(), SOL_SOCKET, SO_RCVTIMEO, wait);
    return socket;
}

Descriptor connected_tcp(std::uint16_t port) { return made(SOCK_STREAM, port, &::connect); }

Descriptor bound_udp(std::uint16_t port) { return made(SOCK_DGRAM, port, &::bind); }

Descriptor listening_tcp() {
    Descriptor socket = made(SOCK_STREAM, 0, &::bind);
    if (socket.get() >= 0 && ::listen(socket.get(), SOMAXCONN) != 0) return Descriptor();
    return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    return ntohs(address.sin_port);
}

}  // namespace idnode::bench
