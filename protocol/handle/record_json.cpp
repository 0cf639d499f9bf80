#include "protocol/handle/record_json.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "protocol/handle/timestamp.h"
#include "protocol/handle/typed_json.h"

namespace idnode::handle {

namespace {

constexpr std::uint8_t kNamedPermissions = kAdminRead | kAdminWrite | kPublicRead | kPublicWrite;

void write_time(JsonWriter& json, std::uint32_t seconds) {
    std::string text;
    append_timestamp(text, seconds);
    json.string(text);
}

void write_permissions(JsonWriter& json, std::uint8_t permissions) {
    const int digits = permissions > kNamedPermissions ? 8 : 4;
    json.key("permissions").string(fmt::format("{:0{}b}", permissions, digits));
}

void write_ttl(JsonWriter& json, const ValueView& value) {
    json.key("ttl");
    if (value.ttl_type == kTtlAbsolute) return write_time(json, value.ttl);
    json.number(value.ttl);
    if (value.ttl_type != kTtlRelative) json.key("ttlType").number(value.ttl_type);
}

}  // namespace

void write_value_json(JsonWriter& json, const ValueView& value, JsonTimestamps timestamps) {
    json.begin_object().key("index").number(value.index).key("type");
    write_text_json(json, value.type);
    json.key("data");
    write_data_json(json, value.type, value.data);
    if (value.permissions != kPermissionsDefault) write_permissions(json, value.permissions);
    write_ttl(json, value);
    if (timestamps == JsonTimestamps::kAll || value.timestamp != 0) {
        json.key("timestamp");
        write_time(json, value.timestamp);
    }
    if (!std::ranges::equal(value.references, kNoReferences)) {
        json.key("references");
        write_references_json(json, value.references);
    }
    json.end_object();
}

void write_record_json(JsonWriter& json, const RecordView& record) {
    json.begin_object().key("handle");
    write_text_json(json, record.handle);
    json.key("values").begin_array();
    for (const ValueView& value : record.values) write_value_json(json, value);
    json.end_array().end_object();
}

}  // namespace idnode::handle
