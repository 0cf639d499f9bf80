#include "bench/node_under_test.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/rows.h"
#include "bench/sockets.h"

namespace idnode::bench {
namespace {

constexpr int kReadySeconds = 30;

tl::unexpected<Problem> problem(std::string text, std::string remedy = {}) {
    return tl::unexpected(Problem{
        .file = {}, .line = 0, .column = 0, .text = std::move(text), .remedy = std::move(remedy)});
}

bool ends_well(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Runs a program with `input` (a descriptor, or below 0 for none) as its standard input.
pid_t spawn(const std::vector<std::string>& words, int input) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    if (input >= 0) ::dup2(input, STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], std::strerror(errno));
    _exit(127);
}

std::uint16_t port_behind(const std::string& log, const std::string& mark) {
    const std::size_t at = log.find(mark);
    return at == std::string::npos
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(std::atoi(log.c_str() + at + mark.size()));
}

std::string write_config(const NodePaths& paths) {
    std::string path = paths.work + "/idnoded.toml";
    std::ofstream(path) << fmt::format(
        "[registry]\npath = \"{}\"\n\n[listen]\nudp = [\"127.0.0.1:0\"]\ntcp = "
        "[\"127.0.0.1:0\"]\n\n"
        "[server]\nworkers = 1\n",
        paths.registry);
    return path;
}

std::string beside_us(const char* path) {
    std::error_code error;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    return (here.parent_path() / path).string();
}

}  // namespace

NodePaths programs_beside_us() {
    NodePaths paths;
    paths.idnode = beside_us("admin-cli/idnode");
    paths.idnoded = beside_us("resolver/idnoded");
    return paths;
}

Checked<void> make_registry(const NodePaths& paths, const std::string& directory, const Mix& mix) {
    if (!ends_well(spawn({paths.idnode, "init", "--registry", directory}, -1))) {
        return problem("idnode init failed", "look at its message above");
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return problem(fmt::format("pipe: {}", std::strerror(errno)));
    std::vector<std::string> words = {paths.idnode, "import",   "-",
                                      "--registry", directory,  "--format",
                                      "csv",        "--sorted", "--add-prefixes"};
    const Layout layout = layout_of(mix.options().kind);
    for (std::string& word : map_arguments(layout)) words.push_back(std::move(word));
    std::signal(SIGPIPE, SIG_IGN);
    const pid_t pid = spawn(words, ends[0]);
    ::close(ends[0]);
    bool written = false;
    {
        const Descriptor out(ends[1]);  // Closed before waiting: the import ends with its input.
        const auto sink = [&](std::string_view piece) { return write_all(out.get(), piece); };
        written =
            sink(csv_header(layout)) && write_rows(mix, RowFormat::kCsv, 0, mix.count(), sink);
    }
    if (!ends_well(pid) || !written) {
        return problem("idnode import failed", "look at its message above");
    }
    return {};
}

Checked<RunningNode> start_node(const NodePaths& paths, int core) {
    const std::string log_path = paths.work + "/idnoded.log";
    auto process = Process::start({paths.idnoded, "--config", write_config(paths)}, core, log_path);
    if (!process) return tl::unexpected(process.error());
    const auto log = log_with(*process, log_path, "ready workers=", kReadySeconds);
    if (!log) return tl::unexpected(log.error());
    const Target target{.udp_port = port_behind(*log, "transport=udp address=127.0.0.1:"),
                        .tcp_port = port_behind(*log, "transport=tcp address=127.0.0.1:"),
                        .expect = Expect::kRecords};
    return RunningNode{.process = std::move(*process), .target = target};
}

Checked<WorkDirectory> WorkDirectory::make() {
    std::error_code error;
    std::string path =
        std::filesystem::temp_directory_path(error).string() + "/idnode-bench-XXXXXX";
    if (error || ::mkdtemp(path.data()) == nullptr) {
        return problem(fmt::format("cannot make {}: {}", path, std::strerror(errno)),
                       "set TMPDIR to a directory with room");
    }
    return WorkDirectory(std::move(path));
}

WorkDirectory::~WorkDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace idnode::bench
