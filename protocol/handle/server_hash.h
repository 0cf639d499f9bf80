// Which server of a site holds an identifier (RFC 3651, section 4.2, as Handle.Net computes it):
// MD5 of a part of the folded identifier, its last four octets as a signed number, absolute, modulo
// the number of servers. No allocation.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/handle/site.h"

namespace idnode::handle {

// 0 to 2^31. `hash_option` as in Site: kHashByPrefix takes what stands before the first "/" ("0.NA"
// when there is none), kHashBySuffix what stands behind it (all when there is none), any other all.
std::uint32_t server_hash(std::string_view identifier, std::uint8_t hash_option);

// Position in a site's list of `server_count` servers; 0 when there are none.
std::uint32_t server_for(std::string_view identifier, std::uint8_t hash_option,
                         std::uint32_t server_count);

}  // namespace idnode::handle
