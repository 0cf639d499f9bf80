#include "resolver/tcp_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <span>
#include <utility>

#include "protocol/handle/header.h"
#include "resolver/client_family.h"
#include "resolver/tcp_connections.h"

namespace idnode::resolver {

namespace {

// A buffer of an unfinished message is kept for the next one up to this size.
constexpr std::size_t kKeptCapacity = 4'096;
// Thrown away of what a peer sends after its connection was ended.
constexpr std::size_t kThrownAwayMax = 1'048'576;
constexpr std::size_t kFrontSize = handle::kEnvelopeSize + handle::kHeaderSize;

}  // namespace

TcpConnection::TcpConnection(UvHandle<uv_tcp_t> stream, const IpAddress& peer,
                             TcpWorkspace& workspace, TcpConnections& connections)
    : stream_(std::move(stream)),
      peer_(peer),
      workspace_(workspace),
      connections_(connections),
      active_ms_(workspace.loop.now_ms()) {
    stream_->data = this;
}

bool TcpConnection::start() { return start_reading(); }

// --- callbacks of libuv
// ---------------------------------------------------------------------------

void TcpConnection::on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
    const auto* self = static_cast<const TcpConnection*>(handle->data);
    const MutableByteSpan room = self->workspace_.read_buffer();
    *buffer = uv_buf_init(reinterpret_cast<char*>(room.data()), static_cast<unsigned>(room.size()));
}

void TcpConnection::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
    auto* self = static_cast<TcpConnection*>(stream->data);
    if (self == nullptr || count == 0) return;
    if (count < 0) {
        self->take_end(count);
    } else {
        self->take(
            {reinterpret_cast<const std::uint8_t*>(buffer->base), static_cast<std::size_t>(count)});
    }
    self->settle();
}

void TcpConnection::on_written(uv_write_t* request, int status) noexcept {
    const std::unique_ptr<QueuedWrite> write(static_cast<QueuedWrite*>(request->data));
    auto* self = static_cast<TcpConnection*>(request->handle->data);
    if (self == nullptr) return;
    self->take_written(status);
    self->settle();
}

// --- receiving
// ------------------------------------------------------------------------------------

void TcpConnection::take(ByteSpan octets) {
    active_ms_ = workspace_.loop.now_ms();
    if (state_ == State::kOpen) return serve(octets);
    thrown_away_ += octets.size();
    if (thrown_away_ > kThrownAwayMax) state_ = State::kDone;
}

void TcpConnection::take_end(ssize_t code) {
    stop_reading();
    if (state_ == State::kLingering || (code == UV_EOF && unsent_size() == 0)) {
        state_ = State::kDone;
    } else if (code == UV_EOF) {
        clear_partial();
        state_ = State::kFlushing;
    } else {
        close(Incident::kClosedBroken);
    }
}

void TcpConnection::serve(ByteSpan octets) {
    const std::uint64_t received_ns = uv_hrtime();
    std::size_t messages = 0;
    while (state_ == State::kOpen && !is_full()) {
        Batch batch;
        if (!partial_.empty()) octets = octets.subspan(complete_partial(octets, batch));
        if (batch.count > 0 || partial_.empty()) octets = octets.subspan(collect(octets, batch));
        const std::size_t answered = answer(batch.count);
        if (answered == batch.count) {
            take_last_cut(batch.last);
        } else {
            octets = put_back(octets, answered);
        }
        if (batch.count == 0) break;
        messages += answered;
        clear_partial();
    }
    send_gathered();
    if (messages > 0) {
        workspace_.stats.record_batch(Transport::kTcp, messages, uv_hrtime() - received_ns);
    }
    if (state_ == State::kOpen) return keep(octets);
    clear_partial();
    after_sent();
}

std::size_t TcpConnection::complete_partial(ByteSpan octets, Batch& batch) {
    std::size_t used = 0;
    for (;;) {
        const Cut cut = cut_message(partial_);
        if (cut.kind != CutKind::kIncomplete) {
            add_exchange(cut, partial_, batch);
            return used;
        }
        const std::size_t wanted = std::min(cut.size - partial_.size(), octets.size() - used);
        if (wanted == 0) return used;
        const ByteSpan taken = octets.subspan(used, wanted);
        partial_.insert(partial_.end(), taken.begin(), taken.end());
        used += wanted;
    }
}

std::size_t TcpConnection::collect(ByteSpan octets, Batch& batch) {
    const std::size_t count_max = batch_count_max();
    std::size_t used = 0;
    while (batch.last == CutKind::kWhole && batch.count < count_max) {
        const ByteSpan rest = octets.subspan(used);
        const Cut cut = cut_message(rest);
        if (cut.kind == CutKind::kIncomplete) break;
        add_exchange(cut, rest, batch);
        used += cut.size;
    }
    return used;
}

std::size_t TcpConnection::batch_count_max() const {
    if (large_answer_size_ == 0) return kTcpBatchMax;
    return std::clamp<std::size_t>(unsent_room() / large_answer_size_, 1, kTcpBatchMax);
}

