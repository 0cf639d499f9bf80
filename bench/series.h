// Rounds of measurements, interleaved so that each competitor meets the same state of the machine,
// and what comes of them: minimum, median and maximum of the server's processor time per query, and
// the ratios round by round.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/load.h"
#include "protocol/core/problem.h"

namespace idnode::bench {

struct Spread {
    double min = 0;
    double median = 0;
    double max = 0;
};

// Of at least one number; the median of an even count is the mean of the middle two.
Spread spread_of(std::vector<double> numbers);

struct Competitor {
    std::string name;  // "udp node".
    pid_t server = 0;
    std::function<LoadResult(std::uint64_t seed)> load;
};

struct Measured {
    std::string name;
    std::vector<double> cpu_us;      // Per query, one number per round.
    std::vector<double> per_second;  // Queries answered.
    std::vector<double> p99_us;
    std::uint64_t answered = 0;
    std::uint64_t sampled = 0;
    std::uint64_t octets = 0;  // Of the answers.
    std::uint64_t resent = 0;
};

// A ratio that counts: competitor `over` against `under`, by their places.
struct Comparison {
    std::string name;
    std::size_t over;
    std::size_t under;
};

struct Report {
    std::string command;
    std::string commit;
    std::string machine;
    std::string set;
    std::vector<Measured> measured;
    std::vector<Comparison> comparisons;
};

// One warm-up and `rounds` rounds of each competitor in turn, fresh identifiers every time. Fails
// at the first wrong or missing answer.
Checked<std::vector<Measured>> run_series(const std::vector<Competitor>& competitors, int rounds,
                                          std::uint64_t seed);

Spread ratio_of(const Report& report, const Comparison& comparison);

std::string table_of(const Report& report);
std::string json_of(const Report& report);

// Processor, cores, memory and kernel in one line.
std::string machine_line();

}  // namespace idnode::bench
