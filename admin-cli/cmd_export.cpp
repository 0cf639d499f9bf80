// idnode export: all records, or those of one prefix, as JSON lines that import reads.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "admin-cli/background_option.h"
#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/record_output.h"
#include "admin-cli/registry_option.h"
#include "registry/export.h"
#include "registry/walk.h"

namespace idnode::cli {

namespace {

Problem write_problem(const std::string& name, int code) {
    if (code == EPIPE) return {name, 0, 0, "its reader has gone; the export is not whole", {}};
    return {name, 0, 0, fmt::format("cannot be written: {}", std::strerror(code)),
            "make room there, or write elsewhere"};
}

// Writes lines to a descriptor that the caller owns.
class LineOutput final : public registry::ExportSink {
public:
    LineOutput(int descriptor, std::string name, std::uint64_t total, bool json)
        : descriptor_(descriptor),
          name_(std::move(name)),
          total_(total),
          progress_("exporting", "records", json) {}

    Checked<Done> on_lines(std::string_view lines, const registry::ExportCounts& so_far) override {
        while (!lines.empty()) {
            const ssize_t written = write(descriptor_, lines.data(), lines.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return fail(errno);
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
        progress_.update(so_far.records, so_far.records, total_);
        return Done{};
    }

    void on_damage(const registry::KeyRange& place, const Error& error) override {
        say(damage_text(place, error));
    }

    // Something could not be written.
    [[nodiscard]] bool failed() const { return failed_; }

private:
    tl::unexpected<Problem> fail(int code) {
        failed_ = true;
        return tl::unexpected(write_problem(name_, code));
    }

    int descriptor_;
    std::string name_;
    bool failed_ = false;
    std::uint64_t total_;
    Progress progress_;
};

class ExportCommand final : public Command {
public:
    ExportCommand()
        : Command("export", "Write records as JSON lines, as import reads them",
                  "idnode export --prefix 88.118.8 --output 88.118.8.jsonl") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "--prefix",
                             .help = "Only this prefix (default: all)",
                             .target = &prefix_,
                             .value_name = "PREFIX"},
                            {.names = "--output",
                             .help = "A new file (default: standard output)",
                             .target = &output_,
                             .value_name = "FILE"},
                            background_.option(),
                            {.names = "--json",
                             .help = "Progress as JSON events on standard error",
                             .target = &json_}});
    }

    // With --json too: records.
    [[nodiscard]] bool output_is_data() const override { return true; }

    ExitCode run() override {
        background_.take_effect();
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        if (!prefix_.empty()) {
            const auto found = registry::find_prefix(*registry, prefix_);
            if (!found) return say_trouble(*registry, found.error());
            if (!*found)
                return say(fmt::format("prefix {}: not found", prefix_)), ExitCode::kNegative;
        }
        if (output_.empty()) return told(write_to(*registry, STDOUT_FILENO, "standard output"));
        const int file = open(output_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0) {
            const char* const remedy = errno == EEXIST
                                           ? "name a file that is not there yet"
                                           : "name a file in a directory where this user may write";
            say(Problem{output_, 0, 0, std::strerror(errno), remedy});
            return ExitCode::kUsage;
        }
        auto code = write_to(*registry, file, output_);
        if (code && fsync(file) != 0) code = tl::unexpected(write_problem(output_, errno));
        if (close(file) != 0 && code) code = tl::unexpected(write_problem(output_, errno));
        // It would stand in the way of the next try.
        if (!code) unlink(output_.c_str());
        return told(code);
    }

private:
    static ExitCode told(const Checked<ExitCode>& code) {
        return code ? *code : (say(code.error()), ExitCode::kRegistry);
    }

    // A problem: not everything could be written.
    Checked<ExitCode> write_to(registry::Registry& registry, int descriptor,
                               const std::string& name) {
        const Result<registry::RegistryInfo> info = registry.info();
        const std::uint64_t total = info && prefix_.empty() ? info->identifiers : 0;
        Checked<registry::ExportCounts> counts = registry::ExportCounts{};
        bool is_written = false;
        {
            LineOutput output(descriptor, name, total, json_);
            counts = registry::export_records(registry, prefix_, output);
            is_written = !output.failed();
        }
        if (!counts && !is_written) return tl::unexpected(counts.error());
        // Where the registry cannot be read on, what came before is kept: it may be all there is.
        if (!counts) return say(counts.error()), ExitCode::kRegistry;
        say(fmt::format("{} records exported", counts->records));
        if (counts->damaged == 0) return ExitCode::kDone;
        say(fmt::format("{} damaged blocks or records left out; \"idnode verify\" names them",
                        counts->damaged));
        return ExitCode::kRegistry;
    }

    RegistryOption where_;
    BackgroundOption background_;
    std::string prefix_;
    std::string output_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace idnode::cli
