#include "registry/own_values.h"

#include <algorithm>
#include <array>

#include "registry/tlv.h"
#include "registry/varint.h"

namespace idnode::registry {
namespace {

constexpr std::uint8_t kHasTimestamp = 0x01;
constexpr std::uint8_t kHasTtl = 0x02;
constexpr std::uint8_t kHasPermissions = 0x04;
constexpr std::uint8_t kHasReferences = 0x08;
constexpr std::uint8_t kFlagsKnown = 0x0F;

// Type codes as they are stored: only ever append. Code 0 is followed by the type as text.
constexpr std::array<std::string_view, 17> kTypes = {
    "",         "URL",          "EMAIL",          "HS_ADMIN",       "HS_SITE",      "HS_SERV",
    "HS_ALIAS", "HS_PUBKEY",    "HS_SECKEY",      "HS_VLIST",       "HS_SIGNATURE", "HS_CERT",
    "DESC",     "HS_NAMESPACE", "HS_NA_DELEGATE", "HS_SITE.PREFIX", "URN"};

std::uint8_t type_code(std::string_view type) {
    const auto* const found = std::ranges::find(kTypes, type);
    return found == kTypes.end() ? std::uint8_t{0}
                                 : static_cast<std::uint8_t>(found - kTypes.begin());
}

bool has_references(const handle::ValueView& value) {
    return !std::ranges::equal(value.references, handle::kNoReferences);
}

std::uint8_t flags_of(const handle::ValueView& value, std::uint32_t time) {
    unsigned flags = 0;
    if (value.timestamp != time) flags |= kHasTimestamp;
    if (value.ttl_type != handle::kTtlRelative || value.ttl != handle::kTtlDefault) {
        flags |= kHasTtl;
    }
    if (value.permissions != handle::kPermissionsDefault) flags |= kHasPermissions;
    if (has_references(value)) flags |= kHasReferences;
    return static_cast<std::uint8_t>(flags);
}

void append_u32(std::string& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

bool take_u32(ByteSpan& rest, std::uint32_t& value) {
    ByteSpan octets;
    if (!take_octets(rest, 4, octets)) return false;
    value = std::uint32_t{octets[0]} | std::uint32_t{octets[1]} << 8 |
            std::uint32_t{octets[2]} << 16 | std::uint32_t{octets[3]} << 24;
    return true;
}

void append_value(const handle::ValueView& value, std::uint32_t time, std::string& out) {
    const std::uint8_t flags = flags_of(value, time);
    out.push_back(static_cast<char>(flags));
    append_varint(out, value.index);
    if ((flags & kHasTimestamp) != 0) append_u32(out, value.timestamp);
    if ((flags & kHasTtl) != 0) {
        out.push_back(static_cast<char>(value.ttl_type));
        append_u32(out, value.ttl);
    }
    if ((flags & kHasPermissions) != 0) out.push_back(static_cast<char>(value.permissions));
    const std::uint8_t code = type_code(value.type);
    out.push_back(static_cast<char>(code));
    if (code == 0) append_sized(out, value.type);
    append_sized(out, to_text(value.data));
    if ((flags & kHasReferences) != 0) append_sized(out, to_text(value.references));
}

bool take_type(ByteSpan& rest, std::string_view& type) {
    std::uint8_t code = 0;
    if (!take_u8(rest, code) || code >= kTypes.size()) return false;
    if (code != 0) {
        type = kTypes[code];
        return true;
    }
    ByteSpan text;
    if (!take_sized(rest, text)) return false;
    type = to_text(text);
    return true;
}

bool take_ttl(ByteSpan& rest, handle::ValueView& value) {
    return take_u8(rest, value.ttl_type) && take_u32(rest, value.ttl);
}

}  // namespace

void encode_own_values(std::span<const handle::ValueView> values, std::uint32_t time,
                       std::string& out, ByteSpan tlvs) {
    if (values.empty() && tlvs.empty()) return;
    append_varint(out, static_cast<std::uint32_t>(values.size()));
    for (const handle::ValueView& value : values) append_value(value, time, out);
    out.append(to_text(tlvs));
}

OwnValueReader::OwnValueReader(ByteSpan own, std::uint32_t time) : rest_(own), time_(time) {
    if (!rest_.empty()) ok_ = take_varint(rest_, left_);
}

bool OwnValueReader::next(handle::ValueView& value) {
    if (!ok_) return false;
    if (left_ == 0) {
        ok_ = check_tlvs(rest_).has_value();
        return false;
    }
    --left_;
    ok_ = read_value(value) && value.index >= index_min_;
    index_min_ = std::uint64_t{value.index} + 1;
    return ok_;
}

bool OwnValueReader::read_value(handle::ValueView& value) {
    value = handle::ValueView{};
    value.timestamp = time_;
    std::uint8_t flags = 0;
    if (!take_u8(rest_, flags) || (flags & ~kFlagsKnown) != 0) return false;
    if (!take_varint(rest_, value.index)) return false;
    if ((flags & kHasTimestamp) != 0 && !take_u32(rest_, value.timestamp)) return false;
    if ((flags & kHasTtl) != 0 && !take_ttl(rest_, value)) return false;
    if ((flags & kHasPermissions) != 0 && !take_u8(rest_, value.permissions)) return false;
    if (!take_type(rest_, value.type) || !take_sized(rest_, value.data)) return false;
    return (flags & kHasReferences) == 0 || take_sized(rest_, value.references);
}

}  // namespace idnode::registry
