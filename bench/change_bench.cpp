// change_bench: what changes cost, and what lookups beside them pay.
//
// `beside`: a node on loopback is asked at 30 % of what it can answer, once quiet and once with
// random changes from another process, in turn; 99th percentiles and their ratio. `middle`: runs of
// new identifiers into a registry that holds a set, one durable commit and one journal entry each.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/change_load.h"
#include "bench/node_under_test.h"
#include "bench/paced_load.h"
#include "bench/program.h"
#include "bench/series.h"
#include "registry/background.h"

namespace idnode::bench {
namespace {

constexpr std::string_view kProgram = "change_bench";

constexpr int kGeneratorCore = 0;
constexpr int kServerCore = 1;

struct Arguments {
    NodePaths paths;
    int mix = 0;
    MixOptions set;
    std::uint64_t query_seed = 1;
    int rounds = 5;
    double part = 0.3;
    double seconds = 10;
    std::uint64_t changes_per_second = 10'000;
    std::uint64_t changes_per_commit = 1'000;
    bool in_background = false;
    MiddleRuns middle;
    std::string result_file;
    std::string commit = "unknown";
    std::string command;
};

// Prints the document, and writes it to the file that was asked for.
int give(const Arguments& arguments, const std::string& figures) {
    const std::string json = fmt::format(
        R"({{"command":"{}","commit":"{}","machine":"{}","set":"mix {}, {} identifiers",{}}})"
        "\n",
        arguments.command, arguments.commit, machine_line(), arguments.mix, arguments.set.count,
        figures);
    fmt::print("{}", json);
    if (arguments.result_file.empty()) return 0;
    std::ofstream out(arguments.result_file);
    out << json;
    out.close();
    return out ? 0 : complain(kProgram, "cannot write " + arguments.result_file);
}

std::string json_of(const char* name, const Spread& spread) {
    return fmt::format(R"("{}":{{"min":{:.1f},"median":{:.1f},"max":{:.1f}}})", name, spread.min,
                       spread.median, spread.max);
}

// --- beside ---

struct Beside {
    double capacity = 0;  // Answers a second.
    std::vector<double> quiet_us;
    std::vector<double> busy_us;
    std::vector<double> ratios;
    std::uint64_t answered = 0;
    std::uint64_t resent = 0;
    int beyond_scale = 0;  // Percentiles that are "at least": the ratios then say nothing.
    ChangesDone changes;
};

// The changing process: its own, so that LMDB's lock and flushes are those of another one, on the
// node's core: the generator's is busy all the time, and times that it waits for the processor
// would count as the node's. What it did comes through the file.
Checked<Process> start_changes(const Arguments& arguments, const Mix& mix, std::uint64_t seed,
                               const std::string& report) {
    return Process::fork_with(kServerCore, [&, seed] {
        if (arguments.in_background && !registry::work_in_background()) {
            fmt::print(stderr, "change_bench: the system refuses work in the background\n");
            ::_exit(1);
        }
        const auto done = change_at_random(arguments.paths.registry, mix,
                                           {.per_second = arguments.changes_per_second,
                                            .per_commit = arguments.changes_per_commit,
                                            .seconds = arguments.seconds + 1,
                                            .seed = seed});
        std::ofstream out(report + ".new");
        if (done) {
            out << done->changes << ' ' << done->commits << ' ' << done->seconds << ' '
                << done->commit_seconds_max;
        } else {
            fmt::print(stderr, "change_bench: {}\n", done.error().to_string());
        }
        out.close();
        std::filesystem::rename(report + ".new", report);
        ::_exit(0);
    });
}

bool add_report(const std::string& report, ChangesDone& sum) {
    ChangesDone done;
    std::ifstream in(report);
    if (!(in >> done.changes >> done.commits >> done.seconds >> done.commit_seconds_max)) {
        return false;
    }
    sum.changes += done.changes;
    sum.commits += done.commits;
    sum.seconds += done.seconds;
    sum.commit_seconds_max = std::max(sum.commit_seconds_max, done.commit_seconds_max);
    return true;
}

class BesideRounds {
public:
    BesideRounds(const Arguments& arguments, const Mix& mix, const Target& target)
        : arguments_(arguments), mix_(mix), target_(target) {}

