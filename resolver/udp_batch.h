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
#include <optional>

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

// Answers of a batch that go to one peer leave as trains: one message to the kernel, which cuts it
// into datagrams of one size and a last one that may be shorter (UDP_SEGMENT). It then walks its
// stack once for each train and not for each datagram; on the wire they are the same. Where the
// kernel knows no trains each datagram leaves alone; where one is refused its datagrams do, and if
// they are taken, the next batches too.
class UdpSender {
public:
    void begin(int fd);
    // Queues an answer, in as many packets as it needs. Octets and path must stay until finish().
    void add(ByteSpan answer, const ReturnPath& path);
    // Sends the rest. Gives how many packets of the batch the kernel did not take.
    std::size_t finish();

private:
    struct Packet {
        ByteSpan first;
        ByteSpan second;
        const ReturnPath* path = nullptr;

        [[nodiscard]] std::size_t size() const { return first.size() + second.size(); }
    };
    static constexpr std::size_t kControlSize = kUdpControlSize + CMSG_SPACE(sizeof(std::uint16_t));

    void add_packet(ByteSpan first, ByteSpan second, const ReturnPath& path);
    void flush();
    void put_in_order(bool by_peer);
    // Messages of the packets from `from` on, in their order; how many.
    std::size_t make_messages(std::size_t from, bool as_trains);
    // How many packets from `from` on make a train.
    [[nodiscard]] std::size_t train_size(std::size_t from) const;
    void make_message(std::size_t message, std::size_t from, std::size_t count);
    // False: a train was refused; the rest is to be made into messages anew, and to leave alone.
    bool send(std::size_t message_count, std::size_t& done);
    [[nodiscard]] const Packet& packet(std::size_t place) const;

    // Batches without trains after one that was refused though its datagrams were taken.
    static constexpr int kBatchesAlone = 1'024;

    int fd_ = -1;
    std::optional<bool> knows_trains_;  // The kernel: asked with the first socket.
    int batches_alone_ = 0;
    std::optional<std::size_t> suspect_;  // Place of the first packet of a train that was refused.
    std::size_t queued_ = 0;
    std::size_t dropped_ = 0;
    std::array<Packet, kUdpBatchMax> packets_{};
    // By peer and falling size; the low bits are the packet's number.
    std::array<std::uint64_t, kUdpBatchMax> order_{};
    static_assert((kUdpBatchMax & (kUdpBatchMax - 1)) == 0);
    static_assert(kUdpBatchMax <= 64, "the kernel cuts a message into no more");
    static_assert(handle::kEnvelopeSize + kUdpPartSize <= kDatagramSizeMax);
    std::array<std::array<std::uint8_t, handle::kEnvelopeSize>, kUdpBatchMax> envelopes_{};
    std::array<iovec, 2 * kUdpBatchMax> pieces_{};
    std::array<std::size_t, kUdpBatchMax> packet_counts_{};  // Of each message.
    std::array<mmsghdr, kUdpBatchMax> headers_{};
    struct alignas(cmsghdr) Control {
        std::array<std::uint8_t, kControlSize> octets;
    };
    std::array<Control, kUdpBatchMax> controls_{};
};

}  // namespace idnode::resolver
