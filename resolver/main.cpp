// idnoded: answers identifier lookups from a registry.
//
//     idnoded --config FILE [--check]      idnoded --version      idnoded --help
//
// Ends with 0 after SIGTERM, 1 when it cannot listen, 2 for a wrong command line or configuration,
// 3 when the registry cannot be opened or standard output cannot be written.
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "protocol/core/version.h"
#include "registry/block_indexes.h"
#include "registry/registry.h"
#include "registry/standard_descriptors.h"
#include "resolver/command_line.h"
#include "resolver/config.h"
#include "resolver/handle_service.h"
#include "resolver/log.h"
#include "resolver/node.h"
#include "resolver/registry_watch.h"
#include "resolver/site_record.h"

namespace {

using namespace idnode;
using namespace idnode::resolver;

int report(const Problem& problem, int exit_code) {
    std::fprintf(stderr, "idnoded: %s\n", problem.to_string().c_str());
    return exit_code;
}

// To standard output, all of it; the exit code.
int print(const std::string& text) {
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return kExitDone;
    return std::fputs("idnoded: cannot write to standard output\n", stderr), kExitCannotPrint;
}

// The configuration, and the site record as far as it can be made before the ports are known.
Checked<Config> load(const std::string& path) {
    auto config = load_config(path);
    if (!config) return config;
    if (auto site = make_site_record(config->site, config->listen); !site) {
        if (site.error().file.empty()) site.error().file = path;
        return tl::unexpected(std::move(site.error()));
    }
    return config;
}

ServiceFactory service_factory(registry::Registry& registry) {
    return [&registry](const ServiceParts& parts) -> Checked<std::unique_ptr<Service>> {
        const ListenConfig bound{parts.udp, parts.tcp};
        auto site = make_site_record(parts.config.site, bound);
        if (!site) return tl::unexpected(std::move(site.error()));
        return std::make_unique<HandleService>(
            HandleService::Parts{registry, parts.stats, parts.log}, std::move(*site), bound);
    };
}

int serve(const std::string& path) {
    const auto config = load(path);
    if (!config) return report(config.error(), kExitUsage);
    auto log = Log::open(config->log);
    if (!log) return report(log.error(), kExitUsage);
    registry::OpenOptions options;
    options.checksum_sample = config->registry.checksum_sample;
    options.index_check = config->registry.index_check;
    auto registry =
        registry::Registry::open(config->registry.path, registry::Access::kRead, options);
    if (!registry) return report(registry.error(), kExitRegistry);
    const registry::BlockIndexKeeper index_keeper(**registry);
    RegistryWatch watch(**registry, *log);
    auto node = Node::start(
        *config, {*log, service_factory(**registry), [&] { return load(path); },
                  [&](std::uint64_t now_ms) { watch.tick(now_ms); }, RegistryWatch::kIntervalMs});
    if (!node) return report(node.error(), kExitCannotListen);
    (*node)->run();
    return kExitDone;
}

// What serve() opens before it listens, in its order, without leaving a trace.
int check(const std::string& path) {
    const auto config = load(path);
    if (!config) return report(config.error(), kExitUsage);
    if (const auto log = Log::check(config->log); !log) return report(log.error(), kExitUsage);
    if (const auto registry = registry::Registry::check(config->registry.path); !registry) {
        return report(registry.error(), kExitRegistry);
    }
    return print(path + ": no faults found\n");
}

int run(int argc, char** argv) {
    const auto command = parse_command_line({argv + 1, static_cast<std::size_t>(argc - 1)});
    if (!command) return report(command.error(), kExitUsage);
    switch (command->action) {
        case Action::kHelp:
            return print(kHelpText);
        case Action::kVersion:
            return print(std::string("idnoded ") + kVersion + "\n");
        case Action::kCheck:
            return check(command->config_path);
        case Action::kServe:
            return serve(command->config_path);
    }
    return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
    if (!registry::open_standard_descriptors()) return kExitRegistry;
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "idnoded: %s\n", error.what());
        return kExitRegistry;
    }
}
