// IP addresses and endpoints as text and as the kernel's structures.
//
//     192.0.2.7:2641    [2001:db8::7]:2641    0.0.0.0:2641 and [::]:2641 (wildcards)
//
// Names are not resolved, zones ("%eth0") are refused: an address means the same on every start.
// Values: compare and copy freely. No allocation but in to_string.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace idnode::resolver {

enum class AddressFamily : std::uint8_t { kIpv4, kIpv6 };

struct IpAddress {
    AddressFamily family = AddressFamily::kIpv4;
    std::array<std::uint8_t, 16> octets{};  // IPv4: the first four, the rest is zero.

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
    [[nodiscard]] bool is_wildcard() const { return octets == decltype(octets){}; }
    [[nodiscard]] bool is_loopback() const;
    // "192.0.2.7" or "2001:db8::7", without brackets.
    [[nodiscard]] std::string to_string() const;
};

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;  // 0: the system chooses one.

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
    // As parse_endpoint reads it.
    [[nodiscard]] std::string to_string() const;
};

// An address alone, IPv6 with or without brackets.
std::optional<IpAddress> parse_address(std::string_view text);

// Address and port; an IPv6 address in brackets.
std::optional<Endpoint> parse_endpoint(std::string_view text);

// Fills `storage`; gives the size of what it filled.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& storage);

// Nothing for families other than IPv4 and IPv6. An IPv4 address mapped into IPv6 stays IPv6.
std::optional<Endpoint> from_sockaddr(const sockaddr_storage& storage);

}  // namespace idnode::resolver
