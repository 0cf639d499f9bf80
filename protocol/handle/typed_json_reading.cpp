#include "protocol/handle/typed_json_reading.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/core/base64.h"
#include "protocol/handle/admin.h"
#include "protocol/handle/json_reading.h"
#include "protocol/handle/key.h"
#include "protocol/handle/site.h"
#include "protocol/handle/typed_value.h"
#include "protocol/handle/value_list.h"

namespace idnode::handle {

namespace {

// Calls `visit(name, element)` for each member until it gives false.
template <class Visit>
bool visit_object(JsonReading& reading, const JsonElement& element, std::string_view name,
                  Visit visit) {
    simdjson::dom::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) {
        return reading.fail_field(name, "must be an object");
    }
    for (const simdjson::dom::key_value_pair member : object) {
        if (!visit(member.key, member.value)) return false;
    }
    return true;
}

template <class Visit>
bool visit_array(JsonReading& reading, const JsonElement& element, std::string_view name,
                 Visit visit) {
    simdjson::dom::array array;
    if (element.get_array().get(array) != simdjson::SUCCESS) {
        return reading.fail_field(name, "must be an array");
    }
    for (const JsonElement item : array) {
        if (!visit(item)) return false;
    }
    return true;
}

template <class Number>
bool read_small(JsonReading& reading, const JsonElement& element, std::string_view name,
                Number& number) {
    std::uint64_t wide = 0;
    if (!reading.read_number(element, name, std::numeric_limits<Number>::max(), wide)) return false;
    number = static_cast<Number>(wide);
    return true;
}

template <class Typed, class Encode>
ByteSpan encode_fresh(JsonReading& reading, const Typed& typed, Encode encode) {
    std::string& octets = reading.fresh_string();
    octets.resize(encoded_size(typed));
    Writer out({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
    encode(out, typed);
    return to_bytes(octets);
}

bool unknown(JsonReading& reading, std::string_view name) {
    return reading.fail_field(name, "is not a known field here");
}

// --- References and vlist ------------------------------------------------------------------------

bool read_reference(JsonReading& reading, const JsonElement& element, std::string_view list_name,
                    ReferenceView& reference) {
    bool has_handle = false;
    bool has_index = false;
    const bool good = visit_object(reading, element, list_name,
                                   [&](std::string_view name, const JsonElement& member) {
                                       if (name == "handle") {
                                           has_handle = true;
                                           return reading.read_text(member, name, reference.handle);
                                       }
                                       if (name != "index") return unknown(reading, name);
                                       has_index = true;
                                       return reading.read_u32(member, name, reference.index);
                                   });
    if (!good) return false;
    return (has_handle && has_index) ||
           reading.fail_field(list_name, R"(must hold objects of "handle" and "index")");
}

// --- admin ---------------------------------------------------------------------------------------

bool read_binary_digits(std::string_view text, std::uint16_t& bits) {
    const char* const end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, bits, 2);
    return fault == std::errc() && stop == end && text.size() <= 16;
}

// An array of true and false (or 1 and 0), the first for the lowest bit.
bool read_bit_array(JsonReading& reading, const JsonElement& element, std::uint16_t& bits) {
    bits = 0;
    std::size_t place = 0;
    return visit_array(reading, element, "permissions", [&](const JsonElement& item) {
        bool set = false;
        std::uint64_t number = 0;
        if (item.get_bool().get(set) != simdjson::SUCCESS) {
            if (!reading.read_number(item, "permissions", 1, number)) return false;
            set = number == 1;
        }
        if (place >= 16) return reading.fail_field("permissions", "must have at most 16 items");
        bits = static_cast<std::uint16_t>(bits | (set ? 1U : 0U) << place++);
        return true;
    });
}

bool read_admin_permissions(JsonReading& reading, const JsonElement& element, std::uint16_t& bits) {
    if (element.is_array()) return read_bit_array(reading, element, bits);
    bool all = false;
    if (element.get_bool().get(all) == simdjson::SUCCESS) {
        bits = all ? kMayDoAll : 0;
        return true;
    }
    std::string_view digits;
    if (element.get_string().get(digits) != simdjson::SUCCESS) {
        return read_small(reading, element, "permissions", bits);
    }
    return read_binary_digits(digits, bits) ||
           reading.fail_field("permissions", "must be up to 16 digits, each 0 or 1");
}

bool read_admin(JsonReading& reading, const JsonElement& element, ByteSpan& data) {
    AdminView admin;
    bool has_handle = false;
    bool legacy = false;
    const bool good = visit_object(
        reading, element, "value", [&](std::string_view name, const JsonElement& member) {
            if (name == "handle") {
                has_handle = true;
                return reading.read_text(member, name, admin.handle);
            }
            if (name == "index") return reading.read_u32(member, name, admin.index);
            if (name == "permissions") {
                return read_admin_permissions(reading, member, admin.permissions);
            }
            if (name == "legacyByteLength") return reading.read_bool(member, name, legacy);
            return unknown(reading, name);
        });
    if (!good) return false;
    if (!has_handle) return reading.fail("\"handle\" of the administrator is missing");
    if (legacy) admin.tail = kOldAdminTail;
    data = encode_fresh(reading, admin, encode_admin);
    return true;
}

// --- key -----------------------------------------------------------------------------------------

// The places of the members in PublicKeyView::numbers.
constexpr std::pair<std::string_view, std::size_t> kRsaMembers[] = {{"e", 0}, {"n", 1}};
constexpr std::pair<std::string_view, std::size_t> kDsaMembers[] = {
    {"q", 0}, {"p", 1}, {"g", 2}, {"y", 3}};

bool read_key_number(JsonReading& reading, const JsonElement& element, std::string_view name,
                     ByteSpan& number) {
    std::string_view text;
    if (element[name].get_string().get(text) != simdjson::SUCCESS) {
        return reading.fail_field(name, "of the key is missing");
    }
    std::string& octets = reading.fresh_string();
    if (!decode_base64(octets, text)) return reading.fail_field(name, "must be base64url");
    number = to_bytes(octets);
    return true;
}

bool read_key(JsonReading& reading, const JsonElement& element, ByteSpan& data) {
    std::string_view kind;
    if (element["kty"].get_string().get(kind) != simdjson::SUCCESS) {
        return reading.fail("\"kty\" of the key is missing");
    }
    if (kind != "RSA" && kind != "DSA") {
        return reading.fail_field("kty", "must be RSA or DSA; other keys go as base64");
    }
    PublicKeyView key;
    key.kind = kind == "RSA" ? KeyKind::kRsa : KeyKind::kDsa;
    using Members = std::span<const std::pair<std::string_view, std::size_t>>;
    for (const auto& [name, place] : kind == "RSA" ? Members(kRsaMembers) : Members(kDsaMembers)) {
        if (!read_key_number(reading, element, name, key.numbers[place])) return false;
    }
    data = encode_fresh(reading, key, encode_public_key);
    return true;
}

// --- site ----------------------------------------------------------------------------------------

bool read_interface(JsonReading& reading, const JsonElement& element, SiteInterface& interface) {
    bool query = false;
    bool admin = false;
    bool has_port = false;
    std::string_view protocol;
    const bool good = visit_object(reading, element, "interfaces",
                                   [&](std::string_view name, const JsonElement& member) {
                                       if (name == "query")
                                           return reading.read_bool(member, name, query);
                                       if (name == "admin")
                                           return reading.read_bool(member, name, admin);
                                       if (name == "protocol")
                                           return reading.read_string(member, name, protocol);
                                       if (name != "port") return unknown(reading, name);
                                       has_port = true;
                                       return reading.read_u32(member, name, interface.port);
                                   });
    if (!good) return false;
    const auto* const known = std::ranges::find_if(
        kSiteProtocolNames, [&](std::string_view name) { return is_same_type(name, protocol); });
    if (known == std::end(kSiteProtocolNames)) {
        return reading.fail("\"protocol\" must be UDP, TCP, HTTP or HTTPS");
    }
    if (!has_port) return reading.fail("\"port\" of the interface is missing");
    interface.protocol = static_cast<std::uint8_t>(known - std::begin(kSiteProtocolNames));
    interface.type =
        static_cast<std::uint8_t>((query ? kInterfaceQuery : 0) | (admin ? kInterfaceAdmin : 0));
    return true;
}

bool read_address(JsonReading& reading, const JsonElement& element, SiteAddress& address) {
    std::string_view text;
    if (!reading.read_string(element, "address", text)) return false;
    const std::optional<SiteAddress> parsed = parse_site_address(text);
    if (!parsed) return reading.fail("\"address\" must be an IPv4 or IPv6 address");
    address = *parsed;
    return true;
}

bool read_server(JsonReading& reading, const JsonElement& element, SiteServer& server) {
    bool has_address = false;
    const auto read_member = [&](std::string_view name, const JsonElement& member) {
        if (name == "serverId") return reading.read_u32(member, name, server.id);
        if (name == "address") {
            has_address = true;
            return read_address(reading, member, server.address);
        }
        if (name == "publicKey") {
            ByteSpan key;
            const bool good = read_data_json(reading, member, key);
            server.public_key = to_text(key);
            return good;
        }
        if (name != "interfaces") return unknown(reading, name);
        return visit_array(reading, member, name, [&](const JsonElement& item) {
            return read_interface(reading, item, server.interfaces.emplace_back());
        });
    };
    if (!visit_object(reading, element, "servers", read_member)) return false;
    return has_address || reading.fail("\"address\" of the server is missing");
}

bool read_attribute(JsonReading& reading, const JsonElement& element, SiteAttribute& attribute) {
    return visit_object(reading, element, "attributes",
                        [&](std::string_view name, const JsonElement& member) {
                            std::string_view text;
                            if (name != "name" && name != "value") return unknown(reading, name);
                            if (!reading.read_string(member, name, text)) return false;
                            (name == "name" ? attribute.name : attribute.value) = text;
                            return true;
                        });
}

bool read_protocol_version(JsonReading& reading, const JsonElement& element, Site& site) {
    std::string_view text;
    if (!reading.read_string(element, "protocolVersion", text)) return false;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, site.protocol_major);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
        const auto minor = std::from_chars(major.ptr + 1, end, site.protocol_minor);
        if (minor.ec == std::errc() && minor.ptr == end) return true;
    }
    return reading.fail("\"protocolVersion\" must be like 2.11");
}

