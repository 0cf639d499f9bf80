#include "resolver/site_record.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "protocol/handle/record_json.h"
#include "protocol/handle/site.h"
#include "protocol/handle/typed_value.h"
#include "registry/whole_file.h"

namespace idnode::resolver {

namespace {

handle::SiteAddress site_address(const IpAddress& address) {
    handle::SiteAddress octets{};
    if (address.family == AddressFamily::kIpv6) return address.octets;
    std::copy_n(address.octets.begin(), 4, octets.begin() + 12);
    return octets;
}

// A host that clients are told, and where it answers.
struct Host {
    IpAddress address;
    std::vector<handle::SiteInterface> interfaces;  // TCP before UDP.
};

// The port of one transport at `host`; nothing when it is not to be had there.
std::optional<std::uint16_t> port_of(const Endpoint& host, bool is_public,
                                     const std::vector<Endpoint>& bound) {
    if (bound.empty()) return std::nullopt;
    if (is_public && host.port != 0) return host.port;
    const auto reaches = [&](const Endpoint& endpoint) {
        return endpoint.address == host.address ||
               (endpoint.address.is_wildcard() && endpoint.address.family == host.address.family);
    };
    const auto found = std::ranges::find_if(bound, reaches);
    if (found != bound.end()) return found->port;
    // A public address may be translated to one of this machine's.
    return is_public ? std::optional(bound.front().port) : std::nullopt;
}

Host host_of(const Endpoint& endpoint, bool is_public, const ListenConfig& bound) {
    Host host{endpoint.address, {}};
    const auto add = [&](std::uint8_t protocol, const std::vector<Endpoint>& endpoints) {
        const std::optional<std::uint16_t> port = port_of(endpoint, is_public, endpoints);
        if (port) host.interfaces.push_back({handle::kInterfaceQuery, protocol, *port});
    };
    add(handle::kProtocolTcp, bound.tcp);
    add(handle::kProtocolUdp, bound.udp);
    return host;
}

// The hosts that clients are told: the public addresses, else those listened on, each once.
std::vector<Host> hosts_of(const SiteConfig& config, const ListenConfig& bound) {
    const bool is_public = !config.public_addresses.empty();
    std::vector<Endpoint> endpoints = config.public_addresses;
    if (!is_public) {
        endpoints = bound.tcp;
        endpoints.insert(endpoints.end(), bound.udp.begin(), bound.udp.end());
    }
    std::vector<Host> hosts;
    for (const Endpoint& endpoint : endpoints) {
        if (endpoint.address.is_wildcard()) continue;
        const Host host = host_of(endpoint, is_public, bound);
        const auto is_same = [&](const Host& known) {
            return known.address == host.address && known.interfaces == host.interfaces;
        };
        if (std::ranges::none_of(hosts, is_same)) hosts.push_back(host);
    }
    return hosts;
}

Problem ports_problem(const Host& first, const Host& other) {
    return {{},
            0,
            0,
            fmt::format("[site] public: {} has other ports than {}: a site record holds those of "
                        "its first address only",
                        other.address.to_string(), first.address.to_string()),
            "give all public addresses the same port, or give [site] record a file"};
}

// The further addresses, which have no ports of their own: those that answer where the first does.
std::string alternatives(std::span<const Host> hosts) {
    std::string text;
    for (const Host& host : hosts.subspan(1)) {
        if (host.interfaces != hosts.front().interfaces) continue;
        if (!text.empty()) text += ',';
        text += host.address.to_string();
    }
    return text;
}

Checked<SiteRecord> from_addresses(const SiteConfig& config, const ListenConfig& bound) {
    const std::vector<Host> hosts = hosts_of(config, bound);
    if (hosts.empty()) {
        return tl::unexpected(Problem{{},
                                      0,
                                      0,
                                      "no address to tell clients: only wildcards are listened on",
                                      "set [site] public"});
    }
    const Host& first = hosts.front();
    const auto differs = [&](const Host& host) { return host.interfaces != first.interfaces; };
    const auto other = std::ranges::find_if(hosts, differs);
    if (!config.public_addresses.empty() && other != hosts.end()) {
        return tl::unexpected(ports_problem(first, *other));
    }
    handle::Site site;
    site.serial_number = config.serial;
    site.flags = config.primary ? handle::kSitePrimary : std::uint8_t{0};
    if (!config.description.empty()) site.attributes.push_back({"desc", config.description});
    if (std::string further = alternatives(hosts); !further.empty()) {
        site.attributes.push_back({"alt_addr", std::move(further)});
    }
    handle::SiteServer server;
    server.address = site_address(first.address);
    server.interfaces = first.interfaces;
    site.servers.push_back(std::move(server));
    SiteRecord record{std::string(handle::encoded_size(site), '\0'), config.serial, config.primary};
    Writer out({reinterpret_cast<std::uint8_t*>(record.octets.data()), record.octets.size()});
    handle::encode_site(out, site);
    return record;
}

Problem file_problem(const std::string& file, std::string text) {
    return {file, 0, 0, std::move(text),
            "give [site] record a file of Handle JSON with one HS_SITE value"};
}

Checked<SiteRecord> from_file(const std::string& path) {
    const Result<std::string> text = registry::read_whole_file(path);
    if (!text) {
        return tl::unexpected(file_problem(
            path, fmt::format("cannot be read: {}", std::strerror(text.error().code))));
    }
    handle::RecordParser parser;
    const Checked<handle::ParsedRecord> parsed = parser.parse(*text, 0);
    if (!parsed) return tl::unexpected(file_problem(path, parsed.error().text));
    for (const handle::ValueView& value : parsed->record.values) {
        if (handle::data_form_of(value.type) != handle::DataForm::kSite) continue;
        const Result<handle::Site> site = handle::decode_site(value.data);
        if (!site) return tl::unexpected(file_problem(path, "its HS_SITE value cannot be decoded"));
        return SiteRecord{std::string(to_text(value.data)), site->serial_number,
                          (site->flags & handle::kSitePrimary) != 0};
    }
    return tl::unexpected(file_problem(path, "holds no HS_SITE value"));
}

}  // namespace

Checked<SiteRecord> make_site_record(const SiteConfig& config, const ListenConfig& bound) {
    return config.record_file.empty() ? from_addresses(config, bound)
                                      : from_file(config.record_file);
}

}  // namespace idnode::resolver
