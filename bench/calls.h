// When identifiers were registered: an enterprise registers in calls of 1 to 2,000 items, the items
// of a call share one second, its calls are 1 to 600 seconds apart. Positions count in the order of
// registration. A call ends at the latest at a multiple of 16,000 positions, so that the time of
// any position is found from a table with one entry per 16,000 and a few hashes.
#pragma once

#include <cstdint>
#include <vector>

namespace idnode::bench {

// Appends the entries of an enterprise of `count` identifiers that begins at `start` (seconds since
// 1970) to `table`. The last time must be below 2^32.
void append_call_table(std::uint64_t seed, std::uint64_t count, std::uint32_t start,
                       std::vector<std::uint32_t>& table);

// The place in one enterprise; positions of the same or the next call are cheap.
class CallReader {
public:
    CallReader() = default;
    // `table`: the first entry of the enterprise.
    CallReader(std::uint64_t seed, const std::uint32_t* table) : seed_(seed), table_(table) {}

    // Seconds since 1970.
    std::uint32_t time(std::uint64_t position);

private:
    std::uint64_t seed_ = 0;
    const std::uint32_t* table_ = nullptr;
    std::uint64_t call_ = 0;   // In its chunk.
    std::uint64_t begin_ = 0;  // Positions of the call: [begin_, end_).
    std::uint64_t end_ = 0;
    std::uint32_t time_ = 0;
};

}  // namespace idnode::bench
