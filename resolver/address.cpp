#include "resolver/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace idnode::resolver {

namespace {

constexpr std::size_t kIpv4Size = 4;

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

std::optional<IpAddress> parse_family(std::string_view text, AddressFamily family) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (text.empty() || text.size() >= buffer.size()) return std::nullopt;
    std::copy(text.begin(), text.end(), buffer.begin());
    IpAddress address{family, {}};
    const int kernel_family = family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
    if (inet_pton(kernel_family, buffer.data(), address.octets.data()) != 1) return std::nullopt;
    return address;
}

}  // namespace

bool IpAddress::is_loopback() const {
    if (family == AddressFamily::kIpv4) return octets[0] == 127;
    return std::all_of(octets.begin(), octets.end() - 1, [](auto octet) { return octet == 0; }) &&
           octets.back() == 1;
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const int kernel_family = family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
    inet_ntop(kernel_family, octets.data(), buffer.data(), buffer.size());
    return buffer.data();
}

std::string Endpoint::to_string() const {
    const bool bracketed = address.family == AddressFamily::kIpv6;
    return fmt::format("{}{}{}:{}", bracketed ? "[" : "", address.to_string(), bracketed ? "]" : "",
                       port);
}

std::optional<IpAddress> parse_address(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        return parse_family(text.substr(1, text.size() - 2), AddressFamily::kIpv6);
    }
    if (text.find(':') != std::string_view::npos) return parse_family(text, AddressFamily::kIpv6);
    return parse_family(text, AddressFamily::kIpv4);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_port(text.substr(colon + 1));
    const std::string_view host = text.substr(0, colon);
    const bool bracketed = !host.empty() && host.front() == '[';
    if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
    const auto address = parse_address(host);
    if (!port || !address) return std::nullopt;
    return Endpoint{*address, *port};
}

socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& storage) {
    storage = {};
    if (endpoint.address.family == AddressFamily::kIpv4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.octets.data(), kIpv4Size);
        std::memcpy(&storage, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.octets.data(), sizeof v6.sin6_addr);
    std::memcpy(&storage, &v6, sizeof v6);
    return sizeof v6;
}

std::optional<Endpoint> from_sockaddr(const sockaddr_storage& storage) {
    Endpoint endpoint;
    if (storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        endpoint.port = ntohs(v4.sin_port);
        std::memcpy(endpoint.address.octets.data(), &v4.sin_addr, kIpv4Size);
        return endpoint;
    }
    if (storage.ss_family != AF_INET6) return std::nullopt;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    endpoint.port = ntohs(v6.sin6_port);
    endpoint.address.family = AddressFamily::kIpv6;
    std::memcpy(endpoint.address.octets.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    return endpoint;
}

}  // namespace idnode::resolver
