#include "resolver/uv.h"

#include <utility>

#include "protocol/core/check.h"

namespace idnode::resolver {

Result<Loop> Loop::open() {
    auto loop = std::make_unique<uv_loop_t>();
    if (const int code = uv_loop_init(loop.get()); code < 0) {
        return tl::unexpected(uv_error("event loop", code));
    }
    return Loop(std::move(loop));
}

Loop::Loop(std::unique_ptr<uv_loop_t> loop) : loop_(std::move(loop)) {}

Loop::~Loop() {
    if (!loop_) return;
    uv_run(loop_.get(), UV_RUN_DEFAULT);
    IDN_CHECK(uv_loop_close(loop_.get()) == 0);
}

void Loop::run() { uv_run(loop_.get(), UV_RUN_DEFAULT); }

void Loop::stop() { uv_stop(loop_.get()); }

std::uint64_t Loop::now_ms() const { return uv_now(loop_.get()); }

Error uv_error(std::string_view where, int code) {
    return Error{ErrorKind::kUnavailable, where, -code};
}

}  // namespace idnode::resolver
