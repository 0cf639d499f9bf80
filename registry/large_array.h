// An array of fixed size in memory of its own, in large pages where the system has them: it is read
// at random, and with pages of 4 KiB most reads would miss the processor's table of pages first.
//
// All octets are zero at first. Ends the process when there is no memory, as operator new does.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "protocol/core/check.h"

namespace idnode::registry {

template <class T>
class LargeArray {
    static_assert(std::is_trivially_destructible_v<T>);

public:
    explicit LargeArray(std::size_t size) : size_(size) {
        void* const memory = ::mmap(nullptr, mapped_size(), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        IDN_CHECK(memory != MAP_FAILED);
        ::madvise(memory, mapped_size(), MADV_HUGEPAGE);  // A wish: nothing hangs on it.
        items_ = static_cast<T*>(memory);
    }
    ~LargeArray() { ::munmap(items_, mapped_size()); }
    LargeArray(const LargeArray&) = delete;
    LargeArray& operator=(const LargeArray&) = delete;

    [[nodiscard]] std::size_t size() const { return size_; }
    T& operator[](std::size_t at) { return items_[at]; }
    const T& operator[](std::size_t at) const { return items_[at]; }

private:
    // mmap(2) gives no empty pieces.
    [[nodiscard]] std::size_t mapped_size() const {
        return std::max<std::size_t>(size_, 1) * sizeof(T);
    }

    std::size_t size_;
    T* items_;
};

}  // namespace idnode::registry
