// One TCP connection: whole messages of a read are answered together, their answers leave in one
// write.
//
// The connection stays open after an answer. It ends by the peer, by a deadline (TcpLimits), after
// a message that cannot be cut (tcp_framing.h), or when the service says so. It is then ended so
// that the last answer arrives: sending is shut, and what the peer still sends is read and thrown
// away for a moment. Reading stops while too much is unsent. Buffers of its own exist only while a
// message is unfinished or an answer unsent; small ones are kept for the next time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
    // Reads no more and ends once the answers are sent; true when it is over already.
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
    std::size_t complete_partial(ByteSpan octets, std::size_t& count);
    // Makes exchanges of the whole messages in `octets`; gives how many octets they are.
    std::size_t collect(ByteSpan octets, std::size_t& count);
    void add_exchange(const Cut& cut, ByteSpan octets, std::size_t& count);
    void answer(std::size_t count);
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
    // Only octets that the peer takes are progress, not what else is asked and must wait.
    void check_unsent(std::uint64_t now_ms);
    void check_received(std::uint64_t now_ms);
    void close(Incident reason);
    // The last thing each callback does: the connection may be gone behind it.
    void settle();

    [[nodiscard]] bool is_full() const {
        return unsent_size() >= workspace_.bounds.unsent_size_max;
    }
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
    std::optional<ClientFamily> family_;  // Set by the first message.
    std::vector<std::uint8_t> partial_;   // Reading: less than a message. Stopped: what was read.
    std::vector<std::uint8_t> waiting_;   // Behind the write under way.
    std::size_t held_size_ = 0;
    std::uint64_t active_ms_ = 0;              // Last time that something came.
    std::uint64_t begun_ms_ = 0;               // When the unfinished message began.
    std::uint64_t progress_ms_ = 0;            // Last time that the peer was seen to take octets.
    std::uint64_t answered_size_ = 0;          // Octets of all answers so far.
    std::optional<std::uint64_t> taken_seen_;  // Of these, what the peer had when last looked at.
    std::size_t thrown_away_ = 0;
};

}  // namespace idnode::resolver
