// The configuration of a node: TOML sections [registry], [listen], [server], [site], [log], each
// key with its default (deploy/idnoded.toml describes all of them).
//
// A value: parsed once, compared and copied freely, immutable while workers use it. Unknown keys,
// wrong types, values out of bounds and contradictions are Problems with file, line, column and
// remedy. Paths are used as written: relative ones start at the working directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/problem.h"
#include "resolver/address.h"
#include "resolver/log_level.h"

namespace idnode::resolver {

struct RegistryConfig {
    std::string path = "/var/lib/idnode";
    // Of how many found lookups one has the checksum of its block verified; 0: none.
    std::uint32_t checksum_sample = 256;
    bool index_check = false;  // Compare each block found by the index with LMDB's own answer.

    friend bool operator==(const RegistryConfig&, const RegistryConfig&) = default;
};

struct ListenConfig {
    std::vector<Endpoint> udp;
    std::vector<Endpoint> tcp;

    friend bool operator==(const ListenConfig&, const ListenConfig&) = default;
};

// Bounds of the connections of a node. Times in milliseconds, sizes in octets.
struct TcpLimits {
    std::uint32_t idle_timeout_ms = 300'000;     // Nothing begun, nothing owed.
    std::uint32_t header_timeout_ms = 5'000;     // From a message's first octet to its 44th.
    std::uint32_t progress_timeout_ms = 30'000;  // A message begun; an answer not fetched.
    std::uint32_t connections_max = 10'000;
    std::uint32_t connections_per_address_max = 1'000;  // IPv6: per /64.
    // Unfinished messages and unsent answers of all connections of a worker.
    std::uint32_t held_size_max = 67'108'864;
    std::uint32_t unsent_size_max = 1'048'576;  // Per connection; no more is answered or read.

    friend bool operator==(const TcpLimits&, const TcpLimits&) = default;
};

struct ServerConfig {
    std::uint32_t workers = 0;                  // 0: one per core.
    std::uint32_t udp_answer_max = 16'384;      // A longer answer is refused: `use TCP`.
    std::uint32_t udp_buffer_size = 4'194'304;  // Asked of the kernel, which may give less.
    std::uint32_t drain_timeout_ms = 5'000;     // For answers still unsent at SIGTERM.
    TcpLimits tcp;

    friend bool operator==(const ServerConfig&, const ServerConfig&) = default;
};

struct SiteConfig {
    std::uint16_t serial = 1;
    bool primary = true;
    std::vector<Endpoint> public_addresses;  // Port 0: the one listened on.
    std::string description;
    std::string record_file;  // Handle JSON, served as it is instead of all above.

    friend bool operator==(const SiteConfig&, const SiteConfig&) = default;
};

struct LogConfig {
    LogLevel level = LogLevel::kInfo;
    std::string file;  // Empty: standard error.

    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

struct Config {
    RegistryConfig registry;
    ListenConfig listen;
    ServerConfig server;
    SiteConfig site;
    LogConfig log;

    friend bool operator==(const Config&, const Config&) = default;
};

// What a file without any key means: as the members say, listening on loopback port 2641.
Config default_config();

// Reads and checks. Fails with the first problem found in the order of the file's sections.
Checked<Config> load_config(const std::string& path);
// The same of a text; `name` stands for the file in problems.
Checked<Config> parse_config(std::string_view text, const std::string& name);

struct Reloaded {
    Config config;  // What runs now: the fresh values where they may change at run time.
    std::vector<std::string_view> needs_restart;  // Keys that differ but keep their old value.
};
// `fresh` over `running`: [site], [log], the TCP limits and drain_timeout_ms change at run time.
Reloaded reload_config(const Config& running, const Config& fresh);

}  // namespace idnode::resolver
