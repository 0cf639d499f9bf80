// One TCP connection: whole messages of a read are answered together, their answers leave in one
// write.
//
// The connection stays open after an answer. It ends by the peer, by a deadline (TcpLimits), after
// a message that cannot be cut (tcp_framing.h), or when the service says so. It is then ended so
// that the last answer arrives: sending is shut, and what the peer still sends is read and thrown
// away for a moment. While too much is unsent nothing is answered and reading stops; what was read
// is kept. Buffers of its own exist only while a message is unfinished or an answer unsent; small
// ones are kept for the next time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol/core/bytes.h"
#include "resolver/address.h"
#include "resolver/service.h"
#include "resolver/stats.h"
#include "resolver/tcp_framing.h"
#include "resolver/tcp_workspace.h"

namespace idnode::resolver {

class TcpConnections;

class TcpConnection {
public:
    // Takes over a connected stream. `connections` owns this and outlives it.
    TcpConnection(UvHandle<uv_tcp_t> stream, const IpAddress& peer, TcpWorkspace& workspace,
                  TcpConnections& connections);

    // False when the stream cannot be read from.
    bool start();
    // Ends the connection if one of its deadlines has passed at `now_ms`; true when it is over.
    bool check_deadlines(std::uint64_t now_ms);
    // Reads no more and ends once what was read is answered and the peer has the answers. To be
    // called until it is true: it is over.
    bool drain();

    [[nodiscard]] const IpAddress& peer() const { return peer_; }
    // Octets counted in TcpWorkspace::held_size.
    [[nodiscard]] std::size_t held_size() const { return held_size_; }
    // Its place in TcpConnections.
    std::size_t slot = 0;

private:
    enum class State : std::uint8_t {
        kOpen,
        kFlushing,   // Closes when all is sent.
        kEnding,     // Goes on to kLingering when all is sent.
        kLingering,  // Sending is shut; reads to throw away until the peer closes.
        kDone,       // To be removed.
    };
    // What is looked up together.
    struct Batch {
        std::size_t count = 0;           // Exchanges of the workspace.
        CutKind last = CutKind::kWhole;  // Another one ends the connection behind them.
    };
    struct QueuedWrite {
        uv_write_t request{};
        std::vector<std::uint8_t> octets;
    };

    static void on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept;
    static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept;
    static void on_written(uv_write_t* request, int status) noexcept;

    void take(ByteSpan octets);
    void take_end(ssize_t code);
    void take_written(int status);

    // Answers the messages at the front of `octets` and keeps the rest.
    void serve(ByteSpan octets);
    // Adds to the unfinished message what it needs of `octets`; gives how many that were.
    std::size_t complete_partial(ByteSpan octets, Batch& batch);
    // Makes exchanges of the whole messages in `octets`; gives how many octets they are.
    std::size_t collect(ByteSpan octets, Batch& batch);
    // As many as there are, until large answers have passed the bound: then as many as have room
    // if they are like the last ones, lest most of a batch be looked up to be put back.
    [[nodiscard]] std::size_t batch_count_max() const;
    void add_exchange(const Cut& cut, ByteSpan octets, Batch& batch);
    // Comes once all in front of that cut is answered, for what is put back is cut again.
    void take_last_cut(CutKind kind);
    // Gives how many of the batch are answered: all, or fewer when the connection is full or ends.
    std::size_t answer(std::size_t count);
    std::size_t gather(std::span<const Exchange> exchanges);
    [[nodiscard]] ByteSpan put_back(ByteSpan rest, std::size_t answered) const;
    void keep(ByteSpan octets);
    void clear_partial();
    void resume();
    bool start_reading();
    void stop_reading();

    void send_gathered();
    void start_write(std::vector<std::uint8_t> octets);
    // What comes next when everything is sent.
    void after_sent();
    void begin_lingering();
    // All that was read is answered: ends when it is sent.
    void end_open();
    // Only octets that the peer takes are progress, not what else is asked and must wait.
    void check_unsent(std::uint64_t now_ms);
    void check_received(std::uint64_t now_ms);
    void close(Incident reason);
    // The last thing each callback does: the connection may be gone behind it.
    void settle();

    // What may still be added to what is unsent; 0: the connection is full.
    [[nodiscard]] std::size_t unsent_room() const;
    [[nodiscard]] bool is_full() const { return unsent_room() == 0; }
    [[nodiscard]] std::size_t unsent_size() const;
    [[nodiscard]] std::size_t untaken_size() const;
    [[nodiscard]] uv_stream_t* stream() const {
        return reinterpret_cast<uv_stream_t*>(stream_.get());
    }

    UvHandle<uv_tcp_t> stream_;
    IpAddress peer_;
    TcpWorkspace& workspace_;
    TcpConnections& connections_;
    State state_ = State::kOpen;
    bool reading_ = false;
    bool writing_ = false;
    bool draining_ = false;
    std::optional<ClientFamily> family_;  // Set by the first message.
    std::vector<std::uint8_t> partial_;   // Reading: less than a message. Stopped: what was read.
    std::vector<std::uint8_t> waiting_;   // Behind the write under way.
    std::size_t held_size_ = 0;
    std::size_t large_answer_size_ = 0;  // Mean of the last batch, once one had to be put back.
    std::uint64_t active_ms_ = 0;        // Last time that something came.
    std::uint64_t begun_ms_ = 0;         // When the unfinished message began.
    std::uint64_t progress_ms_ = 0;      // Last time that the peer was seen to take octets.
    std::uint64_t answered_size_ = 0;    // Octets of all answers so far.
    std::optional<std::uint64_t> taken_seen_;  // Of these, what the peer had when last looked at.
    std::size_t thrown_away_ = 0;
};

}  // namespace idnode::resolver
