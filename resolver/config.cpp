#include "resolver/config.h"

namespace idnode::resolver {

namespace {

constexpr std::uint16_t kHandlePort = 2641;

std::vector<Endpoint> loopback_endpoints() {
    return {*parse_endpoint("127.0.0.1:" + std::to_string(kHandlePort)),
            *parse_endpoint("[::1]:" + std::to_string(kHandlePort))};
}

// Remembers the key when the fresh value differs, and goes on with the running one.
template <class T>
void keep_running(T& fresh, const T& running, std::string_view key,
                  std::vector<std::string_view>& needs_restart) {
    if (fresh == running) return;
    fresh = running;
    needs_restart.push_back(key);
}

}  // namespace

Config default_config() {
    Config config;
    config.listen.udp = loopback_endpoints();
    config.listen.tcp = loopback_endpoints();
    return config;
}

Reloaded reload_config(const Config& running, const Config& fresh) {
    Reloaded reloaded{fresh, {}};
    Config& config = reloaded.config;
    auto& keys = reloaded.needs_restart;
    keep_running(config.registry.path, running.registry.path, "registry.path", keys);
    keep_running(config.registry.checksum_sample, running.registry.checksum_sample,
                 "registry.checksum_sample", keys);
    keep_running(config.registry.index_check, running.registry.index_check, "registry.index_check",
                 keys);
    keep_running(config.listen.udp, running.listen.udp, "listen.udp", keys);
    keep_running(config.listen.tcp, running.listen.tcp, "listen.tcp", keys);
    keep_running(config.server.workers, running.server.workers, "server.workers", keys);
    keep_running(config.server.udp_answer_max, running.server.udp_answer_max,
                 "server.udp_answer_max", keys);
    keep_running(config.server.udp_buffer_size, running.server.udp_buffer_size,
                 "server.udp_buffer_size", keys);
    return reloaded;
}

}  // namespace idnode::resolver