bool read_site_flag(JsonReading& reading, const JsonElement& element, std::string_view name,
                    std::uint8_t& flags) {
    const std::uint8_t flag = name == "primarySite" ? kSitePrimary : kSiteMultiPrimary;
    bool set = false;
    if (!reading.read_bool(element, name, set)) return false;
    if (set) flags |= flag;
    return true;
}

bool read_site_member(JsonReading& reading, std::string_view name, const JsonElement& member,
                      Site& site) {
    if (name == "version") return read_small(reading, member, name, site.version);
    if (name == "protocolVersion") return read_protocol_version(reading, member, site);
    if (name == "serialNumber") return read_small(reading, member, name, site.serial_number);
    if (name == "primarySite" || name == "multiPrimary") {
        return read_site_flag(reading, member, name, site.flags);
    }
    if (name == "hashOption") return read_small(reading, member, name, site.hash_option);
    if (name == "hashFilter") {
        std::string_view filter;
        if (!reading.read_text(member, name, filter)) return false;
        site.hash_filter = filter;
        return true;
    }
    if (name == "attributes") {
        return visit_array(reading, member, name, [&](const JsonElement& item) {
            return read_attribute(reading, item, site.attributes.emplace_back());
        });
    }
    if (name != "servers") return unknown(reading, name);
    return visit_array(reading, member, name, [&](const JsonElement& item) {
        return read_server(reading, item, site.servers.emplace_back());
    });
}

