#include "bench/program.h"

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

namespace idnode::bench {

int complain(std::string_view name, std::string_view text) noexcept {
    std::fwrite(name.data(), 1, name.size(), stderr);
    std::fputs(": ", stderr);
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fputs("\n", stderr);
    return kTrouble;
}

std::optional<int> parse_arguments(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) != 0) return kWrongUsage;
        return std::cout.flush() ? kDone
                                 : complain(app.get_name(), "cannot write to standard output");
    }
    return std::nullopt;
}

std::string command_line(std::string_view name, int argc, const char* const* argv) {
    std::string line(name);
    for (int i = 1; i < argc; ++i) {
        line += ' ';
        line += argv[i];
    }
    return line;
}

}  // namespace idnode::bench
