// The digest of a request that stands in front of a response's body when the request asks for it
// (RRDG), and in every challenge: a type octet and the digest of the request's header and body as
// they came, without envelope and credential. SHA-256 from 2.7 on, SHA-1 from 2.1, nothing before.
#pragma once

#include "protocol/core/bytes.h"
#include "protocol/crypto/digest.h"
#include "protocol/handle/version.h"

namespace idnode::handle {

inline constexpr std::size_t kRequestDigestSizeMax = 1 + crypto::kDigestSizeMax;

// Writes the digest of `header_and_body` for an answer in `version`; below 2.1 nothing.
void write_request_digest(Writer& out, Version version, ByteSpan header_and_body);

// Header and body of `message` (which stands behind its envelope), cut by the header's body length:
// what the digest covers. Empty when they are not all there.
ByteSpan header_and_body(ByteSpan message);

// Reads type octet and digest; empty and `in` failed when there is no such type or too little.
ByteSpan read_request_digest(Reader& in);

}  // namespace idnode::handle
