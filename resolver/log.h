// The node's log: one line per event, `event key=value ...`, to standard error or a file.
//
//     2026-03-01T08:00:00.123Z info listening transport=udp address=127.0.0.1:2641
//
// Synchronous and thread-safe. Never on the way of a found lookup. Values that a peer or an
// operator chose go through log_text, so that a line stays a line.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/problem.h"
#include "resolver/config.h"
#include "resolver/log_level.h"

namespace idnode::resolver {

// `value` as it stands after `key=`: in quotes with \" \\ and \xHH when it is empty or holds
// anything but visible ASCII; cut with "..." after 256 octets.
std::string log_text(std::string_view value);

class Log {
public:
    // Opens the file for appending. Fails with a Problem that names the file.
    static Checked<Log> open(const LogConfig& config);
    Log(Log&&) noexcept;
    Log& operator=(Log&&) noexcept;
    ~Log();

    template <class... Args>
    void error(fmt::format_string<Args...> format, Args&&... args) {
        write(LogLevel::kError, format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void warning(fmt::format_string<Args...> format, Args&&... args) {
        write(LogLevel::kWarning, format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) {
        write(LogLevel::kInfo, format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void debug(fmt::format_string<Args...> format, Args&&... args) {
        write(LogLevel::kDebug, format, std::forward<Args>(args)...);
    }

    // Whether open() would succeed; makes no file.
    static Checked<void> check(const LogConfig& config);

    // Opens the file anew (it may have been rotated away) and takes the new level. On failure the
    // log goes on as it was.
    Checked<void> reopen(const LogConfig& config);

private:
    struct Sink;
    explicit Log(std::unique_ptr<Sink> sink);

    [[nodiscard]] bool wants(LogLevel level) const;
    void write_line(LogLevel level, std::string_view line);

    template <class... Args>
    void write(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
        if (!wants(level)) return;
        fmt::memory_buffer line;
        fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
        write_line(level, {line.data(), line.size()});
    }

    std::unique_ptr<Sink> sink_;
};

// Keeps a condition that repeats from filling the log: due once per interval. One thread.
class Seldom {
public:
    explicit Seldom(std::uint64_t interval_ms = 60'000) : interval_ms_(interval_ms) {}

    // A number when a line is due now: how many were held back since the last one.
    std::optional<std::uint64_t> due(std::uint64_t now_ms);

private:
    std::uint64_t interval_ms_;
    std::uint64_t next_ms_ = 0;
    std::uint64_t held_back_ = 0;
};

}  // namespace idnode::resolver
