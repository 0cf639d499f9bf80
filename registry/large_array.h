// An array of fixed size in memory of its own, in large pages where the system has them: it is read
// at random, and with pages of 4 KiB most reads would miss the processor's table of pages first.
//
// All octets are zero at first. Ends the process when there is no memory, as operator new does.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>
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
        memory_ = memory;
        // A large page begins at a multiple of its size.
        std::size_t room = mapped_size();
        void* begin = memory;
        if (is_large()) begin = std::align(kLargePage, used_size(), begin, room);
        ::madvise(begin, used_size(), MADV_HUGEPAGE);  // A wish: nothing hangs on it.
        items_ = static_cast<T*>(begin);
    }
    ~LargeArray() { ::munmap(memory_, mapped_size()); }
    LargeArray(const LargeArray&) = delete;
    LargeArray& operator=(const LargeArray&) = delete;

    [[nodiscard]] std::size_t size() const { return size_; }
    T& operator[](std::size_t at) { return items_[at]; }
    const T& operator[](std::size_t at) const { return items_[at]; }

private:
    static constexpr std::size_t kLargePage = std::size_t{1} << 21;

    [[nodiscard]] bool is_large() const { return size_ * sizeof(T) >= kLargePage / 2; }
    // Whole large pages, if it is worth them; mmap(2) gives no empty pieces.
    [[nodiscard]] std::size_t used_size() const {
        const std::size_t size = std::max<std::size_t>(size_, 1) * sizeof(T);
        return is_large() ? (size + kLargePage - 1) / kLargePage * kLargePage : size;
    }
    [[nodiscard]] std::size_t mapped_size() const {
        return used_size() + (is_large() ? kLargePage : 0);
    }

    std::size_t size_;
    void* memory_;
    T* items_;
};

}  // namespace idnode::registry
