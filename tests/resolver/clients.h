// Clients of the tests, written with sockets alone. Every wait ends after ten seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/core/bytes.h"
#include "resolver/address.h"
#include "resolver/fd.h"
#include "tests/resolver/messages.h"

namespace idnode::test {

class UdpClient {
public:
    // Takes datagrams of this server only. Sends from `from`; by default the system chooses.
    explicit UdpClient(const resolver::Endpoint& server,
                       const std::optional<resolver::Endpoint>& from = std::nullopt);

    void send(ByteSpan datagram);
    // Splits what is longer than a packet.
    void send_message(ByteSpan message);
    // Nothing when none comes in time.
    std::optional<Octets> receive();
    // Puts split answers together.
    std::optional<Answer> receive_answer();
    // True when a datagram waits now.
    bool has_datagram();

private:
    resolver::Fd fd_;
};

class TcpClient {
public:
    explicit TcpClient(const resolver::Endpoint& server);

    // False when the connection does not take it within ten seconds.
    bool send(ByteSpan octets);
    // What the connection takes at once.
    std::size_t send_some(ByteSpan octets);
    void shut_sending();
    // One read: what is there after waiting for something; empty at the end, on failure or timeout.
    Octets read_once();
    std::optional<Answer> receive_answer();
    // True when the other side has closed: in order; false: by a reset, or not at all.
    bool ends_in_order();
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    bool fill(std::size_t size);

    resolver::Fd fd_;
    Octets received_;  // Read and not taken yet.
};

}  // namespace idnode::test
