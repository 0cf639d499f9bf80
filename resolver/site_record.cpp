#include "resolver/site_record.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "protocol/handle/record_json.h"
#include "protocol/handle/site.h"
#include "protocol/handle/typed_value.h"

namespace idnode::resolver {

namespace {

handle::SiteAddress site_address(const IpAddress& address) {
    handle::SiteAddress octets{};
    if (address.family == AddressFamily::kIpv6) return address.octets;
    std::copy_n(address.octets.begin(), 4, octets.begin() + 12);
    return octets;
}

// The hosts that clients are told: the public addresses, else those listened on, each once.
std::vector<IpAddress> hosts_of(const SiteConfig& config, const ListenConfig& bound) {
    std::vector<Endpoint> endpoints = config.public_addresses;
    if (endpoints.empty()) {
        endpoints = bound.tcp;
        endpoints.insert(endpoints.end(), bound.udp.begin(), bound.udp.end());
    }
    std::vector<IpAddress> hosts;
    for (const Endpoint& endpoint : endpoints) {
        const bool known = std::ranges::find(hosts, endpoint.address) != hosts.end();
        if (!known && !endpoint.address.is_wildcard()) hosts.push_back(endpoint.address);
    }
    return hosts;
}

// The port that clients are told for a transport; nothing when it is not listened on.
std::optional<std::uint16_t> port_of(const SiteConfig& config, const std::vector<Endpoint>& bound) {
    if (bound.empty()) return std::nullopt;
    if (!config.public_addresses.empty() && config.public_addresses.front().port != 0) {
        return config.public_addresses.front().port;
    }
    return bound.front().port;
}

handle::SiteServer server_of(const SiteConfig& config, const ListenConfig& bound,
                             const IpAddress& host) {
    handle::SiteServer server;
    server.address = site_address(host);
    const auto add = [&](std::uint8_t protocol, const std::vector<Endpoint>& endpoints) {
        const std::optional<std::uint16_t> port = port_of(config, endpoints);
        if (port) server.interfaces.push_back({handle::kInterfaceQuery, protocol, *port});
    };
    add(handle::kProtocolTcp, bound.tcp);
    add(handle::kProtocolUdp, bound.udp);
    return server;
}

std::string joined(std::span<const IpAddress> hosts) {
    std::string text;
    for (const IpAddress& host : hosts) {
        if (!text.empty()) text += ',';
        text += host.to_string();
    }
    return text;
}

Checked<SiteRecord> from_addresses(const SiteConfig& config, const ListenConfig& bound) {
    const std::vector<IpAddress> hosts = hosts_of(config, bound);
    if (hosts.empty()) {
        return tl::unexpected(Problem{{},
                                      0,
                                      0,
                                      "no address to tell clients: only wildcards are listened on",
                                      "set [site] public"});
    }
    handle::Site site;
    site.serial_number = config.serial;
    site.flags = config.primary ? handle::kSitePrimary : std::uint8_t{0};
    if (!config.description.empty()) site.attributes.push_back({"desc", config.description});
    if (hosts.size() > 1) {
        site.attributes.push_back({"alt_addr", joined(std::span(hosts).subspan(1))});
    }
    site.servers.push_back(server_of(config, bound, hosts.front()));
    SiteRecord record{std::string(handle::encoded_size(site), '\0'), config.serial, config.primary};
    Writer out({reinterpret_cast<std::uint8_t*>(record.octets.data()), record.octets.size()});
    handle::encode_site(out, site);
    return record;
}

Problem file_problem(const std::string& file, std::string text) {
    return {file, 0, 0, std::move(text),
            "give [site] record a file of Handle JSON with one HS_SITE value"};
}

Checked<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.is_open() && !in.bad()) return text;
    return tl::unexpected(
        file_problem(path, fmt::format("cannot be read: {}", std::strerror(errno))));
}

Checked<SiteRecord> from_file(const std::string& path) {
    const Checked<std::string> text = read_file(path);
    if (!text) return tl::unexpected(text.error());
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
