#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "registry/closest_name.h"
#include "resolver/config.h"
#include "resolver/config_section.h"

namespace idnode::resolver {

namespace {

constexpr std::uint32_t kWorkersMax = 256;
constexpr std::uint32_t kUdpAnswerMin = 492;
// UDP's own bound, less room for the envelopes.
constexpr std::uint32_t kUdpAnswerMax = 61'440;
constexpr std::uint32_t kBufferSizeMax = 1'073'741'824;
constexpr std::uint32_t kTimeoutMinMs = 1;
constexpr std::uint32_t kTimeoutMaxMs = 86'400'000;
constexpr std::uint32_t kConnectionsMax = 1'000'000;
constexpr std::uint32_t kUnsentMin = 65'536;
constexpr std::uint32_t kUnsentMax = 67'108'864;
constexpr std::uint32_t kHeldMin = 1'048'576;

constexpr std::array<std::string_view, 5> kSections{"registry", "listen", "server", "site", "log"};
// In the order of LogLevel.
constexpr std::array<std::string_view, 4> kLevels{"error", "warning", "info", "debug"};

void read_registry(const toml::table& root, ConfigSource& source, RegistryConfig& out) {
    ConfigSection section(root, "registry", source);
    section.text("path", out.path);
    section.number("checksum_sample", out.checksum_sample, 0);
    section.flag("index_check", out.index_check);
    section.finish();
}

void read_server(const toml::table& root, ConfigSource& source, ServerConfig& out) {
    ConfigSection section(root, "server", source);
    section.number("workers", out.workers, 0, kWorkersMax);
    section.number("udp_answer_max", out.udp_answer_max, kUdpAnswerMin, kUdpAnswerMax);
    section.number("udp_buffer_size", out.udp_buffer_size, 0, kBufferSizeMax);
    section.number("drain_timeout_ms", out.drain_timeout_ms, 0, kTimeoutMaxMs);
    TcpLimits& tcp = out.tcp;
    section.number("tcp_idle_timeout_ms", tcp.idle_timeout_ms, kTimeoutMinMs, kTimeoutMaxMs);
    section.number("tcp_header_timeout_ms", tcp.header_timeout_ms, kTimeoutMinMs, kTimeoutMaxMs);
    section.number("tcp_progress_timeout_ms", tcp.progress_timeout_ms, kTimeoutMinMs,
                   kTimeoutMaxMs);
    section.number("tcp_connections_max", tcp.connections_max, 1, kConnectionsMax);
    section.number("tcp_connections_per_address_max", tcp.connections_per_address_max, 1,
                   kConnectionsMax);
    section.number("tcp_unsent_size_max", tcp.unsent_size_max, kUnsentMin, kUnsentMax);
    section.number("tcp_held_size_max", tcp.held_size_max, kHeldMin);
    section.finish();
}

void read_site(const toml::table& root, ConfigSource& source, SiteConfig& out) {
    ConfigSection section(root, "site", source);
    section.number("serial", out.serial, 1, 65'534);
    section.flag("primary", out.primary);
    section.endpoints("public", PortRule::kOptional, out.public_addresses);
    section.text("description", out.description);
    section.text("record", out.record_file);
    for (std::size_t i = 0; i < out.public_addresses.size(); ++i) {
        if (!out.public_addresses[i].address.is_wildcard()) continue;
        source.refuse(section.place_of("public", i), "site.public: a wildcard cannot be reached",
                      "write the address that clients connect to");
    }
    section.finish();
}

void read_log(const toml::table& root, ConfigSource& source, LogConfig& out) {
    ConfigSection section(root, "log", source);
    if (const auto level = section.choice("level", kLevels)) {
        out.level = static_cast<LogLevel>(*level);
    }
    section.text("file", out.file);
    section.finish();
}

// Nobody can be told to connect to a wildcard: the site record needs an address.
void check_wildcards(const ConfigSection& section, ConfigSource& source, std::string_view key,
                     const std::vector<Endpoint>& endpoints) {
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        if (!endpoints[i].address.is_wildcard()) continue;
        source.refuse(section.place_of(key, i),
                      fmt::format("listen.{}: \"{}\" is a wildcard, and no public address is known "
                                  "for the site record",
                                  key, endpoints[i].to_string()),
                      "add public = [\"ADDRESS\"] to [site], or a record file, or listen on the "
                      "address itself");
    }
}

void read_listen(const toml::table& root, ConfigSource& source, Config& config) {
    ConfigSection section(root, "listen", source);
    section.endpoints("udp", PortRule::kRequired, config.listen.udp);
    section.endpoints("tcp", PortRule::kRequired, config.listen.tcp);
    section.finish();
    if (config.listen.udp.empty() && config.listen.tcp.empty()) {
        source.refuse(section.place_of("udp", 0), "listen: there is no address to listen on",
                      "add one to udp or tcp");
    }
    if (!config.site.public_addresses.empty() || !config.site.record_file.empty()) return;
    check_wildcards(section, source, "udp", config.listen.udp);
    check_wildcards(section, source, "tcp", config.listen.tcp);
}

void refuse_unknown_sections(const toml::table& root, ConfigSource& source) {
    for (const auto& [key, node] : root) {
        if (std::find(kSections.begin(), kSections.end(), key.str()) != kSections.end()) continue;
        const std::string_view closest = registry::closest_name(key.str(), kSections);
        source.refuse(key.source(), fmt::format("unknown section or key \"{}\"", key.str()),
                      closest.empty()
                          ? "remove it; there are [registry], [listen], [server], [site], [log]"
                          : fmt::format("did you mean [{}]?", closest));
    }
}

}  // namespace

Checked<Config> parse_config(std::string_view text, const std::string& name) {
    const toml::parse_result parsed = toml::parse(text, name);
    ConfigSource source{name, std::nullopt};
    if (!parsed) {
        source.refuse(parsed.error().source(), std::string(parsed.error().description()),
                      "correct the line; the file is TOML");
        return tl::unexpected(std::move(*source.problem));
    }
    const toml::table& root = parsed.table();
    Config config = default_config();
    refuse_unknown_sections(root, source);
    read_registry(root, source, config.registry);
    read_server(root, source, config.server);
    read_site(root, source, config.site);
    read_log(root, source, config.log);
    read_listen(root, source, config);
    if (source.problem) return tl::unexpected(std::move(*source.problem));
    return config;
}

Checked<Config> load_config(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file.is_open() && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
    if (!file.is_open() || file.bad() || errno != 0) {
        return tl::unexpected(Problem{
            path, 0, 0, fmt::format("the configuration cannot be read: {}", std::strerror(errno)),
            "name the file with --config FILE; deploy/idnoded.toml is a sample"});
    }
    return parse_config(text.str(), path);
}

}  // namespace idnode::resolver
