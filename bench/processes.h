// Child processes for measurements: started on a core of their own, ended with their owner, their
// processor time read from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/core/problem.h"

namespace idnode::bench {

// Ends with SIGTERM and is waited for when its owner goes; with SIGKILL when this process dies.
class Process {
public:
    Process() = default;
    explicit Process(pid_t pid) : pid_(pid) {}
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
    Process& operator=(Process&& other) noexcept {
        std::swap(pid_, other.pid_);
        return *this;
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { stop(); }

    // A copy of this process that runs `work`, which must not come back. `core`: below 0 for any.
    static Checked<Process> fork_with(int core, const std::function<void()>& work);
    // A program with its arguments (the first is its path); its standard error goes to `log`.
    static Checked<Process> start(const std::vector<std::string>& words, int core,
                                  const std::string& log);

    [[nodiscard]] pid_t pid() const { return pid_; }
    // True until the process has ended by itself.
    [[nodiscard]] bool runs();
    void stop();

private:
    pid_t pid_ = 0;
};

// Waits until `log` of a process holds a whole line with `mark`; gives the log. Fails when the
// process ends or `seconds` have passed.
Checked<std::string> log_with(Process& process, const std::string& log, std::string_view mark,
                              int seconds);

// User and system time of all threads of a process so far, in seconds (resolution 10 ms).
Checked<double> cpu_seconds(pid_t pid);

// Ties a process with all its threads to one core; pid 0: this one.
bool pin_to(pid_t pid, int core);

}  // namespace idnode::bench