void TcpConnection::add_exchange(const Cut& cut, ByteSpan octets, Batch& batch) {
    batch.last = cut.kind;
    if (cut.kind == CutKind::kUnusable) return;
    if (!family_) family_ = client_family(cut.envelope);
    Exchange& exchange = workspace_.exchanges[batch.count];
    exchange = {};
    exchange.request = octets.first(cut.size);
    exchange.room = workspace_.room(batch.count);
    exchange.transport = Transport::kTcp;
    exchange.family = *family_;
    ++batch.count;
}

void TcpConnection::take_last_cut(CutKind kind) {
    if (kind == CutKind::kWhole) return;
    workspace_.stats.count(kind == CutKind::kUnusable ? Incident::kEnvelopeUnusable
                                                      : Incident::kLengthRefused);
    if (state_ == State::kOpen) state_ = State::kEnding;
}

std::size_t TcpConnection::answer(std::size_t count) {
    if (count == 0) return 0;
    const std::span<Exchange> exchanges = std::span(workspace_.exchanges).first(count);
    workspace_.service.answer_batch(exchanges);
    const std::size_t answered = gather(exchanges);
    if (workspace_.gathered.size() >= kGatherSizeMax) send_gathered();
    return answered;
}

// Ends behind the answer that passes the bound.
std::size_t TcpConnection::gather(std::span<const Exchange> exchanges) {
    std::vector<std::uint8_t>& gathered = workspace_.gathered;
    std::size_t room = unsent_room();
    std::size_t size = 0;
    std::size_t count = 0;
    while (count < exchanges.size() && state_ == State::kOpen && room > 0) {
        const Exchange& exchange = exchanges[count++];
        const MutableByteSpan answer = exchange.room.first(exchange.answer_size);
        gathered.insert(gathered.end(), answer.begin(), answer.end());
        size += answer.size();
        if (exchange.after == AfterAnswer::kClose) state_ = State::kEnding;
        if (gathered.size() < room) continue;
        send_gathered();
        room = unsent_room();
    }
    if (room == 0 || large_answer_size_ > 0) large_answer_size_ = size / count;
    return count;
}

// Those behind the first `answered` of the batch: they lie in what was read, in front of `rest`.
ByteSpan TcpConnection::put_back(ByteSpan rest, std::size_t answered) const {
    return {workspace_.exchanges[answered].request.data(), rest.data() + rest.size()};
}

// What is left is the front of a message, or, when too much is unsent, messages for later.
void TcpConnection::keep(ByteSpan octets) {
    if (!octets.empty()) {
        if (partial_.empty()) begun_ms_ = workspace_.loop.now_ms();
        partial_.reserve(std::max(partial_.size() + octets.size(), kKeptCapacity));
        partial_.insert(partial_.end(), octets.begin(), octets.end());
    }
    if (is_full()) stop_reading();
}

void TcpConnection::clear_partial() {
    if (partial_.capacity() > kKeptCapacity) {
        std::vector<std::uint8_t>().swap(partial_);
    } else {
        partial_.clear();
    }
}

void TcpConnection::resume() {
    const std::vector<std::uint8_t> stored = std::exchange(partial_, {});
    if (!stored.empty()) serve(stored);
    if (state_ != State::kOpen || is_full()) return;
    if (draining_) {
        end_open();
    } else if (!start_reading()) {
        close(Incident::kClosedBroken);
    }
}

bool TcpConnection::start_reading() {
    reading_ = reading_ || uv_read_start(stream(), &on_allocate, &on_read) == 0;
    return reading_;
}

void TcpConnection::stop_reading() {
    uv_read_stop(stream());
    reading_ = false;
}

// --- sending
// --------------------------------------------------------------------------------------

void TcpConnection::send_gathered() {
    std::vector<std::uint8_t>& gathered = workspace_.gathered;
    answered_size_ += gathered.size();
    std::size_t sent = 0;
    if (!writing_ && !gathered.empty()) {
        const uv_buf_t piece = uv_buf_init(reinterpret_cast<char*>(gathered.data()),
                                           static_cast<unsigned>(gathered.size()));
        const int code = uv_try_write(stream(), &piece, 1);
        if (code >= 0) sent = static_cast<std::size_t>(code);
        if (code < 0 && code != UV_EAGAIN) close(Incident::kClosedBroken);
    }
    const auto unsent = gathered.begin() + static_cast<std::ptrdiff_t>(sent);
    if (state_ != State::kDone && unsent != gathered.end()) {
        if (writing_) {
            waiting_.insert(waiting_.end(), unsent, gathered.end());
        } else {
            taken_seen_.reset();  // The time runs from the next look: this turn may be long.
            start_write({unsent, gathered.end()});
        }
    }
    gathered.clear();
    if (gathered.capacity() <= 2 * kGatherSizeMax) return;
    std::vector<std::uint8_t>().swap(gathered);
    gathered.reserve(kReadBufferSize);
}