    // What is wrong; empty: nothing.
    std::string run() {
        LoadOptions full;
        full.seed = hash64(arguments_.query_seed, 0);
        full.queries = 200'000;
        for (int warm = 0; warm < 2; ++warm) {
            const LoadResult result = load_udp(mix_, target_, full);
            if (!result.fault.empty()) return result.fault;
            figures.capacity = static_cast<double>(result.answered) / result.seconds;
        }
        for (int round = 1; round <= arguments_.rounds; ++round) {
            const auto quiet = ask(2 * static_cast<std::uint64_t>(round));
            if (!quiet.fault.empty()) return quiet.fault;
            if (auto fault = ask_beside_changes(round); !fault.empty()) return fault;
            figures.quiet_us.push_back(quiet.p99_us);
            figures.ratios.push_back(figures.busy_us.back() / quiet.p99_us);
        }
        return {};
    }

    Beside figures;

private:
    LoadResult ask(std::uint64_t seed) {
        LoadResult result = load_udp_paced(mix_, target_,
                                           {.per_second = figures.capacity * arguments_.part,
                                            .seconds = arguments_.seconds,
                                            .seed = hash64(arguments_.query_seed, seed)});
        figures.answered += result.answered;
        figures.resent += result.resent;
        if (result.p99_us >= kLatencyMaxUs) ++figures.beyond_scale;
        return result;
    }

