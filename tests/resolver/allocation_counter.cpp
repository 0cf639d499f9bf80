#include "tests/resolver/allocation_counter.h"

#include <atomic>
#include <cstddef>

#include "protocol/core/check.h"

namespace {

std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};
thread_local bool is_own_thread = false;

void on_allocation() {
    if (counting.load(std::memory_order_relaxed) && !is_own_thread) ++allocations;
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__)

// Of the sanitizer's runtime; g++ 12 ships no header for it.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*on_free)(const volatile void*));

namespace {

void install() {
    static const int installed = __sanitizer_install_malloc_and_free_hooks(
        [](const volatile void*, std::size_t) { on_allocation(); }, [](const volatile void*) {});
    IDN_CHECK(installed != 0);
}

}  // namespace

#else

// glibc's own functions behind the names that a program may replace.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);

void* malloc(std::size_t size) {
    on_allocation();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    on_allocation();
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
    on_allocation();
    return __libc_realloc(old, size);
}
}

namespace {

void install() {}

}  // namespace

#endif

namespace idnode::test {

AllocationCounter::AllocationCounter() {
    install();
    is_own_thread = true;
    allocations = 0;
    IDN_CHECK(!counting.exchange(true));
}

AllocationCounter::~AllocationCounter() { counting = false; }

std::uint64_t AllocationCounter::count() const { return allocations; }

}  // namespace idnode::test
