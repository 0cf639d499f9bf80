#include "resolver/udp_listener.h"

#include <algorithm>
#include <span>
#include <utility>

#include "resolver/client_family.h"

namespace idnode::resolver {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::uint64_t kExpiriesPerTimeout = 5;
// At the end of the node: what a full receive buffer holds, and not what clients go on sending.
constexpr int kDrainBatches = 64;

std::size_t odd_lines(std::size_t size) {
    const std::size_t lines = (size + kCacheLine - 1) / kCacheLine;
    return (lines | 1) * kCacheLine;
}

ByteSpan peer_octets(const ReturnPath& path) {
    return {reinterpret_cast<const std::uint8_t*>(&path.peer), path.peer_size};
}

// The address, or the first half of an IPv6 one (one host can fill it alone), with its family.
std::array<std::uint8_t, 9> network_octets(const IpAddress& address) {
    std::array<std::uint8_t, 9> octets{static_cast<std::uint8_t>(address.family)};
    std::copy_n(address.octets.begin(), octets.size() - 1, octets.begin() + 1);
    return octets;
}

bool can_be_answered(const ReturnPath& path) {
    const auto peer = from_sockaddr(path.peer);
    return peer && peer->port != 0;
}

}  // namespace

UdpWorkspace::UdpWorkspace(Service& the_service, WorkerStats& the_stats, std::size_t answer_max,
                           std::uint64_t parts_timeout_ms)
    : service(the_service),
      stats(the_stats),
      reassembly(parts_timeout_ms),
      expiry_interval_ms(std::max<std::uint64_t>(parts_timeout_ms / kExpiriesPerTimeout, 1)),
      room_size_(handle::kEnvelopeSize + answer_max),
      room_stride_(odd_lines(room_size_)),
      rooms_(std::make_unique_for_overwrite<std::uint8_t[]>(kUdpBatchMax * room_stride_)) {}

Result<std::unique_ptr<UdpListener>> UdpListener::open(Loop& loop, BoundSocket socket,
                                                       UdpWorkspace& workspace) {
    std::unique_ptr<UdpListener> listener(new UdpListener(loop, std::move(socket), workspace));
    if (const auto started = listener->start(); !started) return tl::unexpected(started.error());
    return listener;
}

UdpListener::UdpListener(Loop& loop, BoundSocket socket, UdpWorkspace& workspace)
    : loop_(loop), socket_(std::move(socket)), workspace_(workspace) {}

Result<Done> UdpListener::start() {
    auto poll = open_uv<uv_poll_t>("udp poll", this, [this](uv_poll_t* handle) {
        return uv_poll_init(loop_.get(), handle, socket_.fd.get());
    });
    if (!poll) return tl::unexpected(poll.error());
    auto idle = open_uv<uv_idle_t>(
        "udp idle", this, [this](uv_idle_t* handle) { return uv_idle_init(loop_.get(), handle); });
    if (!idle) return tl::unexpected(idle.error());
    auto expiry = open_uv<uv_timer_t>("udp expiry", this, [this](uv_timer_t* handle) {
        return uv_timer_init(loop_.get(), handle);
    });
    if (!expiry) return tl::unexpected(expiry.error());
    poll_ = std::move(*poll);
    idle_ = std::move(*idle);
    expiry_ = std::move(*expiry);
    const int code = uv_poll_start(poll_.get(), UV_READABLE, on_owner<&UdpListener::on_readable>);
    if (code < 0) return tl::unexpected(uv_error("udp poll", code));
    return Done{};
}

void UdpListener::drain() {
    for (int i = 0; i < kDrainBatches && serve_batch() == kUdpBatchMax; ++i) {
    }
}

// A socket's own error (status below 0) is taken off it by the next receive.
void UdpListener::on_readable(int, int) noexcept {
    if (serve_batch() == kUdpBatchMax) uv_idle_start(idle_.get(), on_owner<&UdpListener::on_idle>);
}

void UdpListener::on_idle() noexcept {
    if (serve_batch() < kUdpBatchMax) uv_idle_stop(idle_.get());
}

void UdpListener::on_expiry() noexcept {
    workspace_.reassembly.expire(loop_.now_ms());
    count_expired();
    if (workspace_.reassembly.message_count() == 0) uv_timer_stop(expiry_.get());
}

