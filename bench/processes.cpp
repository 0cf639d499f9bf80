#include "bench/processes.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

namespace idnode::bench {
namespace {

Problem problem(std::string text, std::string remedy = {}) {
    return {
        .file = {}, .line = 0, .column = 0, .text = std::move(text), .remedy = std::move(remedy)};
}

bool pin_thread(pid_t thread, int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    return ::sched_setaffinity(thread, sizeof(set), &set) == 0;
}

// In the child: what both kinds of child need.
void settle(int core) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (core >= 0) static_cast<void>(pin_thread(0, core));
}

}  // namespace

Checked<Process> Process::fork_with(int core, const std::function<void()>& work) {
    const pid_t pid = ::fork();
    if (pid < 0) return tl::unexpected(problem(fmt::format("fork: {}", std::strerror(errno))));
    if (pid > 0) return Process(pid);
    settle(core);
    work();
    ::_exit(1);
}

Checked<Process> Process::start(const std::vector<std::string>& words, int core,
                                const std::string& log) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return fork_with(core, [&] {
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (out >= 0) ::dup2(out, STDERR_FILENO);
        ::execv(arguments[0], arguments.data());
        ::dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], std::strerror(errno));
    });
}

bool Process::runs() {
    if (pid_ == 0) return false;
    if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
    pid_ = 0;
    return false;
}

void Process::stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    pid_ = 0;
}

Checked<std::string> log_with(Process& process, const std::string& log, std::string_view mark,
                              int seconds) {
    constexpr auto kPause = std::chrono::milliseconds(50);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::string text;
    do {
        const bool runs = process.runs();  // Asked first: what it said at its end is read.
        std::ifstream in(log);
        text.assign(std::istreambuf_iterator<char>(in), {});
        const std::size_t at = text.find(mark);
        if (runs && at != std::string::npos && text.find('\n', at) != std::string::npos) {
            return text;
        }
        if (!runs) break;
        std::this_thread::sleep_for(kPause);
    } while (std::chrono::steady_clock::now() < end);
    return tl::unexpected(problem(fmt::format("a server does not serve; it says:\n{}", text)));
}

Checked<double> cpu_seconds(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(in, line);
    // The name in parentheses may hold anything; 11 fields lie between it and user time.
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) {
        return tl::unexpected(problem(fmt::format("process {} is not there", pid)));
    }
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

bool pin_to(pid_t pid, int core) {
    if (pid == 0) return pin_thread(0, core);
    std::error_code error;
    bool all = true;
    const std::filesystem::path tasks = fmt::format("/proc/{}/task", pid);
    for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
        all =
            pin_thread(static_cast<pid_t>(std::atoi(task.path().filename().c_str())), core) && all;
    }
    return all && !error;
}

}  // namespace idnode::bench
