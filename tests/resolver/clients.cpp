#include "tests/resolver/clients.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include <gtest/gtest.h>
#include <poll.h>

#include "protocol/handle/fragment.h"

namespace idnode::test {

namespace {

constexpr int kPatienceMs = 10'000;

resolver::Fd connect_to(const resolver::Endpoint& server, int type,
                        const std::optional<resolver::Endpoint>& from = std::nullopt) {
    sockaddr_storage storage{};
    socklen_t size = from ? to_sockaddr(*from, storage) : 0;
    resolver::Fd fd(
        socket(server.address.family == resolver::AddressFamily::kIpv4 ? AF_INET : AF_INET6,
               type | SOCK_CLOEXEC, 0));
    if (from) {
        EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size), 0)
            << from->to_string() << " errno " << errno;
    }
    size = to_sockaddr(server, storage);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size), 0)
        << server.to_string() << " errno " << errno;
    return fd;
}

bool wait_for(int fd, short events) {
    pollfd item{fd, events, 0};
    return poll(&item, 1, kPatienceMs) == 1;
}

}  // namespace

UdpClient::UdpClient(const resolver::Endpoint& server,
                     const std::optional<resolver::Endpoint>& from)
    : fd_(connect_to(server, SOCK_DGRAM, from)) {}

void UdpClient::send(ByteSpan datagram) {
    EXPECT_EQ(::send(fd_.get(), datagram.data(), datagram.size(), 0),
              static_cast<ssize_t>(datagram.size()));
}

void UdpClient::send_message(ByteSpan message) {
    for (std::size_t i = 0; i < handle::packet_count(message); ++i) {
        const auto packet = handle::packet_of(message, i, handle::Direction::kRequest);
        Octets datagram(packet.envelope.begin(), packet.envelope.end());
        datagram.insert(datagram.end(), packet.part.begin(), packet.part.end());
        send(datagram);
    }
}

std::optional<Octets> UdpClient::receive() {
    if (!wait_for(fd_.get(), POLLIN)) return std::nullopt;
    Octets datagram(65'536);
    const ssize_t size = recv(fd_.get(), datagram.data(), datagram.size(), 0);
    if (size < 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(size));
    return datagram;
}

std::optional<Answer> UdpClient::receive_answer() {
    Octets whole;
    std::size_t missing = 1;
    while (missing > 0) {
        const auto datagram = receive();
        if (!datagram || datagram->size() < handle::kEnvelopeSize || datagram->size() > 512) {
            return std::nullopt;
        }
        Reader in(*datagram);
        const auto envelope = handle::decode_envelope(in);
        if (!envelope) return std::nullopt;
        if (whole.empty()) {
            whole.resize(handle::kEnvelopeSize + envelope->message_length);
            missing = envelope->message_length;
        }
        const ByteSpan part = in.rest();
        const std::size_t at =
            handle::kEnvelopeSize + std::size_t{envelope->sequence_number} * kUdpPartSize;
        if (at + part.size() > whole.size() || part.size() > missing) return std::nullopt;
        if (envelope->sequence_number == 0) {
            std::copy_n(datagram->begin(), handle::kEnvelopeSize, whole.begin());
        }
        std::copy(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(at));
        missing -= part.size();
    }
    return read_answer(whole);
}

bool UdpClient::has_datagram() {
    pollfd item{fd_.get(), POLLIN, 0};
    return poll(&item, 1, 0) == 1;
}

TcpClient::TcpClient(const resolver::Endpoint& server) : fd_(connect_to(server, SOCK_STREAM)) {
    const int on = 1;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool TcpClient::send(ByteSpan octets) {
    while (!octets.empty()) {
        if (!wait_for(fd_.get(), POLLOUT)) return false;
        const std::size_t sent = send_some(octets);
        if (sent == 0) return false;
        octets = octets.subspan(sent);
    }
    return true;
}

std::size_t TcpClient::send_some(ByteSpan octets) {
    const ssize_t sent =
        ::send(fd_.get(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void TcpClient::shut_sending() { shutdown(fd_.get(), SHUT_WR); }

Octets TcpClient::read_once() {
    if (!wait_for(fd_.get(), POLLIN)) return {};
    Octets octets(1'048'576);
    const ssize_t size = recv(fd_.get(), octets.data(), octets.size(), 0);
    octets.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return octets;
}

bool TcpClient::fill(std::size_t size) {
    while (received_.size() < size) {
        const Octets more = read_once();
        if (more.empty()) return false;
        received_.insert(received_.end(), more.begin(), more.end());
    }
    return true;
}

std::optional<Answer> TcpClient::receive_answer() {
    if (!fill(handle::kEnvelopeSize)) return std::nullopt;
    Reader in(received_);
    const auto envelope = handle::decode_envelope(in);
    if (!envelope) return std::nullopt;
    const std::size_t size = handle::kEnvelopeSize + envelope->message_length;
    if (!fill(size)) return std::nullopt;
    const auto answer = read_answer(ByteSpan(received_).first(size));
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
    return answer;
}

bool TcpClient::ends_in_order() {
    if (!received_.empty() || !wait_for(fd_.get(), POLLIN)) return false;
    std::uint8_t octet = 0;
    return recv(fd_.get(), &octet, 1, 0) == 0;
}

}  // namespace idnode::test
