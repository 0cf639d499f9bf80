// One UDP socket of a worker: datagrams in, answers out, in batches of up to kUdpBatchMax.
//
// While batches come full the listener goes on reading at every turn of the loop (uv_idle), so that
// the loop's other handles keep their turns; else it waits for the socket (uv_poll). Long requests
// are put together (handle::Reassembly), long answers are split. What the kernel does not take is
// dropped and counted: clients repeat their question. Nothing is allocated but for split requests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/core/result.h"
#include "protocol/handle/fragment.h"
#include "resolver/listen_sockets.h"
#include "resolver/service.h"
#include "resolver/stats.h"
#include "resolver/udp_batch.h"
#include "resolver/uv.h"

namespace idnode::resolver {

// What the UDP listeners of a worker share. `answer_max` is the length of a message without its
// envelope (udp_answer_max).
class UdpWorkspace {
public:
    UdpWorkspace(Service& service, WorkerStats& stats, std::size_t answer_max,
                 std::uint64_t parts_timeout_ms = handle::kReassemblyTimeoutMs);

    Service& service;
    WorkerStats& stats;
    UdpReceiver receiver;
    UdpSender sender;
    handle::Reassembly reassembly;
    std::uint64_t expiry_interval_ms;   // How often what is out of time is looked for.
    std::uint64_t expired_counted = 0;  // Of its counters, what stands in the stats.
    std::array<Exchange, kUdpBatchMax> exchanges;
    std::array<std::size_t, kUdpBatchMax> datagram_of{};  // By exchange.
    std::array<std::vector<std::uint8_t>, kUdpBatchMax> put_together;
    // The room for the answer of exchange `i`.
    [[nodiscard]] MutableByteSpan room(std::size_t i) const {
        return {rooms_.get() + i * room_stride_, room_size_};
    }

private:
    std::size_t room_size_;
    std::size_t room_stride_;  // An odd number of cache lines.
    std::unique_ptr<std::uint8_t[]> rooms_;
};

class UdpListener {
public:
    // Loop and workspace outlive the listener.
    static Result<std::unique_ptr<UdpListener>> open(Loop& loop, BoundSocket socket,
                                                     UdpWorkspace& workspace);

    // Answers what waits at the socket, some batches at most: the last thing before it is dropped.
    void drain();

private:
    UdpListener(Loop& loop, BoundSocket socket, UdpWorkspace& workspace);
    Result<Done> start();

    void on_readable(int status, int events) noexcept;
    void on_idle() noexcept;
    void on_expiry() noexcept;

    // Receives, answers and sends one batch; gives how many datagrams came.
    std::size_t serve_batch();
    void take(std::size_t datagram);
    void take_part(std::size_t datagram, const handle::Envelope& envelope);
    Exchange& add_exchange(std::size_t datagram, const handle::Envelope& envelope,
                           ByteSpan request);
    void send_answers();
    void count_expired();

    Loop& loop_;
    BoundSocket socket_;
    UdpWorkspace& workspace_;
    std::size_t exchange_count_ = 0;
    UvHandle<uv_poll_t> poll_;
    UvHandle<uv_idle_t> idle_;
    UvHandle<uv_timer_t> expiry_;
};

}  // namespace idnode::resolver
