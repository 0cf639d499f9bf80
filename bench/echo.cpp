#include "bench/echo.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kSizeMax = 2'048;
constexpr std::size_t kEnvelope = 20;
constexpr std::size_t kHead = 44;
constexpr std::size_t kReadSize = 65'536;

using Packet = std::array<std::uint8_t, kSizeMax>;

// Turns a request into its answer where it stands.
void make_answer(std::uint8_t* packet, std::size_t answer_size) {
    Writer length({packet + 16, 4});
    length.u32(static_cast<std::uint32_t>(answer_size - kEnvelope));
    Writer body_length({packet + 40, 4});
    body_length.u32(static_cast<std::uint32_t>(answer_size - kHead - 4));
}

struct UdpBatch {
    std::array<Packet, kBatch> packets{};
    std::array<sockaddr_storage, kBatch> peers{};
    std::array<iovec, kBatch> pieces{};
    std::array<mmsghdr, kBatch> messages{};

    void prepare(std::size_t count, std::size_t size) {
        for (std::size_t i = 0; i < count; ++i) {
            pieces[i] = {.iov_base = packets[i].data(), .iov_len = size};
            msghdr& header = messages[i].msg_hdr;
            header.msg_iov = &pieces[i];
            header.msg_iovlen = 1;
            header.msg_name = &peers[i];
            header.msg_namelen = sizeof(peers[i]);
        }
    }
};

struct TcpPeer {
    Descriptor socket;
    std::size_t filled = 0;
    std::array<std::uint8_t, kReadSize> in;
};

// Appends the answers to the whole requests in `peer` to `out`, and keeps what is not whole.
void answer_whole_ones(TcpPeer& peer, std::size_t answer_size, std::vector<std::uint8_t>& out) {
    std::size_t at = 0;
    while (peer.filled - at >= kHead) {
        const std::size_t size = kEnvelope + Reader({peer.in.data() + at + 16, 4}).u32();
        if (size > peer.filled - at) break;
        const std::size_t start = out.size();
        out.resize(start + answer_size);
        std::memcpy(out.data() + start, peer.in.data() + at, kHead);
        make_answer(out.data() + start, answer_size);
        at += size;
    }
    std::memmove(peer.in.data(), peer.in.data() + at, peer.filled - at);
    peer.filled -= at;
}

// False when the peer has closed.
bool serve(TcpPeer& peer, std::size_t answer_size, std::vector<std::uint8_t>& out) {
    const ssize_t count =
        ::recv(peer.socket.get(), peer.in.data() + peer.filled, kReadSize - peer.filled, 0);
    if (count <= 0) return false;
    peer.filled += static_cast<std::size_t>(count);
    out.clear();
    answer_whole_ones(peer, answer_size, out);
    if (out.empty()) return true;
    const ssize_t sent = ::send(peer.socket.get(), out.data(), out.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(out.size());
}

class TcpEcho {
public:
    TcpEcho(const Descriptor& listener, std::size_t answer_size)
        : listener_(listener), answer_size_(answer_size), poller_(::epoll_create1(EPOLL_CLOEXEC)) {
        IDN_CHECK(watch(listener.get()));
    }

    void wait() {
        std::array<epoll_event, kBatch> events;
        const int count = ::epoll_wait(poller_.get(), events.data(), kBatch, -1);
        for (const epoll_event& event :
             std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
            handle(event.data.fd);
        }
    }

private:
    [[nodiscard]] bool watch(int fd) const {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        return ::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
    }

    void handle(int fd) {
        if (fd == listener_.get()) return accept_peer();
        const auto peer = peers_.find(fd);
        if (!serve(*peer->second, answer_size_, out_)) peers_.erase(peer);
    }

    void accept_peer() {
        auto peer = std::make_unique<TcpPeer>();
        peer->socket = Descriptor(::accept(listener_.get(), nullptr, nullptr));
        const int fd = peer->socket.get();
        if (watch(fd)) peers_.emplace(fd, std::move(peer));
    }

    const Descriptor& listener_;
    std::size_t answer_size_;
    Descriptor poller_;
    std::unordered_map<int, std::unique_ptr<TcpPeer>> peers_;  // By socket.
    std::vector<std::uint8_t> out_;
};

}  // namespace

void echo_udp(const Descriptor& socket, std::size_t answer_size) {
    IDN_CHECK(answer_size >= kHead + 4 && answer_size <= kSizeMax);
    UdpBatch batch;
    batch.prepare(kBatch, kSizeMax);
    for (;;) {
        const int count =
            ::recvmmsg(socket.get(), batch.messages.data(), kBatch, MSG_WAITFORONE, nullptr);
        if (count <= 0) continue;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            make_answer(batch.packets[i].data(), answer_size);
            batch.pieces[i].iov_len = answer_size;
        }
        static_cast<void>(
            ::sendmmsg(socket.get(), batch.messages.data(), static_cast<unsigned>(count), 0));
        batch.prepare(static_cast<std::size_t>(count), kSizeMax);
    }
}

void echo_tcp(const Descriptor& listener, std::size_t answer_size) {
    IDN_CHECK(answer_size >= kHead + 4 && answer_size <= kSizeMax);
    TcpEcho echo(listener, answer_size);
    for (;;) echo.wait();
}

}  // namespace idnode::bench