void TcpConnection::start_write(std::vector<std::uint8_t> octets) {
    auto write = std::make_unique<QueuedWrite>();
    write->octets = std::move(octets);
    write->request.data = write.get();
    const uv_buf_t piece = uv_buf_init(reinterpret_cast<char*>(write->octets.data()),
                                       static_cast<unsigned>(write->octets.size()));
    if (uv_write(&write->request, stream(), &piece, 1, &on_written) < 0) {
        return close(Incident::kClosedBroken);
    }
    static_cast<void>(write.release());  // Freed by on_written.
    writing_ = true;
}

void TcpConnection::take_written(int status) {
    writing_ = false;
    active_ms_ = workspace_.loop.now_ms();
    if (status < 0) return close(Incident::kClosedBroken);
    if (!waiting_.empty()) start_write(std::exchange(waiting_, {}));
    after_sent();
}

void TcpConnection::after_sent() {
    if (state_ == State::kOpen) {
        if (!reading_ && unsent_size() <= workspace_.bounds.unsent_size_max / 2) resume();
    } else if (unsent_size() == 0 && state_ == State::kFlushing) {
        state_ = State::kDone;
    } else if (unsent_size() == 0 && state_ == State::kEnding) {
        begin_lingering();
    }
}

void TcpConnection::begin_lingering() {
    uv_os_fd_t fd = -1;
    uv_fileno(reinterpret_cast<const uv_handle_t*>(stream_.get()), &fd);
    progress_ms_ = workspace_.loop.now_ms();
    const bool shut = shutdown(fd, SHUT_WR) == 0 && start_reading();
    state_ = shut ? State::kLingering : State::kDone;
}

// --- ending
// ---------------------------------------------------------------------------------------

bool TcpConnection::check_deadlines(std::uint64_t now_ms) {
    if (state_ == State::kLingering) {
        if (now_ms - progress_ms_ >= workspace_.bounds.header_timeout_ms) state_ = State::kDone;
    } else if (unsent_size() > 0) {
        check_unsent(now_ms);
    } else {
        check_received(now_ms);
    }
    return state_ == State::kDone;
}

// What the peer has not taken: also what the kernel holds, which asks for more only when much of it
// has gone.
std::size_t TcpConnection::untaken_size() const {
    int held = 0;
    uv_os_fd_t fd = -1;
    uv_fileno(reinterpret_cast<const uv_handle_t*>(stream_.get()), &fd);
    if (ioctl(fd, SIOCOUTQ, &held) != 0) held = 0;
    return unsent_size() + static_cast<std::size_t>(held);
}

void TcpConnection::check_unsent(std::uint64_t now_ms) {
    const std::uint64_t taken = answered_size_ - untaken_size();
    if (taken != taken_seen_) {
        taken_seen_ = taken;
        progress_ms_ = now_ms;
    } else if (now_ms - progress_ms_ >= workspace_.bounds.progress_timeout_ms) {
        close(Incident::kClosedSlowReader);
    }
}

void TcpConnection::check_received(std::uint64_t now_ms) {
    const TcpLimits& bounds = workspace_.bounds;
    if (partial_.empty()) {
        if (now_ms - active_ms_ >= bounds.idle_timeout_ms) close(Incident::kClosedIdle);
    } else if (partial_.size() < kFrontSize && now_ms - begun_ms_ >= bounds.header_timeout_ms) {
        close(Incident::kClosedSlowHeader);
    } else if (now_ms - begun_ms_ >= bounds.progress_timeout_ms) {
        close(Incident::kClosedSlowMessage);
    }
}

bool TcpConnection::drain() {
    draining_ = true;
    const bool all_answered = state_ == State::kOpen && reading_;  // Else resume() goes on.
    if (all_answered && untaken_size() > 0) {
        end_open();
    } else if (all_answered || (state_ == State::kLingering && untaken_size() == 0)) {
        state_ = State::kDone;
    }
    return state_ == State::kDone;
}

// Lingers in the end: a connection closed with requests unread is reset, and answers that are still
// on their way are lost.
void TcpConnection::end_open() {
    stop_reading();
    clear_partial();
    state_ = State::kEnding;
    after_sent();
}

void TcpConnection::close(Incident reason) {
    workspace_.stats.count(reason);
    state_ = State::kDone;
}

void TcpConnection::settle() {
    const std::size_t held = partial_.capacity() + unsent_size();
    workspace_.held_size = workspace_.held_size - held_size_ + held;
    held_size_ = held;
    if (workspace_.held_size > workspace_.bounds.held_size_max && held > kKeptCapacity &&
        state_ != State::kDone) {
        close(Incident::kClosedHeldSize);
    }
    if (state_ == State::kDone) connections_.remove(*this);
}

std::size_t TcpConnection::unsent_room() const {
    const std::size_t unsent_max = workspace_.bounds.unsent_size_max;
    return unsent_max - std::min(unsent_size(), unsent_max);
}

std::size_t TcpConnection::unsent_size() const {
    return uv_stream_get_write_queue_size(stream()) + waiting_.size();
}

}  // namespace idnode::resolver
