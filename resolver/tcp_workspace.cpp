#include "resolver/tcp_workspace.h"

namespace idnode::resolver {

TcpWorkspace::TcpWorkspace(Loop& the_loop, Service& the_service, WorkerStats& the_stats,
                           ConnectionLimits& the_limits, const TcpLimits& the_bounds)
    : loop(the_loop),
      service(the_service),
      stats(the_stats),
      limits(the_limits),
      bounds(the_bounds),
      octets_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadBufferSize +
                                                             kTcpBatchMax * kRoomStride)) {
    gathered.reserve(kReadBufferSize);
}

}  // namespace idnode::resolver
