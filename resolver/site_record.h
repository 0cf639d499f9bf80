// The site record that a node answers site requests with (HS_SITE, protocol/handle/site.h): made
// from the addresses in the configuration, TCP before UDP, or served as it is from a file.
//
// One server: its address is the first one, further ones stand in the attribute "alt_addr", which
// has no room for ports: public addresses with other ports than the first are refused, addresses
// listened on with others are not told. The
// clients of the identifier resolution system use the first interface of the first server, which
// must be TCP.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/core/problem.h"
#include "resolver/config.h"

namespace idnode::resolver {

struct SiteRecord {
    std::string octets;  // The data of an HS_SITE value.
    std::uint16_t serial = 1;
    bool primary = true;
};

// `bound` holds the endpoints listened on, ports resolved. Fails when the file cannot be read or
// holds no HS_SITE value that decodes, when there is no address that a client could use, or when
// public addresses differ in their ports.
Checked<SiteRecord> make_site_record(const SiteConfig& config, const ListenConfig& bound);

}  // namespace idnode::resolver
