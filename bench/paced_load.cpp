#include "bench/paced_load.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "bench/sockets.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kPacketSizeMax = 2'048;
constexpr std::size_t kReceivedAtOnce = 32;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kAskAgainNs = kSecondNs / 2;
constexpr std::int64_t kLateNs = 2 * kSecondNs;

class PacedLoad {
public:
    PacedLoad(const Mix& mix, const Target& target, const PacedOptions& options)
        : interval_(1e9 / options.per_second),
          wanted_(static_cast<std::uint64_t>(options.per_second * options.seconds)),
          questions_(make_asking(mix, 1, kPacedOutstanding, options.seed, target.expect)),
          socket_(connected_udp(target.udp_port, 1)) {
        for (std::uint32_t slot = 0; slot < kPacedOutstanding; ++slot) free_.push_back(slot);
    }

    LoadResult run() {
        if (socket_.get() < 0) result_.fault = "no UDP socket";
        start_ = now_ns();
        const std::int64_t end = due(wanted_) + kLateNs;
        while (result_.answered < wanted_ && result_.fault.empty()) {
            const std::int64_t now = now_ns();
            send_due(now);
            receive();
            ask_again(now);
            if (now > end) result_.fault = "answers are missing";
        }
        result_.seconds = static_cast<double>(now_ns() - start_) / 1e9;
        result_.sampled = questions_->sampled();
        result_.p50_us = latencies_.quantile_us(0.50);
        result_.p99_us = latencies_.quantile_us(0.99);
        return result_;
    }

private:
    [[nodiscard]] std::int64_t due(std::uint64_t number) const {
        return start_ + static_cast<std::int64_t>(static_cast<double>(number) * interval_);
    }

    void send_due(std::int64_t now) {
        for (; sent_ < wanted_ && due(sent_) <= now && !free_.empty(); ++sent_) {
            send(questions_->ask(free_.back(), due(sent_)));
            sent_ns_[free_.back()] = now;
            free_.pop_back();
        }
    }

    void send(ByteSpan request) {
        const auto sent = ::send(socket_.get(), request.data(), request.size(), 0);
        if (sent < 0 && errno != EINTR && errno != EAGAIN) {
            result_.fault = fmt::format("sending: {}", std::strerror(errno));
        }
    }

    void receive() {
        for (std::size_t i = 0; i < kReceivedAtOnce; ++i) {
            const auto size = ::recv(socket_.get(), packet_.data(), packet_.size(), MSG_DONTWAIT);
            if (size < 0) return;
            const auto answered = questions_->take(
                ByteSpan(packet_.data(), static_cast<std::size_t>(size)), now_ns());
            result_.fault = questions_->fault();
            if (!answered) continue;
            latencies_.add(answered->waited_ns);
            free_.push_back(answered->slot);
            ++result_.answered;
            result_.octets += static_cast<std::uint64_t>(size);
        }
    }

    // A packet is lost where a receiver's queue is full; the time of its question goes on.
    void ask_again(std::int64_t now) {
        if (now - looked_ns_ < kAskAgainNs / 5) return;
        looked_ns_ = now;
        for (std::uint32_t slot = 0; slot < kPacedOutstanding; ++slot) {
            if (!questions_->under_way(slot) || now - sent_ns_[slot] < kAskAgainNs) continue;
            send(questions_->request(slot));
            sent_ns_[slot] = now;
            ++result_.resent;
        }
    }

    double interval_;  // Nanoseconds.
    std::uint64_t wanted_;
    std::unique_ptr<Asking> questions_;
    Descriptor socket_;
    std::int64_t start_ = 0;
    std::int64_t looked_ns_ = 0;
    std::array<std::int64_t, kPacedOutstanding> sent_ns_{};  // By slot.
    std::uint64_t sent_ = 0;
    std::vector<std::uint32_t> free_;
    Latencies latencies_;
    LoadResult result_;
    std::array<std::uint8_t, kPacketSizeMax> packet_;
};

}  // namespace

LoadResult load_udp_paced(const Mix& mix, const Target& target, const PacedOptions& options) {
    return PacedLoad(mix, target, options).run();
}

}  // namespace idnode::bench
