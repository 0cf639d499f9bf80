// What the TCP connections of a worker share: the buffer they read into, the exchanges of one batch
// with the room for their answers, and the place where the answers of one read are gathered.
//
// One worker, one connection at a time. Nothing is allocated after the first answers have been
// gathered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "resolver/config.h"
#include "resolver/connection_limits.h"
#include "resolver/service.h"
#include "resolver/stats.h"
#include "resolver/uv.h"

namespace idnode::resolver {

inline constexpr std::size_t kTcpBatchMax = 64;
inline constexpr std::size_t kReadBufferSize = 65'536;
// Answers gathered before they are written although more messages of the same read wait.
inline constexpr std::size_t kGatherSizeMax = 262'144;

class TcpWorkspace {
public:
    // All outlive the workspace.
    TcpWorkspace(Loop& loop, Service& service, WorkerStats& stats, ConnectionLimits& limits,
                 const TcpLimits& bounds);

    Loop& loop;
    Service& service;
    WorkerStats& stats;
    ConnectionLimits& limits;
    TcpLimits bounds;
    std::size_t held_size = 0;  // By all connections; at most bounds.held_size_max.

    std::array<Exchange, kTcpBatchMax> exchanges;
    std::vector<std::uint8_t> gathered;
    [[nodiscard]] MutableByteSpan read_buffer() const { return {octets_.get(), kReadBufferSize}; }
    [[nodiscard]] MutableByteSpan room(std::size_t i) const {
        return {octets_.get() + kReadBufferSize + i * kRoomStride, kAnswerSizeMax};
    }

private:
    // An odd number of cache lines apart, so that the fronts of the rooms do not share cache sets.
    static constexpr std::size_t kRoomStride = ((kAnswerSizeMax + 63) / 64 | 1) * 64;

    std::unique_ptr<std::uint8_t[]> octets_;
};

}  // namespace idnode::resolver
