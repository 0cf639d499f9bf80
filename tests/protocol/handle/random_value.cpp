#include "tests/protocol/handle/random_value.h"

#include <array>

#include "protocol/handle/admin.h"
#include "protocol/handle/key.h"
#include "protocol/handle/site.h"
#include "protocol/handle/value_list.h"
#include "tests/protocol/handle/encoded.h"

namespace idnode::test {

namespace {

using handle::encode_admin;
using handle::encode_public_key;
using handle::encode_references;
using handle::encode_site;

std::uint8_t u8_of(std::uint64_t number) { return static_cast<std::uint8_t>(number); }

}  // namespace

std::uint32_t RandomValues::u32() {
    constexpr std::array<std::uint32_t, 6> kEnds = {0,           1,           0x7FFF'FFFF,
                                                    0x8000'0000, 0xFFFF'FFFE, 0xFFFF'FFFF};
    return below(3) == 0 ? kEnds[below(kEnds.size())] : static_cast<std::uint32_t>(engine_());
}

std::string RandomValues::octets(std::size_t size_max) {
    std::string octets(below(size_max + 1), '\0');
    for (char& octet : octets) octet = static_cast<char>(engine_());
    return octets;
}

std::string RandomValues::text(std::size_t size_max) {
    constexpr std::array<std::string_view, 10> kPieces = {
        "a", "https://example.org/", "标识", "\"", "\\", "\n", "\x7F",
        "é", "\xF0\x9F\x8F\xAD",     "\x01"};
    std::string text;
    const std::size_t size = below(size_max + 1);
    while (text.size() < size) text += kPieces[below(kPieces.size())];
    return text;
}

std::string RandomValues::type() {
    constexpr std::array<std::string_view, 9> kTypes = {"URL",      "HS_ADMIN",       "HS_VLIST",
                                                        "hs_site",  "HS_SITE.PREFIX", "HS_PUBKEY",
                                                        "HS_ALIAS", "hs_vList",       "HS_SITE.6"};
    switch (below(10)) {
        case 0:
            return octets(12);
        case 1:
            return text(20);
        default:
            return std::string(kTypes[below(kTypes.size())]);
    }
}

std::string RandomValues::references() {
    const std::string first = text(10);
    const std::string second = octets(10);
    const std::array<handle::ReferenceView, 2> all = {
        {{first, u32()}, {below(4) == 0 ? second : first, u32()}}};
    return encoded(std::span<const handle::ReferenceView>(all).first(below(3)), encode_references);
}

std::string RandomValues::site() {
    handle::Site site;
    site.version = static_cast<std::uint16_t>(u32());
    site.protocol_major = u8_of(engine_());
    site.serial_number = static_cast<std::uint16_t>(u32());
    site.flags = u8_of(below(5) == 0 ? engine_() : below(4) << 6);
    site.hash_option = u8_of(below(5));
    site.hash_filter = below(2) == 0 ? "" : text(5);
    while (below(3) != 0) site.attributes.push_back({text(6), below(9) == 0 ? octets(6) : text(6)});
    while (below(3) != 0) {
        handle::SiteServer server;
        server.id = u32();
        const std::size_t zeros = below(17);
        for (std::size_t i = zeros; i < 16; ++i) server.address[i] = u8_of(engine_());
        server.public_key = below(2) == 0 ? key() : octets(8);
        while (below(3) != 0) {
            server.interfaces.push_back({u8_of(below(10) == 0 ? 4 : below(4)),
                                         u8_of(below(10) == 0 ? 4 : below(4)), u32()});
        }
        site.servers.push_back(std::move(server));
    }
    return encoded(site, encode_site);
}

std::string RandomValues::admin() {
    const std::string name = below(4) == 0 ? octets(6) : text(6);
    const std::string tail = below(2) == 0 ? std::string(2, '\0') : octets(2).append(2, 'x');
    handle::AdminView admin;
    admin.permissions = static_cast<std::uint16_t>(u32());
    admin.handle = name;
    admin.index = u32();
    if (below(2) == 0) admin.tail = to_bytes(tail).first(2);
    return encoded(admin, encode_admin);
}

std::string RandomValues::key() {
    std::array<std::string, 4> numbers;
    handle::PublicKeyView key;
    key.kind = below(2) == 0 ? handle::KeyKind::kRsa : handle::KeyKind::kDsa;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = octets(20);
        key.numbers[i] = to_bytes(numbers[i]);
    }
    return encoded(key, encode_public_key);
}

std::string RandomValues::data_of(const std::string& type) {
    if (below(6) == 0) return octets(40);
    if (below(6) == 0) return text(40);
    std::string data = text(40);
    if (type == "HS_ADMIN") data = admin();
    if (type == "HS_VLIST" || type == "hs_vList") data = references();
    if (type == "hs_site" || type == "HS_SITE.PREFIX" || type == "HS_SITE.6") data = site();
    if (type == "HS_PUBKEY") data = below(3) == 0 ? "-----BEGIN PUBLIC KEY-----\r\n" : key();
    if (below(12) == 0 && !data.empty()) data.pop_back();
    if (below(12) == 0) data += octets(3);
    return data;
}

handle::Value RandomValues::value() {
    handle::Value value;
    value.index = u32();
    value.timestamp = u32();
    value.ttl_type = u8_of(below(4) == 0 ? engine_() : below(2));
    value.permissions = u8_of(below(2) == 0 ? engine_() : handle::kPermissionsDefault);
    value.ttl = u32();
    value.type = type();
    value.data = data_of(value.type);
    const std::string wire = references();
    if (wire != std::string(4, '\0')) value.references = wire;
    return value;
}

handle::Record RandomValues::record(std::size_t count_max) {
    handle::Record record;
    record.handle = "88.1/" + text(20);
    const std::size_t count = below(count_max + 1);
    for (std::size_t i = 0; i < count; ++i) record.values.push_back(value());
    return record;
}

}  // namespace idnode::test
