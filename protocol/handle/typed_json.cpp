#include "protocol/handle/typed_json.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "protocol/core/base64.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/admin.h"
#include "protocol/handle/key.h"
#include "protocol/handle/site.h"
#include "protocol/handle/typed_value.h"
#include "protocol/handle/value_list.h"

namespace idnode::handle {

namespace {

template <class Typed, class Encode>
bool encodes_to(const Typed& typed, Encode encode, ByteSpan data) {
    std::string again(encoded_size(typed), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(again.data()), again.size()});
    encode(out, typed);
    return out.ok() && again == to_text(data);
}

void begin_format(JsonWriter& json, std::string_view format) {
    json.begin_object().key("format").string(format).key("value");
}

void write_string_form(JsonWriter& json, ByteSpan data) {
    begin_format(json, "string");
    json.string(to_text(data)).end_object();
}

void write_base64_form(JsonWriter& json, ByteSpan data) {
    begin_format(json, "base64");
    std::string text;
    append_base64(text, data);
    json.string(text).end_object();
}

void write_opaque(JsonWriter& json, ByteSpan data) {
    if (is_plain_text(data)) return write_string_form(json, data);
    write_base64_form(json, data);
}

void write_reference(JsonWriter& json, const ReferenceView& reference) {
    json.begin_object().key("handle");
    write_text_json(json, reference.handle);
    json.key("index").number(reference.index).end_object();
}

void write_list(JsonWriter& json, const ReferenceList& list) {
    json.begin_array();
    for (const ReferenceView reference : list) write_reference(json, reference);
    json.end_array();
}

// The functions below give false, and write nothing, when their form would not give `data` again.

bool write_value_list_form(JsonWriter& json, ByteSpan data) {
    const Result<ReferenceList> list = decode_value_list(data);
    if (!list) return false;
    begin_format(json, "vlist");
    write_list(json, *list);
    json.end_object();
    return true;
}

bool write_admin_form(JsonWriter& json, ByteSpan data) {
    const Result<AdminView> admin = decode_admin(data);
    if (!admin || !encodes_to(*admin, encode_admin, data)) return false;
    if (!admin->tail.empty() && !std::ranges::equal(admin->tail, kOldAdminTail)) return false;
    begin_format(json, "admin");
    json.begin_object().key("handle");
    write_text_json(json, admin->handle);
    json.key("index").number(admin->index);
    const int digits = admin->permissions > kMayDoAll ? 16 : 12;
    json.key("permissions").string(fmt::format("{:0{}b}", admin->permissions, digits));
    if (!admin->tail.empty()) json.key("legacyByteLength").boolean(true);
    json.end_object().end_object();
    return true;
}

void write_number_member(JsonWriter& json, std::string_view name, ByteSpan number) {
    std::string text;
    append_base64url(text, number);
    json.key(name).string(text);
}

bool write_key_form(JsonWriter& json, ByteSpan data) {
    const Result<PublicKeyView> key = decode_public_key(data);
    if (!key || !encodes_to(*key, encode_public_key, data)) return false;
    begin_format(json, "key");
    json.begin_object().key("kty");
    const auto& numbers = key->numbers;
    if (key->kind == KeyKind::kRsa) {
        json.string("RSA");
        write_number_member(json, "n", numbers[1]);
        write_number_member(json, "e", numbers[0]);
    } else {
        json.string("DSA");
        write_number_member(json, "y", numbers[3]);
        write_number_member(json, "p", numbers[1]);
        write_number_member(json, "q", numbers[0]);
        write_number_member(json, "g", numbers[2]);
    }
    json.end_object().end_object();
    return true;
}

void write_key_or_octets(JsonWriter& json, ByteSpan data) {
    if (is_pem(data) && is_plain_text(data)) return write_string_form(json, data);
    if (!write_key_form(json, data)) write_base64_form(json, data);
}

bool has_json_form(const SiteServer& server) {
    return std::ranges::all_of(server.interfaces, [](const SiteInterface& interface) {
        return interface.type <= (kInterfaceAdmin | kInterfaceQuery) &&
               interface.protocol < std::size(kSiteProtocolNames);
    });
}

// Everything in the site can be said in JSON: known bits, known protocols, and UTF-8.
bool has_json_form(const Site& site) {
    const bool texts_good =
        is_utf8(site.hash_filter) &&
        std::ranges::all_of(site.attributes, [](const SiteAttribute& attribute) {
            return is_utf8(attribute.name) && is_utf8(attribute.value);
        });
    const bool flags_known = (site.flags & ~(kSitePrimary | kSiteMultiPrimary)) == 0;
    return texts_good && flags_known &&
           std::ranges::all_of(site.servers,
                               [](const SiteServer& server) { return has_json_form(server); });
}

void write_server(JsonWriter& json, const SiteServer& server) {
    json.begin_object().key("serverId").number(server.id);
    json.key("address").string(address_text(server.address)).key("publicKey");
    write_key_or_octets(json, to_bytes(server.public_key));
    json.key("interfaces").begin_array();
    for (const SiteInterface& interface : server.interfaces) {
        json.begin_object();
        json.key("query").boolean((interface.type & kInterfaceQuery) != 0);
        json.key("admin").boolean((interface.type & kInterfaceAdmin) != 0);
        json.key("protocol").string(kSiteProtocolNames[interface.protocol]);
        json.key("port").number(interface.port).end_object();
    }
    json.end_array().end_object();
}

void write_site(JsonWriter& json, const Site& site) {
    json.begin_object().key("version").number(site.version);
    json.key("protocolVersion")
        .string(fmt::format("{}.{}", site.protocol_major, site.protocol_minor));
    json.key("serialNumber").number(site.serial_number);
    json.key("primarySite").boolean((site.flags & kSitePrimary) != 0);
    json.key("multiPrimary").boolean((site.flags & kSiteMultiPrimary) != 0);
    if (site.hash_option != kHashByHandle) json.key("hashOption").number(site.hash_option);
    if (!site.hash_filter.empty()) json.key("hashFilter").string(site.hash_filter);
    json.key("attributes").begin_array();
    for (const SiteAttribute& attribute : site.attributes) {
        json.begin_object().key("name").string(attribute.name);
        json.key("value").string(attribute.value).end_object();
    }
    json.end_array().key("servers").begin_array();
    for (const SiteServer& server : site.servers) write_server(json, server);
    json.end_array().end_object();
}

bool write_site_form(JsonWriter& json, ByteSpan data) {
    const Result<Site> site = decode_site(data);
    if (!site || !has_json_form(*site) || !encodes_to(*site, encode_site, data)) return false;
    begin_format(json, "site");
    write_site(json, *site);
    json.end_object();
    return true;
}

}  // namespace