std::size_t UdpListener::serve_batch() {
    const std::size_t received = workspace_.receiver.receive(socket_.fd.get());
    if (received == 0) return 0;
    const std::uint64_t received_ns = uv_hrtime();
    exchange_count_ = 0;
    for (std::size_t i = 0; i < received; ++i) take(i);
    if (exchange_count_ == 0) return received;
    workspace_.service.answer_batch(std::span(workspace_.exchanges).first(exchange_count_));
    send_answers();
    workspace_.stats.record_batch(Transport::kUdp, exchange_count_, uv_hrtime() - received_ns);
    return received;
}

void UdpListener::take(std::size_t datagram) {
    const ByteSpan octets = workspace_.receiver.datagram(datagram);
    if (workspace_.receiver.was_cut(datagram)) {
        return workspace_.stats.count(Incident::kDatagramCut);
    }
    Reader in(octets);
    const auto envelope = handle::decode_envelope(in);
    if (!envelope || !can_be_answered(workspace_.receiver.path(datagram))) {
        return workspace_.stats.count(Incident::kDatagramUnusable);
    }
    const std::size_t size = handle::kEnvelopeSize + envelope->message_length;
    const bool is_part = handle::is_fragmented(*envelope) && octets.size() < size &&
                         envelope->message_length <= kMessageSizeMax;
    if (is_part) return take_part(datagram, *envelope);
    add_exchange(datagram, *envelope, octets.first(std::min(size, octets.size())));
}

void UdpListener::take_part(std::size_t datagram, const handle::Envelope& envelope) {
    using Outcome = handle::Reassembly::Outcome;
    const ByteSpan octets = workspace_.receiver.datagram(datagram);
    const ReturnPath& path = workspace_.receiver.path(datagram);
    const auto network = network_octets(from_sockaddr(path.peer)->address);
    auto added = workspace_.reassembly.add({peer_octets(path), network}, envelope,
                                           octets.subspan(handle::kEnvelopeSize), loop_.now_ms());
    count_expired();
    if (added.outcome == Outcome::kDropped) {
        workspace_.stats.count(Incident::kFragmentRefused);
    } else if (added.outcome == Outcome::kTooLong) {
        workspace_.stats.count(Incident::kRequestTooLong);
        add_exchange(datagram, envelope, octets).too_long = true;
    } else if (added.outcome == Outcome::kComplete) {
        std::vector<std::uint8_t>& message = workspace_.put_together[exchange_count_];
        message = std::move(added.message);
        add_exchange(datagram, envelope, message);
    }
    if (workspace_.reassembly.message_count() > 0 &&
        uv_is_active(reinterpret_cast<const uv_handle_t*>(expiry_.get())) == 0) {
        uv_timer_start(expiry_.get(), on_owner<&UdpListener::on_expiry>,
                       workspace_.expiry_interval_ms, workspace_.expiry_interval_ms);
    }
}

Exchange& UdpListener::add_exchange(std::size_t datagram, const handle::Envelope& envelope,
                                    ByteSpan request) {
    const std::size_t at = exchange_count_++;
    workspace_.datagram_of[at] = datagram;
    Exchange& exchange = workspace_.exchanges[at];
    exchange = {};
    exchange.request = request;
    exchange.room = workspace_.room(at);
    exchange.transport = Transport::kUdp;
    exchange.family = client_family(envelope);
    return exchange;
}

void UdpListener::send_answers() {
    UdpSender& sender = workspace_.sender;
    sender.begin(socket_.fd.get());
    for (std::size_t i = 0; i < exchange_count_; ++i) {
        const Exchange& exchange = workspace_.exchanges[i];
        if (exchange.answer_size == 0) continue;
        sender.add(exchange.room.first(exchange.answer_size),
                   workspace_.receiver.path(workspace_.datagram_of[i]));
    }
    if (const std::size_t dropped = sender.finish(); dropped > 0) {
        workspace_.stats.count(Incident::kSendDropped, dropped);
    }
    for (std::size_t i = 0; i < exchange_count_; ++i) {
        if (workspace_.put_together[i].capacity() > 0) {
            std::vector<std::uint8_t>().swap(workspace_.put_together[i]);
        }
    }
}

// The reassembly is shared by the worker's listeners: whoever looks first counts.
void UdpListener::count_expired() {
    const std::uint64_t expired = workspace_.reassembly.counters().timed_out;
    if (expired == workspace_.expired_counted) return;
    workspace_.stats.count(Incident::kFragmentsExpired, expired - workspace_.expired_counted);
    workspace_.expired_counted = expired;
}

}  // namespace idnode::resolver
