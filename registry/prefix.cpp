#include "registry/prefix.h"

#include <utility>

#include "protocol/core/identifier.h"
#include "registry/tlv.h"

namespace idnode::registry {

namespace {

// kind:u8 version:u8 number:u32 state:u8 flags:u8 since:u32 epoch:u64 name:u16-sized
// reason:u16-sized tlvs: up to the end
constexpr std::uint8_t kKind = 0x50;
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHomedFlag = 1;
constexpr std::size_t kFixedSize = 1 + 1 + 4 + 1 + 1 + 4 + 8 + 2 + 2;

constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";
constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";

void write_sized(Writer& out, std::string_view text) {
    out.u16(static_cast<std::uint16_t>(text.size()));
    out.text(text);
}

std::string_view read_sized(Reader& in) { return to_text(in.bytes(in.u16())); }

bool is_known(std::uint8_t state) {
    return state >= static_cast<std::uint8_t>(PrefixState::kActive) &&
           state <= static_cast<std::uint8_t>(PrefixState::kRemoved);
}

}  // namespace

std::optional<Problem> prefix_reason_fault(std::string_view reason) {
    const auto fault = [](std::string text, std::string remedy) {
        return Problem{{}, 0, 0, "the reason " + std::move(text), std::move(remedy)};
    };
    if (reason.size() > kPrefixReasonSizeMax) {
        return fault("has " + std::to_string(reason.size()) + " octets",
                     "it may have " + std::to_string(kPrefixReasonSizeMax));
    }
    if (!is_utf8(reason)) return fault("is not UTF-8", "write it in UTF-8");
    if (has_control_character(reason) || reason.find(kLineSeparator) != std::string_view::npos ||
        reason.find(kParagraphSeparator) != std::string_view::npos) {
        return fault("has a line break or control character in it", "write it in one line");
    }
    return std::nullopt;
}

std::string encode_prefix(const Prefix& prefix) {
    std::string stored(kFixedSize + prefix.name.size() + prefix.reason.size(), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(stored.data()), stored.size()});
    out.u8(kKind);
    out.u8(kVersion);
    out.u32(prefix.number);
    out.u8(static_cast<std::uint8_t>(prefix.state));
    out.u8(prefix.homed ? kHomedFlag : 0);
    out.u32(prefix.since);
    out.u64(prefix.epoch);
    write_sized(out, prefix.name);
    write_sized(out, prefix.reason);
    return stored + prefix.tlvs;
}

Result<Prefix> decode_prefix(ByteSpan stored) {
    Reader in(stored);
    const std::uint8_t kind = in.u8();
    const std::uint8_t version = in.u8();
    if (in.ok() && (kind != kKind || version != kVersion)) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "prefix record kind"});
    }
    Prefix prefix;
    prefix.number = in.u32();
    const std::uint8_t state = in.u8();
    prefix.homed = (in.u8() & kHomedFlag) != 0;
    prefix.since = in.u32();
    prefix.epoch = in.u64();
    prefix.name = read_sized(in);
    prefix.reason = read_sized(in);
    if (!in.ok() || prefix.name.empty() || prefix.name.size() > kIdentifierSizeMax) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "prefix record"});
    }
    if (!is_known(state)) return tl::unexpected(Error{ErrorKind::kUnsupported, "prefix state"});
    prefix.state = static_cast<PrefixState>(state);
    const ByteSpan tlvs = in.rest();
    if (auto checked = check_tlvs(tlvs); !checked) return tl::unexpected(checked.error());
    prefix.tlvs = to_text(tlvs);
    return prefix;
}

}  // namespace idnode::registry
