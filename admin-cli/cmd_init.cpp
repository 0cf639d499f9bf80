// idnode init: makes an empty registry, or gives a closed one a larger map.
#include <filesystem>

#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/json_writer.h"

namespace idnode::cli {

namespace {

class InitCommand final : public Command {
public:
    InitCommand()
        : Command("init", "Make an empty registry, or enlarge a closed one's map",
                  "idnode init --registry ./registry") {}

    std::vector<Option> options() override {
        return where_.with(
            {{.names = "--map-size",
              .help =
                  "Address space for the file (default 512G); on a closed registry: its new size",
              .target = &map_size_,
              .value_name = "SIZE",
              .as_size = true},
             {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        const std::optional<std::string> path = where_.directory();
        if (!path) return ExitCode::kUsage;
        std::error_code error;
        const bool is_there = std::filesystem::exists(*path + "/data.mdb", error);
        return is_there && map_size_ != 0 ? enlarge(*path) : make(*path);
    }

private:
    ExitCode make(const std::string& path) {
        registry::InitOptions options;
        if (map_size_ != 0) options.map_size = map_size_;
        const auto made = registry::Registry::init(path, options);
        if (!made) return say(made.error()), init_failure(path);
        return report("made", path, options.map_size);
    }

    ExitCode enlarge(const std::string& path) {
        const Checked<Done> done = registry::Registry::set_map_size(path, map_size_);
        if (!done) return say(done.error()), init_failure(path);
        return report("map enlarged", path, map_size_);
    }

    ExitCode report(std::string_view what, const std::string& path, std::uint64_t map_size) const {
        std::string line;
        if (!json_) return print_line(fmt::format("registry {} in {}", what, path));
        JsonWriter json(line);
        json.begin_object()
            .key("registry")
            .string(path)
            .key("mapSize")
            .number(map_size)
            .end_object();
        return print_line(std::move(line));
    }

    RegistryOption where_;
    std::uint64_t map_size_ = 0;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_init_command() { return std::make_unique<InitCommand>(); }

}  // namespace idnode::cli
