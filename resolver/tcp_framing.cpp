#include "resolver/tcp_framing.h"

#include <algorithm>

#include "protocol/core/limits.h"
#include "protocol/handle/header.h"

namespace idnode::resolver {

Cut cut_message(ByteSpan octets) {
    if (octets.size() < handle::kEnvelopeSize) {
        return {CutKind::kIncomplete, handle::kEnvelopeSize, {}};
    }
    Reader in(octets);
    const auto envelope = handle::decode_envelope(in);
    if (!envelope) return {CutKind::kUnusable, 0, {}};
    const std::size_t length = envelope->message_length;
    if (length < handle::kHeaderSize || length > kMessageSizeMax) {
        const std::size_t shown = handle::kEnvelopeSize + std::min(length, handle::kHeaderSize);
        return {CutKind::kWrongLength, std::min(shown, octets.size()), *envelope};
    }
    const std::size_t size = handle::kEnvelopeSize + length;
    if (octets.size() < size) return {CutKind::kIncomplete, size, {}};
    return {CutKind::kWhole, size, *envelope};
}

}  // namespace idnode::resolver
