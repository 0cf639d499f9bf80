// The data and references of a value out of Handle JSON: what typed_json.h writes, and the forms
// that are only read (hex; permissions of an administrator as true, number, or array with the
// lowest bit first). Part of record_json.h. Results point into the reading's strings or the
// document.
#pragma once

#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/handle/json_reading.h"

namespace idnode::handle {

// The "data" of a value: a string, or {"format":…,"value":…} with any of the formats.
bool read_data_json(JsonReading& reading, const JsonElement& element, ByteSpan& data);

// An array of {"handle":…,"index":…}, given in wire form.
bool read_references_json(JsonReading& reading, const JsonElement& element, std::string_view name,
                          ByteSpan& references);

}  // namespace idnode::handle
