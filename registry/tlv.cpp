#include "registry/tlv.h"

#include <algorithm>

#include "registry/varint.h"

namespace idnode::registry {

void append_tlv(std::string& out, std::uint8_t tag, ByteSpan content) {
    out.push_back(static_cast<char>(tag));
    append_sized(out, to_text(content));
}

Result<Done> check_tlvs(ByteSpan list, std::span<const std::uint8_t> known) {
    while (!list.empty()) {
        std::uint8_t tag = 0;
        ByteSpan content;
        if (!take_u8(list, tag) || !take_sized(list, content)) {
            return tl::unexpected(Error{ErrorKind::kCorrupt, "TLV cut short"});
        }
        const bool critical = (tag & kTlvCritical) != 0;
        if (critical && std::ranges::find(known, tag) == known.end()) {
            return tl::unexpected(Error{ErrorKind::kUnsupported, "unknown critical TLV", tag});
        }
    }
    return Done{};
}

}  // namespace idnode::registry
