#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kPacketSizeMax = 2'048;
constexpr int kWaitMs = 200;
constexpr int kWaitsMax = 25;  // Without any answer: the server is gone.
constexpr std::uint32_t kOutstandingMax = 1'024;

// One socket with its buffers.
class UdpLoad {
public:
    UdpLoad(const Mix& mix, const Target& target, const LoadOptions& options)
        : options_(options),
          questions_(make_asking(mix, 1, options.outstanding, options.seed, target.expect)),
          socket_(connected_udp(target.udp_port, kWaitMs)) {
        for (std::size_t i = 0; i < kBatch; ++i) {
            received_[i] = {.iov_base = packets_[i].data(), .iov_len = kPacketSizeMax};
            incoming_[i].msg_hdr.msg_iov = &received_[i];
            incoming_[i].msg_hdr.msg_iovlen = 1;
            outgoing_[i].msg_hdr.msg_iov = &sent_[i];
            outgoing_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    LoadResult run() {
        if (socket_.get() < 0) return failed("no UDP socket");
        const std::int64_t start = now_ns();
        const std::int64_t end = start + std::int64_t{options_.seconds_max} * 1'000'000'000;
        for (std::uint32_t slot = 0; slot < options_.outstanding; ++slot) ask(slot, start);
        flush();
        int waits = 0;
        while (result_.answered < options_.queries && result_.fault.empty()) {
            const std::size_t count = receive();
            waits = count == 0 ? waits + 1 : 0;
            if (count == 0) ask_again();
            if (waits == kWaitsMax) result_.fault = "no answer for five seconds";
            if (now_ns() > end) result_.fault = "out of time";
        }
        return finished(start);
    }

private:
    // Takes what has come and asks anew for each; the number of packets, 0 after a wait in vain.
    std::size_t receive() {
        const int count =
            ::recvmmsg(socket_.get(), incoming_.data(), kBatch, MSG_WAITFORONE, nullptr);
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            result_.fault = fmt::format("receiving: {}", std::strerror(errno));
        }
        if (count <= 0) return 0;
        const std::int64_t now = now_ns();
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const auto answered =
                questions_->take(ByteSpan(packets_[i].data(), incoming_[i].msg_len), now);
            if (!answered) continue;
            latencies_.add(answered->waited_ns);
            ++result_.answered;
            result_.octets += incoming_[i].msg_len;
            ask(answered->slot, now);
        }
        flush();
        result_.fault = result_.fault.empty() ? questions_->fault() : result_.fault;
        return static_cast<std::size_t>(count);
    }

    void ask(std::uint32_t slot, std::int64_t now) { put(questions_->ask(slot, now)); }

    void ask_again() {
        for (std::uint32_t slot = 0; slot < options_.outstanding; ++slot) {
            if (!questions_->under_way(slot)) continue;
            put(questions_->request(slot));
            ++result_.resent;
        }
        flush();
    }

    void put(ByteSpan request) {
        sent_[pending_] = {.iov_base = const_cast<std::uint8_t*>(request.data()),  // Only read.
                           .iov_len = request.size()};
        if (++pending_ == kBatch) flush();
    }

    void flush() {
        std::size_t done = 0;
        while (done < pending_) {
            const int count = ::sendmmsg(socket_.get(), outgoing_.data() + done,
                                         static_cast<unsigned>(pending_ - done), 0);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                result_.fault = fmt::format("sending: {}", std::strerror(errno));
                break;
            }
            done += static_cast<std::size_t>(count);
        }
        pending_ = 0;
    }

    LoadResult failed(const char* fault) {
        result_.fault = fault;
        return result_;
    }

    LoadResult finished(std::int64_t start) {
        result_.seconds = static_cast<double>(now_ns() - start) / 1e9;
        result_.sampled = questions_->sampled();
        result_.p50_us = latencies_.quantile_us(0.50);
        result_.p99_us = latencies_.quantile_us(0.99);
        return result_;
    }

    const LoadOptions& options_;
    std::unique_ptr<Asking> questions_;
    Descriptor socket_;
    Latencies latencies_;
    LoadResult result_;
    std::array<std::array<std::uint8_t, kPacketSizeMax>, kBatch> packets_;
    std::array<iovec, kBatch> received_{};
    std::array<iovec, kBatch> sent_{};
    std::array<mmsghdr, kBatch> incoming_{};
    std::array<mmsghdr, kBatch> outgoing_{};
    std::size_t pending_ = 0;
};

}  // namespace

LoadResult load_udp(const Mix& mix, const Target& target, const LoadOptions& options) {
    IDN_CHECK(options.outstanding > 0 && options.outstanding <= kOutstandingMax);
    return UdpLoad(mix, target, options).run();
}

}  // namespace idnode::bench
