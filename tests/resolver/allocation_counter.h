// Counts what the program's other threads take from the heap, whoever asks: new, malloc, a C
// library.
#pragma once

#include <cstdint>

namespace idnode::test {

// Allocations of all threads but the one that made the counter, while it lives. One at a time.
class AllocationCounter {
public:
    AllocationCounter();
    ~AllocationCounter();
    AllocationCounter(const AllocationCounter&) = delete;
    AllocationCounter& operator=(const AllocationCounter&) = delete;

    [[nodiscard]] std::uint64_t count() const;
};

}  // namespace idnode::test
