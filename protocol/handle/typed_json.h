// The data of a value as the "data" member of Handle JSON: {"format":…,"value":…}, with the format
// string, base64, admin, vlist, site or key. Part of record_json.h; here for its two writers.
#pragma once

#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/json_writer.h"

namespace idnode::handle {

// True for what is shown as a string: UTF-8 whose control characters below 0x20 are all of
// 0x09–0x13.
bool is_plain_text(ByteSpan data);

// Typed data by their type; base64 when the typed form would not give the same octets again.
void write_data_json(JsonWriter& json, std::string_view type, ByteSpan data);

// A string, or {"format":"base64",…} when `text` is not UTF-8.
void write_text_json(JsonWriter& json, std::string_view text);

// [{"handle":…,"index":…},…] of a whole list in wire form.
void write_references_json(JsonWriter& json, ByteSpan references);

}  // namespace idnode::handle
