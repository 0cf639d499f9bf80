// Load over UDP that does not wait for its answers: questions fall due at even intervals, and the
// time of an answer counts from then, so that a server that stops for a moment shows it. Runs in
// the calling thread, which never sleeps.
#pragma once

#include <cstdint>

#include "bench/load.h"

namespace idnode::bench {

struct PacedOptions {
    double per_second = 10'000;
    double seconds = 10;
    std::uint64_t seed = 1;
};

// At most kPacedOutstanding are under way; a question that finds no place is asked later, and its
// time counts from when it was due. Every answer is checked as load_udp does. A fault: an answer
// that is wrong, or one that does not come within two seconds of the end.
inline constexpr std::uint32_t kPacedOutstanding = 1'024;
LoadResult load_udp_paced(const Mix& mix, const Target& target, const PacedOptions& options);

}  // namespace idnode::bench
