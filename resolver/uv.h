// libuv, owned: the only includer of <uv.h>. One Loop per thread; handles belong to the loop's
// thread.
//
// Dropping a UvHandle cuts the link to its owner, asks libuv to close it and frees it in the close
// callback, one loop turn later: a callback that finds no owner does nothing but free its own
// request. A Loop must outlive the handles made on it; its destructor runs it until it is empty.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "protocol/core/result.h"

namespace idnode::resolver {

class Loop {
public:
    // Fails with kUnavailable when the process has no descriptor left.
    static Result<Loop> open();
    Loop(Loop&&) noexcept = default;
    Loop& operator=(Loop&&) = delete;
    ~Loop();

    // Serves until stop() or until no handle is active.
    void run();
    void stop();
    // Milliseconds of the loop's clock at the start of this turn; never goes back.
    [[nodiscard]] std::uint64_t now_ms() const;
    [[nodiscard]] uv_loop_t* get() const { return loop_.get(); }

private:
    explicit Loop(std::unique_ptr<uv_loop_t> loop);

    std::unique_ptr<uv_loop_t> loop_;
};

struct UvClose {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        handle->data = nullptr;
        uv_close(reinterpret_cast<uv_handle_t*>(handle),
                 [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
    }
};
template <class Handle>
using UvHandle = std::unique_ptr<Handle, UvClose>;  // Only for handles that are initialised.

// An Error of a negative libuv code: its errno.
Error uv_error(std::string_view where, int code);

// A handle that `init(handle)` has initialised, with `owner` for its callbacks.
template <class Handle, class Init>
Result<UvHandle<Handle>> open_uv(std::string_view where, void* owner, Init init) {
    auto handle = std::make_unique<Handle>();
    if (const int code = init(handle.get()); code < 0) return tl::unexpected(uv_error(where, code));
    handle->data = owner;
    return UvHandle<Handle>(handle.release());
}

template <class Method>
struct OwnerOf;
template <class Class, class... Args>
struct OwnerOf<void (Class::*)(Args...) noexcept> {
    using Type = Class;
};

// The libuv callback that calls `method` of the handle's owner with what follows the handle, if
// there still is an owner: uv_timer_start(timer, on_owner<&Worker::on_sweep>, ...).
template <auto method, class Handle, class... Args>
void on_owner(Handle* handle, Args... args) noexcept {
    using Owner = typename OwnerOf<decltype(method)>::Type;
    if (handle->data == nullptr) return;
    (static_cast<Owner*>(handle->data)->*method)(args...);
}

}  // namespace idnode::resolver