bool read_site(JsonReading& reading, const JsonElement& element, ByteSpan& data) {
    Site site;
    site.flags = 0;
    const bool good = visit_object(reading, element, "value",
                                   [&](std::string_view name, const JsonElement& member) {
                                       return read_site_member(reading, name, member, site);
                                   });
    if (!good) return false;
    data = encode_fresh(reading, site, encode_site);
    return true;
}

// --- data ----------------------------------------------------------------------------------------

bool read_octets(JsonReading& reading, const JsonElement& element, std::string_view format,
                 ByteSpan& data) {
    std::string_view text;
    if (!reading.read_string(element, "value", text)) return false;
    std::string& octets = reading.fresh_string();
    const bool good = format == "hex" ? decode_hex(octets, text) : decode_base64(octets, text);
    if (!good) return reading.fail(fmt::format("\"value\" is not {}", format));
    data = to_bytes(octets);
    return true;
}

bool read_formatted(JsonReading& reading, std::string_view format, const JsonElement& value,
                    ByteSpan& data) {
    if (format == "string") {
        std::string_view text;
        if (!reading.read_string(value, "value", text)) return false;
        data = to_bytes(text);
        return true;
    }
    if (format == "base64" || format == "hex") return read_octets(reading, value, format, data);
    if (format == "admin") return read_admin(reading, value, data);
    if (format == "vlist") return read_references_json(reading, value, "value", data);
    if (format == "site") return read_site(reading, value, data);
    if (format == "key") return read_key(reading, value, data);
    return reading.fail_field("format", "must be string, base64, hex, admin, vlist, site or key");
}

}  // namespace

bool read_data_json(JsonReading& reading, const JsonElement& element, ByteSpan& data) {
    std::string_view text;
    if (element.is_string()) {
        if (!reading.read_string(element, "data", text)) return false;
        data = to_bytes(text);
        return true;
    }
    std::string_view format;
    JsonElement value;
    bool has_format = false;
    bool has_value = false;
    const bool good = !element.is_object() ||
                      visit_object(reading, element, "data",
                                   [&](std::string_view name, const JsonElement& member) {
                                       if (name == "format") {
                                           has_format = true;
                                           return reading.read_string(member, name, format);
                                       }
                                       if (name != "value") return unknown(reading, name);
                                       has_value = true;
                                       value = member;
                                       return true;
                                   });
    if (!good) return false;
    if (!has_format || !has_value) {
        return reading.fail(R"("data" must be a string, or hold "format" and "value")");
    }
    return read_formatted(reading, format, value, data);
}

bool read_references_json(JsonReading& reading, const JsonElement& element, std::string_view name,
                          ByteSpan& references) {
    std::vector<ReferenceView> list;
    const bool good = visit_array(reading, element, name, [&](const JsonElement& item) {
        return read_reference(reading, item, name, list.emplace_back());
    });
    if (!good) return false;
    std::span<const ReferenceView> items = list;
    references = encode_fresh(reading, items, encode_references);
    return true;
}

}  // namespace idnode::handle
