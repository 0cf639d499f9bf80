// The node to be measured: a registry with a generated set, made by `idnode import`, and an
// `idnoded` with one worker that serves it on loopback.
#pragma once

#include <string>

#include "bench/load.h"
#include "bench/mixes.h"
#include "bench/processes.h"
#include "protocol/core/problem.h"

namespace idnode::bench {

struct NodePaths {
    std::string idnode;
    std::string idnoded;
    std::string registry;  // Empty: one is made in `work`.
    std::string work;      // An existing directory for configuration, log, and what is made.
};

// idnode and idnoded of the build tree that the program itself lies in.
NodePaths programs_beside_us();

// Makes `directory` a registry that holds the set. Takes about a second per million.
Checked<void> make_registry(const NodePaths& paths, const std::string& directory, const Mix& mix);

struct RunningNode {
    Process process;
    Target target;
};

// Starts idnoded on ports that the system chooses and waits until it serves, at most 30 s.
Checked<RunningNode> start_node(const NodePaths& paths, int core);

// A directory of its own under the system's temporary directory; removed with all in it.
class WorkDirectory {
public:
    static Checked<WorkDirectory> make();
    WorkDirectory(WorkDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    WorkDirectory& operator=(WorkDirectory&&) = delete;
    WorkDirectory(const WorkDirectory&) = delete;
    WorkDirectory& operator=(const WorkDirectory&) = delete;
    ~WorkDirectory();

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    explicit WorkDirectory(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace idnode::bench
