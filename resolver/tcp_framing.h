// Where one message ends and the next begins in the octets of a TCP connection.
//
// Pure: no I/O, no state, no allocation. A cut views into the octets it was made from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/core/bytes.h"
#include "protocol/handle/envelope.h"

namespace idnode::resolver {

enum class CutKind : std::uint8_t {
    kIncomplete,   // More octets are needed; `size` says how many there must be to go on.
    kWhole,        // `size` octets are one message with its envelope.
    kWrongLength,  // The length is below 24 or above the limit: nothing behind it can be found.
    kUnusable,     // Not an envelope.
};

struct Cut {
    CutKind kind = CutKind::kIncomplete;
    std::size_t size = 0;  // kWrongLength: octets that belong to the message, as far as it came.
    handle::Envelope envelope;  // Set for kWhole and kWrongLength.
};

// Looks at the front of `octets`.
Cut cut_message(ByteSpan octets);

}  // namespace idnode::resolver
