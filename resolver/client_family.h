// Which client family wrote a message, by the first four octets of its envelope: the version
// written and the version suggested, which each SDK sets in its own way.
//
//     02 03 02 0a   CAICT ID-SDK        02 0a 02 0b   id-pointer-sdk        all else: Handle.Net
//
// Of the third octet only the two bits of the suggested major version count: the rest are flags.
#pragma once

#include "protocol/handle/envelope.h"
#include "resolver/service.h"

namespace idnode::resolver {

constexpr ClientFamily client_family(const handle::Envelope& envelope) {
    if (envelope.major_version != 2 || envelope.suggested_major != 2) return ClientFamily::kHandle;
    const int minor = envelope.minor_version;
    const int suggested = envelope.suggested_minor;
    if (minor == 3 && suggested == 10) return ClientFamily::kCaict;
    if (minor == 10 && suggested == 11) return ClientFamily::kIdPointer;
    return ClientFamily::kHandle;
}

}  // namespace idnode::resolver
