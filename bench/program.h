// What the programs of bench/ share around their work: arguments, exit codes, and the one line that
// says why a program ends.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace idnode::bench {

inline constexpr int kDone = 0;
inline constexpr int kWrongUsage = 2;
inline constexpr int kTrouble = 3;

// "NAME: TEXT" to standard error; gives kTrouble.
int complain(std::string_view name, std::string_view text) noexcept;

// The work's exit code; what it throws is complained of.
template <class Work>
int run_program(std::string_view name, Work work) noexcept {
    try {
        return work();
    } catch (const std::exception& error) {
        return complain(name, error.what());
    }
}

// Nothing: go on. Else --help or a fault was printed, and this is the exit code.
std::optional<int> parse_arguments(CLI::App& app, int argc, const char* const* argv);

// Name and arguments, as results tell of them.
std::string command_line(std::string_view name, int argc, const char* const* argv);

}  // namespace idnode::bench
