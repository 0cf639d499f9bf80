#include "resolver/udp_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace idnode::resolver {

namespace {

// What the kernel told about the address asked becomes what it is told about the address to answer
// from. The interface is left to routing, save for link-local addresses, which mean nothing
// without.
void turn_around(const msghdr& header, ReturnPath& path) {
    path.control_size = header.msg_controllen;
    const cmsghdr* control = CMSG_FIRSTHDR(&header);
    if (control == nullptr) return;
    std::uint8_t* content = path.control.data() + CMSG_LEN(0);
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
        in_pktinfo info{};
        std::memcpy(&info, content, sizeof info);
        info.ipi_ifindex = 0;
        std::memcpy(content, &info, sizeof info);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        in6_pktinfo info{};
        std::memcpy(&info, content, sizeof info);
        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
        std::memcpy(content, &info, sizeof info);
    } else {
        path.control_size = 0;
    }
}

iovec piece_of(ByteSpan octets) {
    return {const_cast<std::uint8_t*>(octets.data()), octets.size()};
}

}  // namespace

UdpReceiver::UdpReceiver() : octets_(std::make_unique<std::uint8_t[]>(kUdpBatchMax * kStride)) {
    for (std::size_t i = 0; i < kUdpBatchMax; ++i) {
        pieces_[i] = {octets_of(i), kDatagramSizeMax};
        headers_[i].msg_hdr.msg_iov = &pieces_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
        headers_[i].msg_hdr.msg_name = &paths_[i].peer;
        headers_[i].msg_hdr.msg_control = paths_[i].control.data();
    }
}

std::uint8_t* UdpReceiver::octets_of(std::size_t i) const { return octets_.get() + i * kStride; }

void UdpReceiver::prepare(std::size_t i) {
    msghdr& header = headers_[i].msg_hdr;
    header.msg_namelen = sizeof paths_[i].peer;
    header.msg_controllen = kUdpControlSize;
    header.msg_flags = 0;
}

std::size_t UdpReceiver::receive(int fd) {
    for (std::size_t i = 0; i < used_; ++i) prepare(i);
    used_ = 0;
    int received = 0;
    do {
        received = recvmmsg(fd, headers_.data(), kUdpBatchMax, MSG_DONTWAIT, nullptr);
    } while (received < 0 && errno == EINTR);
    if (received <= 0) return 0;
    used_ = static_cast<std::size_t>(received);
    for (std::size_t i = 0; i < used_; ++i) {
        sizes_[i] = headers_[i].msg_len;
        paths_[i].peer_size = headers_[i].msg_hdr.msg_namelen;
        paths_[i].control_size = 0;
        if (headers_[i].msg_hdr.msg_controllen > 0) turn_around(headers_[i].msg_hdr, paths_[i]);
    }
    return used_;
}

bool UdpReceiver::was_cut(std::size_t i) const {
    return (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
}

UdpSender::UdpSender() {
    for (std::size_t i = 0; i < kUdpBatchMax; ++i) headers_[i].msg_hdr.msg_iov = pieces_[i].data();
}

void UdpSender::begin(int fd) {
    fd_ = fd;
    queued_ = 0;
    dropped_ = 0;
}

void UdpSender::add(ByteSpan answer, const ReturnPath& path) {
    const std::size_t packets = handle::packet_count(answer);
    if (packets == 1) return add_packet(answer, {}, path);
    for (std::size_t number = 0; number < packets; ++number) {
        if (queued_ == kUdpBatchMax) flush();
        const auto packet = handle::packet_of(answer, number, handle::Direction::kResponse);
        envelopes_[queued_] = packet.envelope;
        add_packet(envelopes_[queued_], packet.part, path);
    }
}

void UdpSender::add_packet(ByteSpan first, ByteSpan second, const ReturnPath& path) {
    if (queued_ == kUdpBatchMax) flush();
    pieces_[queued_] = {piece_of(first), piece_of(second)};
    msghdr& header = headers_[queued_].msg_hdr;
    header.msg_iovlen = second.empty() ? 1 : 2;
    header.msg_name = const_cast<sockaddr_storage*>(&path.peer);
    header.msg_namelen = path.peer_size;
    header.msg_control =
        path.control_size > 0 ? const_cast<std::uint8_t*>(path.control.data()) : nullptr;
    header.msg_controllen = path.control_size;
    ++queued_;
}

std::size_t UdpSender::finish() {
    flush();
    return dropped_;
}

// A packet that the kernel refuses for itself is passed over; when it takes no more, the rest is
// dropped: clients ask again, and waiting would hold up everyone else.
void UdpSender::flush() {
    std::size_t sent = 0;
    while (sent < queued_) {
        const int taken = sendmmsg(fd_, headers_.data() + sent,
                                   static_cast<unsigned>(queued_ - sent), MSG_DONTWAIT);
        if (taken > 0) {
            sent += static_cast<std::size_t>(taken);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            dropped_ += queued_ - sent;
            break;
        } else if (errno != EINTR) {
            ++dropped_;
            ++sent;
        }
    }
    queued_ = 0;
}

}  // namespace idnode::resolver
