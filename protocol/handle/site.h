// The data of an HS_SITE value: the servers of a service site (RFC 3651, section 3.2.3).
// HS_SITE.PREFIX, HS_NA_DELEGATE and HS_SITE.6 have the same form, and so has the answer to a site
// request.
//
//     version:u16 protocol:u8.u8 serial:u16 flags:u8 hash_option:u8 hash_filter:sized
//     attributes:u32 count, each name:sized value:sized
//     servers:u32 count, each id:u32 address:16 octets key:sized
//                            interfaces:u32 count, each type:u8 protocol:u8 port:u32
//
// Owns what it holds. Every field is kept as it came, known or not, so that a site encodes again to
// the same octets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

inline constexpr std::uint8_t kSitePrimary = 0x80;  // Bits of Site::flags.
inline constexpr std::uint8_t kSiteMultiPrimary = 0x40;
inline constexpr std::uint8_t kHashByPrefix = 0;  // Site::hash_option.
inline constexpr std::uint8_t kHashBySuffix = 1;
inline constexpr std::uint8_t kHashByHandle = 2;
inline constexpr std::uint8_t kInterfaceAdmin = 1;  // Bits of SiteInterface::type.
inline constexpr std::uint8_t kInterfaceQuery = 2;
inline constexpr std::uint8_t kProtocolUdp = 0;  // SiteInterface::protocol.
inline constexpr std::uint8_t kProtocolTcp = 1;
inline constexpr std::uint8_t kProtocolHttp = 2;
inline constexpr std::uint8_t kProtocolHttps = 3;

// What people call a SiteInterface::protocol; the number is the place.
inline constexpr std::string_view kSiteProtocolNames[] = {"UDP", "TCP", "HTTP", "HTTPS"};

// IPv6, or IPv4 in the last four octets behind twelve zeros.
using SiteAddress = std::array<std::uint8_t, 16>;

struct SiteAttribute {
    std::string name;
    std::string value;

    bool operator==(const SiteAttribute&) const = default;
};

struct SiteInterface {
    std::uint8_t type = kInterfaceQuery;
    std::uint8_t protocol = kProtocolUdp;
    std::uint32_t port = 2641;

    bool operator==(const SiteInterface&) const = default;
};

struct SiteServer {
    std::uint32_t id = 1;
    SiteAddress address{};
    std::string public_key;  // Octets of a key (key.h); may be empty.
    std::vector<SiteInterface> interfaces;

    bool operator==(const SiteServer&) const = default;
};

struct Site {
    std::uint16_t version = 1;
    std::uint8_t protocol_major = 2;
    std::uint8_t protocol_minor = 11;
    std::uint16_t serial_number = 1;
    std::uint8_t flags = kSitePrimary;
    std::uint8_t hash_option = kHashByHandle;
    std::string hash_filter;
    std::vector<SiteAttribute> attributes;
    std::vector<SiteServer> servers;

    bool operator==(const Site&) const = default;
};

// Fails with kMalformed when octets are missing or a count cannot fit. What follows stays in `in`.
Result<Site> decode_site(Reader& in);
// The whole of a value's data: octets behind the last server are kMalformed too.
Result<Site> decode_site(ByteSpan data);

void encode_site(Writer& out, const Site& site);
std::size_t encoded_size(const Site& site);

// "192.0.2.1" or "2001:db8::1" (RFC 5952). Twelve zeros are IPv4, but for ::1, which no IPv4 host
// has.
std::string address_text(const SiteAddress& address);
// Nothing when `text` is neither form.
std::optional<SiteAddress> parse_site_address(std::string_view text);

}  // namespace idnode::handle
