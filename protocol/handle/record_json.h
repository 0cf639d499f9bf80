// Records and values in Handle JSON (the form of the Handle.Net REST interface):
//
//     {"handle":"88.1/a","values":[{"index":1,"type":"URL","data":{"format":"string","value":"…"},
//       "permissions":"1110","ttl":86400,"timestamp":"2023-11-14T22:13:20Z","references":[…]}]}
//
// What is written reads back octet for octet. Beyond the peers' form: eight digits when high
// permission bits are set; "ttlType" when it is neither 0 nor 1; {"format":"base64","value":…} in
// place of a handle or type that is not UTF-8. Typed data (site, admin, vlist, key) are written
// only when that form gives the same octets again, else as base64. Permissions "0100" mean 0x04
// (Handle.Net: 0x0C).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "protocol/core/json_writer.h"
#include "protocol/core/problem.h"
#include "protocol/handle/record.h"
#include "protocol/handle/value.h"

namespace idnode::handle {

// The peers leave out a timestamp of 0 (which would read back as "now"); everything else is alike.
enum class JsonTimestamps : std::uint8_t { kAll, kNotZero };

void write_value_json(JsonWriter& json, const ValueView& value,
                      JsonTimestamps timestamps = JsonTimestamps::kAll);
void write_record_json(JsonWriter& json, const RecordView& record);

// Octets that must be readable behind a document given to parse_padded(); their content is no
// matter.
inline constexpr std::size_t kJsonPadding = 64;
// A document; a record of kRecordSizeMax in the longest escapes fits.
inline constexpr std::size_t kJsonDocumentSizeMax = 1'048'576;

struct ParsedRecord {
    RecordView record;  // An empty handle: the document names none.
    // For each value 1 when the document gave its timestamp, 0 when it is the default.
    std::span<const std::uint8_t> timestamp_given;
};

// Reads documents one after the other, keeping its buffers: once they are warm, values of strings
// and base64 without references cost no allocation.
//
// Accepted: a record, an object of "values" only, an array of values, or one value. Fields of the
// record that are not known are ignored; in a value, where they could only be mistyped, they are
// refused, like a field given twice or of the wrong type. "index", "type" and "data" must be there;
// data may be a bare string; ttl is a number (relative) or a time as text (absolute); timestamps
// are times as text or seconds (timestamp.h). The index is any of 32 bits here, and may repeat:
// what may be registered is judged by the registry. Problems name the value by its place and the
// field. One thread at a time.
class RecordParser {
public:
    RecordParser();
    RecordParser(RecordParser&&) noexcept;
    RecordParser& operator=(RecordParser&&) noexcept;
    ~RecordParser();

    // The views of the result point into the parser and hold until its next use.
    // `default_timestamp` is given to values without one.
    Checked<ParsedRecord> parse(std::string_view document, std::uint32_t default_timestamp);
    // The same without a copy: kJsonPadding octets behind the document can be read.
    Checked<ParsedRecord> parse_padded(std::string_view document, std::uint32_t default_timestamp);
    // Of the document parsed last, also when it was refused behind its handle; else empty.
    [[nodiscard]] std::string_view handle_read() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace idnode::handle
