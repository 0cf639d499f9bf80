// What the command says to its user: results on stdout, progress and messages on stderr.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin-cli/exit_code.h"
#include "protocol/core/problem.h"

namespace idnode::cli {

// "idnode: <problem>" on stderr.
void say(const Problem& problem);
void say(std::string_view text);

// Writes to stdout; false when it cannot be written (full disk, closed pipe).
bool print(std::string_view text);
// print() of all there is to print; the exit code for what became of it.
ExitCode print_text(std::string_view text, ExitCode code = ExitCode::kDone);
// The same with a line break behind it.
ExitCode print_line(std::string line, ExitCode code = ExitCode::kDone);

// The end of a command that was given --json: when it has failed and printed nothing, what was said
// last goes to stdout as {"error":"…"}, so that there always is a document. Gives the exit code.
ExitCode finish_json(ExitCode code);

// Progress of long work on stderr: one line that is written over on a terminal, JSON events with
// --json, nothing elsewhere. At most a few updates a second, however often it is told.
class Progress {
public:
    enum class Style : std::uint8_t { kTerminal, kJson, kSilent };

    // `what` in the -ing form: "importing". `unit`: what is counted, in the plural.
    Progress(std::string what, std::string unit, bool json);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // `done` of `total` steps (0: unknown) are through; `items` units have been seen. What the
    // first call tells was there before: it counts for no rate.
    void update(std::uint64_t items, std::uint64_t done, std::uint64_t total);

private:
    void show_line(std::uint64_t items, std::uint64_t done, std::uint64_t total, double seconds);
    void show_event(std::uint64_t items, std::uint64_t done, std::uint64_t total, double seconds);

    std::string what_;
    std::string unit_;
    Style style_;
    std::int64_t started_ns_;
    std::int64_t shown_ns_ = 0;
    bool begun_ = false;
    std::uint64_t items_before_ = 0;
    std::uint64_t done_before_ = 0;
    bool line_open_ = false;
};

}  // namespace idnode::cli
