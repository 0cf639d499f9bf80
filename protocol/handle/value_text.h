// A value as one line for people:
//
//     "    1  URL           rwr-  ttl 86400  2023-11-14T22:13:20Z  https://example.org/"
//
// Index, type, permissions (admin read and write, public read and write; "+xx" for higher bits),
// time to live ("until …" when absolute), timestamp, data, references. Data are text as it is, a
// summary for HS_SITE, HS_ADMIN, HS_VLIST and HS_PUBKEY, else "base64:…". Nothing in it moves a
// cursor or turns the direction of writing: control characters and invalid octets come as \xNN,
// bidi controls as \u{NNNN}.
#pragma once

#include <string>
#include <string_view>

#include "protocol/handle/value.h"

namespace idnode::handle {

// Without a line break at the end.
void append_value_text(std::string& out, const ValueView& value);

// `text` safe for a terminal, as described above; a backslash stays one.
void append_terminal_text(std::string& out, std::string_view text);

// "rwr-".
void append_permissions_text(std::string& out, std::uint8_t permissions);

}  // namespace idnode::handle
