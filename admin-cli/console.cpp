#include "admin-cli/console.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "protocol/core/json_writer.h"

namespace idnode::cli {

namespace {

constexpr std::int64_t kBetweenUpdatesNs = 250'000'000;

// What the process has told so far; it runs one command.
struct Told {
    bool printed = false;
    std::string last;
};

Told& told() {
    static Told so_far;
    return so_far;
}

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Progress::Style style_for(bool json) {
    if (json) return Progress::Style::kJson;
    return isatty(STDERR_FILENO) == 1 ? Progress::Style::kTerminal : Progress::Style::kSilent;
}

// Seconds left when `done` of `total` took `seconds`; below 0: unknown.
double seconds_left(std::uint64_t done, std::uint64_t total, double seconds) {
    if (total == 0 || done == 0) return -1;
    const double share = static_cast<double>(done) / static_cast<double>(total);
    return std::max(0.0, seconds / share - seconds);
}

std::string clock_text(double seconds) {
    const auto whole = std::lround(seconds);
    return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                        : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

void say(const Problem& problem) { say(problem.to_string()); }

void say(std::string_view text) {
    told().last = text;
    fmt::print(stderr, "idnode: {}\n", text);
}

ExitCode finish_json(ExitCode code) {
    if (code == ExitCode::kDone || told().printed) return code;
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("error").string(told().last).end_object();
    return print_line(std::move(line), code);
}

bool print(std::string_view text) {
    told().printed = true;
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

ExitCode print_text(std::string_view text, ExitCode code) {
    if (print(text) && std::fflush(stdout) == 0) return code;
    say("cannot write to standard output");
    return ExitCode::kRegistry;
}

ExitCode print_line(std::string line, ExitCode code) {
    line += '\n';
    return print_text(line, code);
}

Progress::Progress(std::string what, std::string unit, bool json)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      style_(style_for(json)),
      started_ns_(now_ns()) {}

Progress::~Progress() {
    if (line_open_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::update(std::uint64_t items, std::uint64_t done, std::uint64_t total) {
    if (style_ == Style::kSilent) return;
    if (!begun_) {
        begun_ = true;
        items_before_ = items;
        done_before_ = done;
    }
    const std::int64_t now = now_ns();
    if (now - shown_ns_ < kBetweenUpdatesNs) return;
    shown_ns_ = now;
    const double seconds = static_cast<double>(now - started_ns_) / 1e9;
    if (style_ == Style::kJson) {
        show_event(items, done, total, seconds);
    } else {
        show_line(items, done, total, seconds);
    }
}

void Progress::show_line(std::uint64_t items, std::uint64_t done, std::uint64_t total,
                         double seconds) {
    std::string line =
        fmt::format("\r{} {} {}, {:.0f}/s", what_, items, unit_,
                    seconds > 0 ? static_cast<double>(items - items_before_) / seconds : 0.0);
    if (total != 0) line += fmt::format(", {} %", done * 100 / std::max(total, done));
    const double left =
        seconds_left(done - done_before_, total - std::min(total, done_before_), seconds);
    if (left >= 0) line += fmt::format(", {} left", clock_text(left));
    fmt::print(stderr, "{}\x1b[K", line);
    std::fflush(stderr);
    line_open_ = true;
}

void Progress::show_event(std::uint64_t items, std::uint64_t done, std::uint64_t total,
                          double seconds) {
    std::string event = fmt::format(R"({{"event":"progress","work":"{}","{}":{},"seconds":{:.1f})",
                                    what_, unit_, items, seconds);
    if (total != 0) event += fmt::format(R"(,"done":{},"total":{})", done, total);
    const double left =
        seconds_left(done - done_before_, total - std::min(total, done_before_), seconds);
    if (left >= 0) event += fmt::format(R"(,"seconds_left":{:.0f})", left);
    fmt::print(stderr, "{}}}\n", event);
}

}  // namespace idnode::cli
