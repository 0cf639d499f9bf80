// Sockets on 127.0.0.1 for measurements; a failed call gives a descriptor below 0 and errno.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace idnode::bench {

// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

// Writes all of `text`; false: see errno.
bool write_all(int fd, std::string_view text);

// Receiving gives up after `wait_ms`.
Descriptor connected_udp(std::uint16_t port, int wait_ms);
// With TCP_NODELAY.
Descriptor connected_tcp(std::uint16_t port);
// On a port that the system chooses (0) or a given one; TCP listens.
Descriptor bound_udp(std::uint16_t port = 0);
Descriptor listening_tcp();
std::uint16_t port_of(const Descriptor& socket);

}  // namespace idnode::bench