bool is_plain_text(ByteSpan data) {
    // The peers' rule, 0x09 to 0x13 and not the 0x0D that one would expect.
    const bool controls_good = std::ranges::all_of(
        data, [](std::uint8_t octet) { return octet >= 0x20 || (octet >= 0x09 && octet <= 0x13); });
    return controls_good && is_utf8(to_text(data));
}

void write_data_json(JsonWriter& json, std::string_view type, ByteSpan data) {
    bool written = false;
    switch (data_form_of(type)) {
        case DataForm::kOpaque:
        case DataForm::kHandle:
            return write_opaque(json, data);
        case DataForm::kKey:
            return write_key_or_octets(json, data);
        case DataForm::kSite:
            written = write_site_form(json, data);
            break;
        case DataForm::kAdmin:
            written = write_admin_form(json, data);
            break;
        case DataForm::kValueList:
            written = write_value_list_form(json, data);
            break;
    }
    if (!written) write_base64_form(json, data);
}

void write_text_json(JsonWriter& json, std::string_view text) {
    if (is_utf8(text)) {
        json.string(text);
    } else {
        write_base64_form(json, to_bytes(text));
    }
}

void write_references_json(JsonWriter& json, ByteSpan references) {
    Reader in(references);
    const Result<ReferenceList> list = decode_references(in);
    write_list(json, list ? *list : ReferenceList());
}

}  // namespace idnode::handle