    std::string ask_beside_changes(int round) {
        const std::string report = fmt::format("{}/changes{}", arguments_.paths.work, round);
        auto changing = start_changes(arguments_, mix_, static_cast<std::uint64_t>(round), report);
        if (!changing) return changing.error().to_string();
        const LoadResult busy = ask(2 * static_cast<std::uint64_t>(round) + 1);
        if (!busy.fault.empty()) return busy.fault;
        figures.busy_us.push_back(busy.p99_us);
        while (changing->runs()) ::usleep(10'000);
        return add_report(report, figures.changes) ? "" : "the changes failed";
    }

    const Arguments& arguments_;
    const Mix& mix_;
    Target target_;
};

std::string json_of(const Arguments& arguments, const Beside& beside) {
    const ChangesDone& done = beside.changes;
    return fmt::format(
        R"("rounds":{},"seconds_each":{},"capacity_per_second":{:.0f},"asked_per_second":{:.0f},)"
        R"("answers":{},"resent":{},"beyond_scale":{},"changes_per_second":{:.0f},)"
        R"("changes_per_commit":{},"in_background":{},)"
        R"("commit_ms_max":{:.1f},{},{},{})",
        arguments.rounds, arguments.seconds, beside.capacity, beside.capacity * arguments.part,
        beside.answered, beside.resent, beside.beyond_scale,
        static_cast<double>(done.changes) / done.seconds, arguments.changes_per_commit,
        arguments.in_background, 1000 * done.commit_seconds_max,
        json_of("quiet_p99_us", spread_of(beside.quiet_us)),
        json_of("beside_changes_p99_us", spread_of(beside.busy_us)),
        json_of("ratio", spread_of(beside.ratios)));
}

int measure_beside(const Arguments& arguments, const Mix& mix) {
    const auto node = start_node(arguments.paths, kServerCore);
    if (!node) return complain(kProgram, node.error().to_string());
    pin_to(0, kGeneratorCore);
    BesideRounds rounds(arguments, mix, node->target);
    if (const std::string fault = rounds.run(); !fault.empty()) return complain(kProgram, fault);
    return give(arguments, json_of(arguments, rounds.figures));
}

// --- middle ---

int measure_middle(const Arguments& arguments, const Mix& mix) {
    const auto done = put_runs(arguments.paths.registry, mix, arguments.middle);
    if (!done) return complain(kProgram, done.error().to_string());
    return give(
        arguments,
        fmt::format(R"("runs":{},"identifiers_each":{},"journal_entries":{},"seconds":{:.3f},)"
                    R"("identifiers_per_second":{:.0f},"commit_ms_max":{:.1f})",
                    done->commits, arguments.middle.run_size, done->journal_entries, done->seconds,
                    static_cast<double>(done->changes) / done->seconds,
                    1000 * done->commit_seconds_max));
}

// --- both ---

void add_common(CLI::App& app, Arguments& arguments) {
    app.add_option("--registry", arguments.paths.registry,
                   "Holds the set, and is changed (default: made in a temporary directory)");
    app.add_option("--mix", arguments.mix, "0 mixed, 1 best, 2 bad, 3 a national node")
        ->check(CLI::Range(0, 3));
    app.add_option("--count", arguments.set.count, "Identifiers in the set (default 1000000)");
    app.add_option("--seed", arguments.set.seed, "Of the set (default 1)");
    app.add_option("--idnode", arguments.paths.idnode, "The command (default: of this build)");
    app.add_option("--result", arguments.result_file, "Also write the JSON document to this file");
    app.add_option("--commit", arguments.commit, "Named in the JSON document");
}

void describe(CLI::App& app, Arguments& arguments) {
    app.description("What changes cost, and what lookups beside them pay.");
    app.footer(
        "Examples:\n  change_bench beside --count 1000000 --rounds 5\n"
        "  change_bench middle --registry DIR --count 100000000 --runs 50");
    app.require_subcommand(1);
    CLI::App& beside = *app.add_subcommand(
        "beside", "99th percentile of lookups beside random changes, against quiet");
    add_common(beside, arguments);
    beside.add_option("--idnoded", arguments.paths.idnoded, "The daemon (default: of this build)");
    beside.add_option("--rounds", arguments.rounds, "At least 5 for a figure that counts")
        ->check(CLI::Range(1, 100));
    beside.add_option("--seconds", arguments.seconds, "Of each round and state (default 10)")
        ->check(CLI::Range(0.1, 600.0));
    beside.add_option("--part", arguments.part, "Of what the node can answer (default 0.3)")
        ->check(CLI::Range(0.01, 0.95));
    beside.add_option("--changes", arguments.changes_per_second, "A second (default 10000)")
        ->check(CLI::Range(1, 10'000'000));
    beside.add_option("--commit-size", arguments.changes_per_commit, "Default 1000")
        ->check(CLI::Range(2, 1'000'000));
    beside.add_flag("--background", arguments.in_background,
                    "The changing process works as idnode --background does");
    CLI::App& middle = *app.add_subcommand("middle", "Runs of new identifiers, durable");
    add_common(middle, arguments);
    middle.add_option("--runs", arguments.middle.runs, "Default 20")->check(CLI::Range(1, 100'000));
    middle.add_option("--run-size", arguments.middle.run_size, "Identifiers (default 100000)")
        ->check(CLI::Range(1, 1'000'000));
    middle.add_option("--run-seed", arguments.middle.seed, "Of the draw of enterprises");
}

int run(Arguments arguments, bool beside) {
    arguments.set.kind = static_cast<MixKind>(arguments.mix);
    const auto mix = Mix::make(arguments.set);
    if (!mix) return complain(kProgram, mix.error().to_string());
    const auto work = WorkDirectory::make();
    if (!work) return complain(kProgram, work.error().to_string());
    arguments.paths.work = work->path();
    if (arguments.paths.registry.empty()) {
        arguments.paths.registry = work->path() + "/registry";
        const auto made = make_registry(arguments.paths, arguments.paths.registry, *mix);
        if (!made) return complain(kProgram, made.error().to_string());
    }
    return beside ? measure_beside(arguments, *mix) : measure_middle(arguments, *mix);
}

int run_with(int argc, char** argv) {
    CLI::App app;
    Arguments arguments;
    arguments.paths = programs_beside_us();
    describe(app, arguments);
    if (const auto code = parse_arguments(app, argc, argv)) return *code;
    arguments.command = command_line(kProgram, argc, argv);
    return run(std::move(arguments), app.got_subcommand("beside"));
}

}  // namespace
}  // namespace idnode::bench

int main(int argc, char** argv) {
    using namespace idnode::bench;
    return run_program(kProgram, [&] { return run_with(argc, argv); });
}
