#include "bench/series.h"

#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "bench/hash64.h"
#include "bench/processes.h"

namespace idnode::bench {
namespace {

Checked<void> run_once(const Competitor& competitor, std::uint64_t seed, Measured& measured) {
    const Checked<double> before = cpu_seconds(competitor.server);
    const LoadResult result = competitor.load(seed);
    const Checked<double> after = cpu_seconds(competitor.server);
    if (!before || !after || !result.fault.empty()) {
        const std::string& fault = result.fault.empty() ? "the server is gone" : result.fault;
        return tl::unexpected(Problem{
            .file = {},
            .line = 0,
            .column = 0,
            .text = fmt::format("{}: {} after {} answers", competitor.name, fault, result.answered),
            .remedy = {}});
    }
    const auto answered = static_cast<double>(result.answered);
    measured.cpu_us.push_back((*after - *before) * 1e6 / answered);
    measured.per_second.push_back(answered / result.seconds);
    measured.p99_us.push_back(result.p99_us);
    measured.answered += result.answered;
    measured.sampled += result.sampled;
    measured.octets += result.octets;
    measured.resent += result.resent;
    return {};
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

std::string json_spread(const Spread& spread) {
    return fmt::format(R"({{"min":{:.4f},"median":{:.4f},"max":{:.4f}}})", spread.min,
                       spread.median, spread.max);
}

double mean_octets(const Measured& measured) {
    return measured.answered == 0
               ? 0
               : static_cast<double>(measured.octets) / static_cast<double>(measured.answered);
}

std::string json_of(const Measured& measured) {
    return fmt::format(
        R"({{"name":{},"cpu_us_per_query":{},"rounds":[{:.4f}],"queries_per_second":{},)"
        R"("p99_us":{},"answered":{},"answer_octets":{:.1f},"compared_octet_by_octet":{},)"
        R"("asked_again":{}}})",
        json_text(measured.name), json_spread(spread_of(measured.cpu_us)),
        fmt::join(measured.cpu_us, ","), json_spread(spread_of(measured.per_second)),
        json_spread(spread_of(measured.p99_us)), measured.answered, mean_octets(measured),
        measured.sampled, measured.resent);
}

std::string first_value(const std::string& path, const std::string& key) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(": ");
        if (!line.starts_with(key) || colon == std::string::npos) continue;
        return line.substr(line.find_first_not_of(' ', colon + 1));
    }
    return "unknown";
}

}  // namespace

Spread spread_of(std::vector<double> numbers) {
    std::ranges::sort(numbers);
    const std::size_t half = numbers.size() / 2;
    const double median =
        numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
    return {.min = numbers.front(), .median = median, .max = numbers.back()};
}

Checked<std::vector<Measured>> run_series(const std::vector<Competitor>& competitors, int rounds,
                                          std::uint64_t seed) {
    std::vector<Measured> all(competitors.size());
    for (int round = 0; round <= rounds; ++round) {
        for (std::size_t i = 0; i < competitors.size(); ++i) {
            const std::uint64_t round_seed =
                hash64(seed, static_cast<std::uint64_t>(round) << 8 | i);
            Measured warm_up;
            auto done = run_once(competitors[i], round_seed, round == 0 ? warm_up : all[i]);
            if (!done) return tl::unexpected(done.error());
            all[i].name = competitors[i].name;
        }
    }
    return all;
}

Spread ratio_of(const Report& report, const Comparison& comparison) {
    const std::vector<double>& over = report.measured[comparison.over].cpu_us;
    const std::vector<double>& under = report.measured[comparison.under].cpu_us;
    std::vector<double> ratios;
    ratios.reserve(over.size());
    for (std::size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
    return spread_of(ratios);
}

std::string table_of(const Report& report) {
    std::string text = fmt::format("{}\n{}\n\n{:<26}{:>8}{:>8}{:>8}{:>12}{:>10}{:>10}\n",
                                   report.set, report.machine, "server CPU, us per query", "min",
                                   "median", "max", "queries/s", "p99 us", "octets");
    for (const Measured& measured : report.measured) {
        const Spread cpu = spread_of(measured.cpu_us);
        text += fmt::format("{:<26}{:>8.3f}{:>8.3f}{:>8.3f}{:>12.0f}{:>10.0f}{:>10.0f}\n",
                            measured.name, cpu.min, cpu.median, cpu.max,
                            spread_of(measured.per_second).median,
                            spread_of(measured.p99_us).median, mean_octets(measured));
    }
    for (const Comparison& comparison : report.comparisons) {
        const Spread ratio = ratio_of(report, comparison);
        text += fmt::format("{:<26}{:>8.3f}{:>8.3f}{:>8.3f}\n", comparison.name, ratio.min,
                            ratio.median, ratio.max);
    }
    return text;
}

std::string json_of(const Report& report) {
    std::vector<std::string> measured;
    measured.reserve(report.measured.size());
    for (const Measured& one : report.measured) measured.push_back(json_of(one));
    std::vector<std::string> ratios;
    for (const Comparison& one : report.comparisons) {
        ratios.push_back(
            fmt::format("{}:{}", json_text(one.name), json_spread(ratio_of(report, one))));
    }
    return fmt::format(
        R"({{"command":{},"commit":{},"machine":{},"set":{},"measured":[{}],"ratios":{{{}}}}})"
        "\n",
        json_text(report.command), json_text(report.commit), json_text(report.machine),
        json_text(report.set), fmt::join(measured, ","), fmt::join(ratios, ","));
}

std::string machine_line() {
    utsname names{};
    ::uname(&names);
    return fmt::format("{}, {} cores, memory {}, Linux {}",
                       first_value("/proc/cpuinfo", "model name"), ::sysconf(_SC_NPROCESSORS_ONLN),
                       first_value("/proc/meminfo", "MemTotal"), names.release);
}

}  // namespace idnode::bench
