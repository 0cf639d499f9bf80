// Which form the data of a value have, by its type (RFC 3651, section 3.2). Types are compared
// without regard to ASCII case.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

enum class DataForm : std::uint8_t {
    kOpaque,     // Text or octets; nothing more is known.
    kSite,       // HS_SITE, HS_SITE.PREFIX, HS_SITE.6, HS_NA_DELEGATE: site.h.
    kAdmin,      // HS_ADMIN: admin.h.
    kValueList,  // HS_VLIST: value_list.h.
    kKey,        // HS_PUBKEY: key.h, or PEM text, or a key of another kind.
    kHandle,     // HS_SERV, HS_SERV.PREFIX, HS_ALIAS: a handle as text, without length.
};

DataForm data_form_of(std::string_view type);

// Equal but for the case of ASCII letters.
bool is_same_type(std::string_view a, std::string_view b);

// The handle that HS_SERV and HS_ALIAS name. kMalformed when empty, not UTF-8, or longer than
// kWireIdentifierSizeMax.
Result<std::string_view> decode_handle_data(ByteSpan data);

}  // namespace idnode::handle
