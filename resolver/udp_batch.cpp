#include "resolver/udp_batch.h"

#include <netinet/udp.h>

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
        // Nothing can leave from there.
        if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) path.control_size = 0;
    } else {
        path.control_size = 0;
    }
}

// Tells peers apart, nearly always.
std::uint32_t peer_key(const ReturnPath& path) {
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(&path.peer);
    std::uint64_t key = 0;
    for (std::size_t at = 0; at < path.peer_size; at += sizeof key) {
        std::uint64_t word = 0;
        std::memcpy(&word, octets + at, sizeof word);  // `peer` is longer than any address.
        key = (key ^ word) * 0x9E37'79B9'7F4A'7C15;
    }
    return static_cast<std::uint32_t>(key >> 32);
}

bool is_same_path(const ReturnPath& a, const ReturnPath& b) {
    return a.peer_size == b.peer_size && a.control_size == b.control_size &&
           std::memcmp(&a.peer, &b.peer, a.peer_size) == 0 &&
           std::memcmp(a.control.data(), b.control.data(), a.control_size) == 0;
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

void UdpSender::begin(int fd) {
    fd_ = fd;
    queued_ = 0;
    dropped_ = 0;
    if (knows_trains_) return;
    int size = 0;
    socklen_t size_size = sizeof size;
    knows_trains_ = getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, &size_size) == 0;
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
    packets_[queued_++] = {first, second, &path};
}

std::size_t UdpSender::finish() {
    flush();
    return dropped_;
}

void UdpSender::flush() {
    bool as_trains = knows_trains_.value_or(false) && batches_alone_ == 0;
    if (batches_alone_ > 0) --batches_alone_;
    put_in_order(as_trains);
    suspect_.reset();
    for (std::size_t done = 0; done < queued_;) {
        as_trains = send(make_messages(done, as_trains), done);
    }
    queued_ = 0;
}

const UdpSender::Packet& UdpSender::packet(std::size_t place) const {
    return packets_[order_[place] % kUdpBatchMax];
}

void UdpSender::put_in_order(bool by_peer) {
    for (std::size_t i = 0; i < queued_; ++i) {
        const std::uint64_t rising = kDatagramSizeMax - packets_[i].size();
        order_[i] = std::uint64_t{peer_key(*packets_[i].path)} << 32 | rising << 16 | i;
    }
    if (by_peer) std::sort(order_.begin(), order_.begin() + static_cast<long>(queued_));
}

std::size_t UdpSender::make_messages(std::size_t from, bool as_trains) {
    std::size_t count = 0;
    while (from < queued_) {
        const std::size_t packets = as_trains ? train_size(from) : 1;
        make_message(count++, from, packets);
        from += packets;
    }
    return count;
}

// All of one size, and one behind them that is shorter.
std::size_t UdpSender::train_size(std::size_t from) const {
    const Packet& first = packet(from);
    std::size_t next = from + 1;
    for (; next < queued_ && is_same_path(*packet(next).path, *first.path); ++next) {
        if (packet(next).size() != first.size()) return next + 1 - from;
    }
    return next - from;
}

void UdpSender::make_message(std::size_t message, std::size_t from, std::size_t count) {
    const ReturnPath& path = *packet(from).path;
    msghdr& header = headers_[message].msg_hdr;
    header.msg_iov = &pieces_[2 * from];
    header.msg_iovlen = 0;
    for (std::size_t i = from; i < from + count; ++i) {
        const Packet& part = packet(i);
        header.msg_iov[header.msg_iovlen++] = piece_of(part.first);
        if (!part.second.empty()) header.msg_iov[header.msg_iovlen++] = piece_of(part.second);
    }
    header.msg_name = const_cast<sockaddr_storage*>(&path.peer);
    header.msg_namelen = path.peer_size;
    header.msg_control = nullptr;
    header.msg_controllen = path.control_size;
    packet_counts_[message] = count;
    if (path.control_size == 0 && count == 1) return;
    std::uint8_t* const control = controls_[message].octets.data();
    std::memcpy(control, path.control.data(), path.control_size);
    header.msg_control = control;
    if (count == 1) return;
    const auto size = static_cast<std::uint16_t>(packet(from).size());
    cmsghdr segment{};
    segment.cmsg_level = IPPROTO_UDP;
    segment.cmsg_type = UDP_SEGMENT;
    segment.cmsg_len = CMSG_LEN(sizeof size);
    std::memcpy(control + path.control_size, &segment, sizeof segment);
    std::memcpy(control + path.control_size + CMSG_LEN(0), &size, sizeof size);
    header.msg_controllen += CMSG_SPACE(sizeof size);
}

// A packet that the kernel refuses for itself is passed over; when it takes no more, the rest is
// dropped: clients ask again, and waiting would hold up everyone else.
bool UdpSender::send(std::size_t message_count, std::size_t& done) {
    for (std::size_t sent = 0; sent < message_count;) {
        const int taken = sendmmsg(fd_, headers_.data() + sent,
                                   static_cast<unsigned>(message_count - sent), MSG_DONTWAIT);
        if (taken > 0) {
            // What was refused as a train and is taken alone was refused for being a train.
            if (suspect_ == done) batches_alone_ = kBatchesAlone;
            for (int i = 0; i < taken; ++i) done += packet_counts_[sent++];
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            dropped_ += queued_ - done;
            done = queued_;
            break;
        } else if (errno != EINTR && packet_counts_[sent] > 1) {
            suspect_ = done;
            return false;
        } else if (errno != EINTR) {
            ++dropped_;
            ++done;
            ++sent;
        }
    }
    return true;
}

}  // namespace idnode::resolver
