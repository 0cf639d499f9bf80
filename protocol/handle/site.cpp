#include "protocol/handle/site.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace idnode::handle {

namespace {

// The least octets of one item, so that a count cannot reserve what no message holds.
constexpr std::size_t kAttributeSizeMin = 8;
constexpr std::size_t kServerSizeMin = 28;
constexpr std::size_t kInterfaceSize = 6;
constexpr std::size_t kIpv4Offset = 12;

SiteAttribute decode_attribute(Reader& in) {
    SiteAttribute attribute;
    attribute.name = in.sized_text();
    attribute.value = in.sized_text();
    return attribute;
}

SiteInterface decode_interface(Reader& in) {
    SiteInterface interface;
    interface.type = in.u8();
    interface.protocol = in.u8();
    interface.port = in.u32();
    return interface;
}

SiteServer decode_server(Reader& in) {
    SiteServer server;
    server.id = in.u32();
    std::ranges::copy(in.bytes(server.address.size()), server.address.begin());
    server.public_key = to_text(in.sized_bytes());
    const std::uint32_t interface_count = in.count(kInterfaceSize);
    for (std::uint32_t i = 0; i < interface_count; ++i) {
        server.interfaces.push_back(decode_interface(in));
    }
    return server;
}

bool is_ipv4(const SiteAddress& address) {
    const auto front_end = address.begin() + kIpv4Offset;
    if (!std::all_of(address.begin(), front_end, [](std::uint8_t octet) { return octet == 0; })) {
        return false;
    }
    constexpr std::array<std::uint8_t, 4> kLoopbackEnd = {0, 0, 0, 1};
    return !std::equal(front_end, address.end(), kLoopbackEnd.begin());
}

}  // namespace

Result<Site> decode_site(Reader& in) {
    Site site;
    site.version = in.u16();
    site.protocol_major = in.u8();
    site.protocol_minor = in.u8();
    site.serial_number = in.u16();
    site.flags = in.u8();
    site.hash_option = in.u8();
    site.hash_filter = in.sized_text();
    const std::uint32_t attribute_count = in.count(kAttributeSizeMin);
    for (std::uint32_t i = 0; i < attribute_count && in.ok(); ++i) {
        site.attributes.push_back(decode_attribute(in));
    }
    const std::uint32_t server_count = in.count(kServerSizeMin);
    for (std::uint32_t i = 0; i < server_count && in.ok(); ++i) {
        site.servers.push_back(decode_server(in));
    }
    if (!in.ok()) return tl::unexpected(Error{ErrorKind::kMalformed, "site"});
    return site;
}

Result<Site> decode_site(ByteSpan data) {
    Reader in(data);
    Result<Site> site = decode_site(in);
    if (site && !in.at_end()) return tl::unexpected(Error{ErrorKind::kMalformed, "site"});
    return site;
}

void encode_site(Writer& out, const Site& site) {
    out.u16(site.version);
    out.u8(site.protocol_major);
    out.u8(site.protocol_minor);
    out.u16(site.serial_number);
    out.u8(site.flags);
    out.u8(site.hash_option);
    out.sized_text(site.hash_filter);
    out.u32(static_cast<std::uint32_t>(site.attributes.size()));
    for (const SiteAttribute& attribute : site.attributes) {
        out.sized_text(attribute.name);
        out.sized_text(attribute.value);
    }
    out.u32(static_cast<std::uint32_t>(site.servers.size()));
    for (const SiteServer& server : site.servers) {
        out.u32(server.id);
        out.bytes(server.address);
        out.sized_text(server.public_key);
        out.u32(static_cast<std::uint32_t>(server.interfaces.size()));
        for (const SiteInterface& interface : server.interfaces) {
            out.u8(interface.type);
            out.u8(interface.protocol);
            out.u32(interface.port);
        }
    }
}

std::size_t encoded_size(const Site& site) {
    std::size_t size = 2 + 1 + 1 + 2 + 1 + 1 + 4 + site.hash_filter.size() + 4 + 4;
    for (const SiteAttribute& attribute : site.attributes) {
        size += kAttributeSizeMin + attribute.name.size() + attribute.value.size();
    }
    for (const SiteServer& server : site.servers) {
        size += kServerSizeMin + server.public_key.size();
        size += kInterfaceSize * server.interfaces.size();
    }
    return size;
}

std::string address_text(const SiteAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool ipv4 = is_ipv4(address);
    const std::uint8_t* octets = address.data() + (ipv4 ? kIpv4Offset : 0);
    inet_ntop(ipv4 ? AF_INET : AF_INET6, octets, text.data(), text.size());
    return text.data();
}

std::optional<SiteAddress> parse_site_address(std::string_view text) {
    // inet_pton wants a terminated string and would stop at a zero octet.
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string terminated(text);
    SiteAddress address{};
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + kIpv4Offset) == 1) return address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    return std::nullopt;
}

}  // namespace idnode::handle
