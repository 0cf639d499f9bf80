// Protocol versions: which one an answer is written in, and what depends on it (RFC 3652,
// section 2.2.1; suggested versions are Handle.Net's addition).
//
// A server answers in the version suggested, else in that of the message, capped at 2.11. Majors 1
// and 5 are an ancient numbering: echoed, and older than every 2.x. Pure.
#pragma once

#include <cstdint>

#include "protocol/crypto/digest.h"
#include "protocol/handle/codes.h"
#include "protocol/handle/envelope.h"

namespace idnode::handle {

struct Version {
    std::uint8_t major = 2;
    std::uint8_t minor = 11;
    friend bool operator==(const Version&, const Version&) = default;
};

inline constexpr Version kVersionMax{2, 11};

// True when `version` has what came with 2.`minor`.
constexpr bool is_at_least(Version version, std::uint8_t minor) {
    if (version.major == 2) return version.minor >= minor;
    return version.major > 2 && version.major != 5;
}

// The version that `envelope`'s message is written in.
constexpr Version message_version(const Envelope& envelope) {
    return {envelope.major_version, envelope.minor_version};
}

// What the sender can read: the version suggested, or the message's own when none is.
Version suggested_version(const Envelope& envelope);

// The version to answer `envelope`'s message in.
Version answer_version(const Envelope& envelope);

// SHA-256 from 2.7, SHA-1 from 2.1, MD5 before.
crypto::DigestKind digest_kind(Version version);

// `code` as written in `version`: below 2.5 the codes 7 and 202 are 303 and 201.
ResponseCode wire_code(ResponseCode code, Version version);

}  // namespace idnode::handle
