#include "resolver/log.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

namespace idnode::resolver {

namespace {

constexpr std::size_t kTextSizeMax = 256;
constexpr const char* kLinePattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::kError:
            return spdlog::level::err;
        case LogLevel::kWarning:
            return spdlog::level::warn;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kDebug:
            return spdlog::level::debug;
    }
    return spdlog::level::info;
}

Problem file_problem(const std::string& file, int code) {
    return {file, 0, 0, fmt::format("the log file cannot be opened: {}", std::strerror(code)),
            "create its folder, or let the user that runs the node write there ([log] file)"};
}

// Whether the file can be appended to, asked beforehand so that the sink's own opening succeeds.
Checked<void> check_appendable(const std::string& file) {
    errno = 0;
    const std::ofstream probe(file, std::ios::app);
    if (probe.is_open()) return {};
    return tl::unexpected(file_problem(file, errno));
}

// The same without making the file.
Checked<void> check_possible(const std::string& file) {
    struct stat status {};
    const bool there = stat(file.c_str(), &status) == 0;
    if (there && S_ISDIR(status.st_mode)) return tl::unexpected(file_problem(file, EISDIR));
    std::string asked = file;
    if (!there) {
        asked = std::filesystem::path(file).parent_path().string();
        if (asked.empty()) asked = ".";
    }
    const int mode = there ? W_OK : W_OK | X_OK;
    if (faccessat(AT_FDCWD, asked.c_str(), mode, AT_EACCESS) == 0) return {};
    return tl::unexpected(file_problem(file, errno));
}

spdlog::sink_ptr make_sink(const std::string& file) {
    if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

bool is_plain(char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

std::string log_text(std::string_view value) {
    const std::string_view shown = value.substr(0, kTextSizeMax);
    bool plain = !shown.empty() && shown.size() == value.size();
    for (const char c : shown) plain = plain && is_plain(c);
    if (plain) return std::string(shown);
    std::string text = "\"";
    for (const char c : shown) {
        if (is_plain(c) || c == ' ') {
            text += c;
        } else if (c == '"' || c == '\\') {
            text += {'\\', c};
        } else {
            fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    text += shown.size() < value.size() ? "...\"" : "\"";
    return text;
}

struct Log::Sink {
    std::shared_ptr<spdlog::sinks::dist_sink_mt> output =
        std::make_shared<spdlog::sinks::dist_sink_mt>();
    spdlog::logger logger{"idnoded", output};

    void set(const LogConfig& config) {
        output->set_sinks({make_sink(config.file)});
        output->set_formatter(std::make_unique<spdlog::pattern_formatter>(
            kLinePattern, spdlog::pattern_time_type::utc));
        logger.set_level(spdlog_level(config.level));
    }
};

Checked<Log> Log::open(const LogConfig& config) {
    Log log(std::make_unique<Sink>());
    log.sink_->logger.flush_on(spdlog::level::trace);
    if (auto opened = log.reopen(config); !opened) return tl::unexpected(std::move(opened.error()));
    return log;
}

Log::Log(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Checked<void> Log::check(const LogConfig& config) {
    if (config.file.empty()) return {};
    return check_possible(config.file);
}

Checked<void> Log::reopen(const LogConfig& config) {
    if (!config.file.empty()) {
        if (auto appendable = check_appendable(config.file); !appendable) return appendable;
    }
    sink_->set(config);
    return {};
}

bool Log::wants(LogLevel level) const { return sink_->logger.should_log(spdlog_level(level)); }

void Log::write_line(LogLevel level, std::string_view line) {
    sink_->logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

std::optional<std::uint64_t> Seldom::due(std::uint64_t now_ms) {
    if (now_ms < next_ms_) {
        ++held_back_;
        return std::nullopt;
    }
    next_ms_ = now_ms + interval_ms_;
    return std::exchange(held_back_, 0);
}

}  // namespace idnode::resolver
