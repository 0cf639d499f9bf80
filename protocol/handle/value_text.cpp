#include "protocol/handle/value_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "protocol/core/base64.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/admin.h"
#include "protocol/handle/key.h"
#include "protocol/handle/site.h"
#include "protocol/handle/timestamp.h"
#include "protocol/handle/typed_value.h"
#include "protocol/handle/value_list.h"

namespace idnode::handle {

namespace {

constexpr std::size_t kTypeWidth = 12;

// Characters of valid UTF-8, as one number each.
char32_t code_point(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character.front());
    if (character.size() == 1) return lead;
    char32_t code = lead & (0x7FU >> character.size());
    for (const char c : character.substr(1)) {
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return code;
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

// Marks, embeddings and isolates that turn the direction of what follows, and line separators.
bool is_layout_control(char32_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void append_octets(std::string& out, std::string_view octets) {
    for (const char c : octets) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Text that people wrote, with the white space that texts have.
bool is_readable(ByteSpan data) {
    const bool controls_good = std::ranges::all_of(
        data, [](std::uint8_t octet) { return octet >= 0x20 || (octet >= 0x09 && octet <= 0x0D); });
    return controls_good && is_utf8(to_text(data));
}

void append_base64_data(std::string& out, ByteSpan data) {
    out.append("base64:");
    append_base64(out, data);
}

void append_reference(std::string& out, const ReferenceView& reference) {
    fmt::format_to(std::back_inserter(out), "{}:", reference.index);
    append_terminal_text(out, reference.handle);
}

void append_list(std::string& out, const ReferenceList& list) {
    std::string_view separator;
    for (const ReferenceView reference : list) {
        out.append(separator);
        append_reference(out, reference);
        separator = ", ";
    }
}

// The functions below give false when the data are not of their form.

bool append_admin(std::string& out, ByteSpan data) {
    const Result<AdminView> admin = decode_admin(data);
    if (!admin) return false;
    append_reference(out, {admin->handle, admin->index});
    fmt::format_to(std::back_inserter(out), " may {:012b}", admin->permissions);
    return true;
}

bool append_value_list(std::string& out, ByteSpan data) {
    const Result<ReferenceList> list = decode_value_list(data);
    if (!list) return false;
    append_list(out, *list);
    if (list->count() == 0) out.append("nobody");
    return true;
}

bool append_key(std::string& out, ByteSpan data) {
    const Result<PublicKeyView> key = decode_public_key(data);
    if (!key) return false;
    const std::string_view kind = key->kind == KeyKind::kRsa ? "RSA" : "DSA";
    fmt::format_to(std::back_inserter(out), "{} key of {} bits", kind, key->bits());
    return true;
}

void append_interface(std::string& out, const SiteInterface& interface) {
    constexpr std::string_view kTypes[] = {"off", "admin", "query", "query+admin"};
    const bool known = interface.protocol < std::size(kSiteProtocolNames);
    const std::string protocol = known ? std::string(kSiteProtocolNames[interface.protocol])
                                       : fmt::to_string(interface.protocol);
    const std::string type = interface.type < std::size(kTypes)
                                 ? std::string(kTypes[interface.type])
                                 : fmt::to_string(interface.type);
    fmt::format_to(std::back_inserter(out), " {}/{} {}", protocol, interface.port, type);
}

bool append_site(std::string& out, ByteSpan data) {
    const Result<Site> site = decode_site(data);
    if (!site) return false;
    fmt::format_to(std::back_inserter(out), "site serial {}, protocol {}.{}, {}",
                   site->serial_number, site->protocol_major, site->protocol_minor,
                   (site->flags & kSitePrimary) != 0 ? "primary" : "mirror");
    for (const SiteServer& server : site->servers) {
        fmt::format_to(std::back_inserter(out), "; server {} {}", server.id,
                       address_text(server.address));
        for (const SiteInterface& interface : server.interfaces) append_interface(out, interface);
    }
    return true;
}

bool append_typed(std::string& out, const ValueView& value) {
    switch (data_form_of(value.type)) {
        case DataForm::kSite:
            return append_site(out, value.data);
        case DataForm::kAdmin:
            return append_admin(out, value.data);
        case DataForm::kValueList:
            return append_value_list(out, value.data);
        case DataForm::kKey:
            return append_key(out, value.data);
        case DataForm::kOpaque:
        case DataForm::kHandle:
            break;
    }
    return false;
}

void append_data(std::string& out, const ValueView& value) {
    if (append_typed(out, value)) return;
    if (is_readable(value.data)) return append_terminal_text(out, to_text(value.data));
    append_base64_data(out, value.data);
}

void append_ttl(std::string& out, const ValueView& value) {
    if (value.ttl_type == kTtlAbsolute) {
        out.append("until ");
        return append_timestamp(out, value.ttl);
    }
    fmt::format_to(std::back_inserter(out), "ttl {}", value.ttl);
    if (value.ttl_type != kTtlRelative) {
        fmt::format_to(std::back_inserter(out), " of type {}", value.ttl_type);
    }
}

}  // namespace

void append_terminal_text(std::string& out, std::string_view text) {
    if (is_printable(text)) {
        out.append(text);
        return;
    }
    while (!text.empty()) {
        const std::size_t size = utf8_character_size(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
        text.remove_prefix(character.size());
        const char32_t code = size == 0 ? 0 : code_point(character);
        if (is_control(code)) {
            append_octets(out, character);
        } else if (is_layout_control(code)) {
            fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}",
                           static_cast<std::uint32_t>(code));
        } else {
            out.append(character);
        }
    }
}

void append_permissions_text(std::string& out, std::uint8_t permissions) {
    out.push_back((permissions & kAdminRead) != 0 ? 'r' : '-');
    out.push_back((permissions & kAdminWrite) != 0 ? 'w' : '-');
    out.push_back((permissions & kPublicRead) != 0 ? 'r' : '-');
    out.push_back((permissions & kPublicWrite) != 0 ? 'w' : '-');
    const unsigned high = permissions & 0xF0U;
    if (high != 0) fmt::format_to(std::back_inserter(out), "+{:02x}", high);
}

void append_value_text(std::string& out, const ValueView& value) {
    fmt::format_to(std::back_inserter(out), "{:>5}  ", value.index);
    const std::size_t type_begin = out.size();
    append_terminal_text(out, value.type);
    const std::size_t type_width = out.size() - type_begin;
    out.append(type_width < kTypeWidth ? kTypeWidth - type_width : 0, ' ');
    out.append("  ");
    append_permissions_text(out, value.permissions);
    out.append("  ");
    append_ttl(out, value);
    out.append("  ");
    append_timestamp(out, value.timestamp);
    out.append("  ");
    append_data(out, value);
    Reader in(value.references);
    const Result<ReferenceList> references = decode_references(in);
    if (!references || references->count() == 0) return;
    out.append("  see ");
    append_list(out, *references);
}

}  // namespace idnode::handle
