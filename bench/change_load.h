// Changes to a registry that holds a generated set, for measurements: at random places at a given
// rate, and runs of new identifiers into the middle. Durable, each commit synced.
//
// What the set says stays true: random changes put identifiers that are not in it (a neighbour of
// one that is, with that one's record) and delete them again; runs have a suffix that no enterprise
// of the set uses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/mixes.h"
#include "protocol/core/problem.h"

namespace idnode::bench {

struct RandomChanges {
    std::uint64_t per_second = 10'000;
    std::uint64_t per_commit = 1'000;
    double seconds = 10;
    std::uint64_t seed = 1;
};

struct ChangesDone {
    std::uint64_t changes = 0;
    std::uint64_t commits = 0;
    std::uint64_t journal_entries = 0;
    double seconds = 0;
    double commit_seconds_max = 0;
};

// Half puts, half deletes of what was put before. Returns when the time is over, however many were
// done; falls behind rather than do fewer in a commit.
Checked<ChangesDone> change_at_random(const std::string& registry, const Mix& mix,
                                      const RandomChanges& options);

struct MiddleRuns {
    std::uint64_t runs = 20;
    std::uint64_t run_size = 100'000;  // And one commit; at most 1,000,000.
    std::uint64_t seed = 1;
};

// Each run is one span of new serial numbers by pattern under an enterprise drawn at random.
Checked<ChangesDone> put_runs(const std::string& registry, const Mix& mix,
                              const MiddleRuns& options);

}  // namespace idnode::bench
