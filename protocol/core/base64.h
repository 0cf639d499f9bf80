// Octets as text: base64 (RFC 4648, section 4), its URL form (section 5) and hexadecimal digits.
//
// Written: base64 with "=" at the end, the URL form without. Read: both alphabets, with or without
// "="; refused are white space, other characters and left-over bits that are not zero, so that a
// text has one meaning. Everything is appended to `out`; after a refusal `out` is as it was.
#pragma once

#include <string>
#include <string_view>

#include "protocol/core/bytes.h"

namespace idnode {

void append_base64(std::string& out, ByteSpan octets);
void append_base64url(std::string& out, ByteSpan octets);
// Lower case, two digits for each octet.
void append_hex(std::string& out, ByteSpan octets);

// False when `text` is not of that form.
[[nodiscard]] bool decode_base64(std::string& out, std::string_view text);
[[nodiscard]] bool decode_hex(std::string& out, std::string_view text);

}  // namespace idnode
