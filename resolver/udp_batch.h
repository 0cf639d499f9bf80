// Datagrams in batches: recvmmsg into fixed buffers, sendmmsg out of them.
//
// One of each per worker, used by its UDP listeners in turn. Nothing is allocated after
// construction. Views are valid until the next receive().
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/core/bytes.h"
#include "protocol/handle/fragment.h"

namespace idnode::resolver {

inline constexpr std::size_t kUdpBatchMax = 64;
// Longer than any datagram of the protocol (512), which leaves room for clients that do not split.
inline constexpr std::size_t kDatagramSizeMax = 2048;
inline constexpr std::size_t kUdpControlSize = CMSG_SPACE(sizeof(in6_pktinfo));

// Where a datagram came from and, on wildcards, which of our addresses it was sent to.
struct ReturnPath {
    sockaddr_storage peer{};
    socklen_t peer_size = 0;
    alignas(cmsghdr) std::array<std::uint8_t, kUdpControlSize> control{};
    std::size_t control_size = 0;  // 0: the kernel chooses the address that answers leave from.
};

class UdpReceiver {
public:
    UdpReceiver();

    // Takes what waits at the non-blocking socket `fd`: how many datagrams, 0 when there are none.
    std::size_t receive(int fd);

    // Of datagram `i`, below what receive() gave.
    [[nodiscard]] ByteSpan datagram(std::size_t i) const { return {octets_of(i), sizes_[i]}; }
    [[nodiscard]] bool was_cut(std::size_t i) const;
    [[nodiscard]] const ReturnPath& path(std::size_t i) const { return paths_[i]; }

private:
    [[nodiscard]] std::uint8_t* octets_of(std::size_t i) const;
    void prepare(std::size_t i);

    // An odd number of cache lines apart, so that the fronts of the buffers do not share cache
    // sets.
    static constexpr std::size_t kStride = kDatagramSizeMax + 64;

    std::unique_ptr<std::uint8_t[]> octets_;
    std::array<iovec, kUdpBatchMax> pieces_{};
    std::array<mmsghdr, kUdpBatchMax> headers_{};
    std::array<ReturnPath, kUdpBatchMax> paths_{};
    std::array<std::size_t, kUdpBatchMax> sizes_{};
    std::size_t used_ = kUdpBatchMax;  // Entries to be prepared before the next call.
};

class UdpSender {
public:
    UdpSender();

    void begin(int fd);
    // Queues an answer, in as many packets as it needs. Octets and path must stay until finish().
    void add(ByteSpan answer, const ReturnPath& path);
    // Sends the rest. Gives how many packets of the batch the kernel did not take.
    std::size_t finish();

private:
    void add_packet(ByteSpan first, ByteSpan second, const ReturnPath& path);
    void flush();

    int fd_ = -1;
    std::size_t queued_ = 0;
    std::size_t dropped_ = 0;
    std::array<std::array<std::uint8_t, handle::kEnvelopeSize>, kUdpBatchMax> envelopes_{};
    std::array<std::array<iovec, 2>, kUdpBatchMax> pieces_{};
    std::array<mmsghdr, kUdpBatchMax> headers_{};
};

}  // namespace idnode::resolver
