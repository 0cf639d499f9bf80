#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/handle/json_reading.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/record_scan.h"
#include "protocol/handle/timestamp.h"
#include "protocol/handle/typed_json_reading.h"

namespace idnode::handle {

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

namespace {

enum Field : unsigned {
    kIndex,
    kType,
    kData,
    kPermissions,
    kTtl,
    kTimestamp,
    kReferences,
    kTtlType,
    kFieldCount,
};

constexpr std::string_view kFieldNames[kFieldCount] = {
    "index", "type", "data", "permissions", "ttl", "timestamp", "references", "ttlType"};

constexpr unsigned bit_of(unsigned field) { return 1U << field; }

constexpr unsigned kNeededFields = bit_of(kIndex) | bit_of(kType) | bit_of(kData);

unsigned field_of(std::string_view name) {
    const auto* const known = std::ranges::find(kFieldNames, name);
    return static_cast<unsigned>(known - std::begin(kFieldNames));
}

std::string_view missing_field(unsigned fields) {
    for (unsigned field = 0; field < kFieldCount; ++field) {
        if ((kNeededFields & ~fields & bit_of(field)) != 0) return kFieldNames[field];
    }
    return {};
}

bool read_permissions(JsonReading& reading, const JsonElement& element, std::uint8_t& permissions) {
    std::string_view digits;
    if (!reading.read_string(element, "permissions", digits)) return false;
    if (digits == "*") {
        permissions = kAdminRead | kAdminWrite | kPublicRead | kPublicWrite;
        return true;
    }
    const char* const end = digits.data() + digits.size();
    const auto [stop, fault] = std::from_chars(digits.data(), end, permissions, 2);
    if (fault == std::errc() && stop == end && digits.size() <= 8) return true;
    return reading.fail_field("permissions", "must be * or up to 8 digits, each 0 or 1");
}

bool read_time(JsonReading& reading, const JsonElement& element, std::string_view name,
               std::uint32_t& seconds) {
    std::string_view text;
    if (!reading.read_string(element, name, text)) return false;
    const std::optional<std::uint32_t> parsed = parse_timestamp(text);
    if (!parsed) {
        return reading.fail_field(name, "must be like 2023-11-14T22:13:20Z, from 1970 to 2106");
    }
    seconds = *parsed;
    return true;
}

bool read_ttl(JsonReading& reading, const JsonElement& element, ValueView& value) {
    if (element.is_string()) {
        value.ttl_type = kTtlAbsolute;
        return read_time(reading, element, "ttl", value.ttl);
    }
    value.ttl_type = kTtlRelative;
    return reading.read_u32(element, "ttl", value.ttl);
}

bool read_timestamp(JsonReading& reading, const JsonElement& element, std::uint32_t& timestamp) {
    if (element.is_string()) return read_time(reading, element, "timestamp", timestamp);
    return reading.read_u32(element, "timestamp", timestamp);
}

bool read_ttl_type(JsonReading& reading, const JsonElement& element,
                   std::optional<std::uint8_t>& type) {
    std::uint64_t number = 0;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint8_t>::max();
    if (!reading.read_number(element, "ttlType", kMax, number)) return false;
    type = static_cast<std::uint8_t>(number);
    return true;
}

// A value while it is read.
struct Reading {
    ValueView value;
    std::optional<std::uint8_t> ttl_type;
    unsigned fields = 0;
};

bool read_field(JsonReading& reading, unsigned field, const JsonElement& element, Reading& into) {
    ValueView& value = into.value;
    switch (field) {
        case kIndex:
            return reading.read_u32(element, "index", value.index);
        case kType:
            return reading.read_text(element, "type", value.type);
        case kData:
            return read_data_json(reading, element, value.data);
        case kPermissions:
            return read_permissions(reading, element, value.permissions);
        case kTtl:
            return read_ttl(reading, element, value);
        case kTimestamp:
            return read_timestamp(reading, element, value.timestamp);
        case kReferences:
            return read_references_json(reading, element, "references", value.references);
        default:
            return read_ttl_type(reading, element, into.ttl_type);
    }
}

// A value must have been an object; this judges what is only known behind its last member.
bool finish_value(JsonReading& reading, Reading& read) {
    if (const std::string_view missing = missing_field(read.fields); !missing.empty()) {
        return reading.fail_field(missing, "is missing");
    }
    if (!read.ttl_type) return true;
    if (read.value.ttl_type == kTtlAbsolute && *read.ttl_type != kTtlAbsolute) {
        return reading.fail(R"("ttl" must be a number where "ttlType" is given)");
    }
    read.value.ttl_type = *read.ttl_type;
    return true;
}

}  // namespace

class RecordParser::State {
public:
    Checked<ParsedRecord> parse(std::string_view document, std::uint32_t default_timestamp);
    Checked<ParsedRecord> parse_copy(std::string_view document, std::uint32_t default_timestamp);
    [[nodiscard]] std::string_view handle() const { return handle_; }

private:
    void clear();
    bool read_document(const JsonElement& root);
    bool read_record(const JsonElement& root, const simdjson::dom::object& object);
    bool read_values(const JsonElement& element);
    bool read_value(const JsonElement& element);
    [[nodiscard]] std::string place() const;

    simdjson::dom::parser parser_;
    JsonReading reading_;
    RecordScan scan_;
    std::string copy_;
    std::string_view handle_;
    std::vector<ValueView> values_;
    std::vector<std::uint8_t> timestamp_given_;
    std::uint32_t default_timestamp_ = 0;
    std::size_t value_number_ = 0;  // From 1, of the value being read; 0: none.
};

Checked<ParsedRecord> RecordParser::State::parse_copy(std::string_view document,
                                                      std::uint32_t default_timestamp) {
    copy_.assign(document);
    copy_.append(kJsonPadding, ' ');
    return parse(std::string_view(copy_).substr(0, document.size()), default_timestamp);
}

Checked<ParsedRecord> RecordParser::State::parse(std::string_view document,
                                                 std::uint32_t default_timestamp) {
    Problem problem;
    if (document.size() > kJsonDocumentSizeMax) {
        problem.text = fmt::format("a record in JSON may have {} octets, this has {}",
                                   kJsonDocumentSizeMax, document.size());
        return tl::unexpected(std::move(problem));
    }
    clear();
    if (scan_.scan(document, default_timestamp, {handle_, values_, timestamp_given_})) {
        return ParsedRecord{{handle_, values_}, timestamp_given_};
    }
    clear();
    reading_.start(document.find("\\u") != std::string_view::npos);
    default_timestamp_ = default_timestamp;
    JsonElement root;
    const auto fault = parser_.parse(document.data(), document.size(), false).get(root);
    if (fault != simdjson::SUCCESS) {
        problem.text = fmt::format("not JSON: {}", simdjson::error_message(fault));
        return tl::unexpected(std::move(problem));
    }
    if (!read_document(root)) {
        problem.text = place() + reading_.fault();
        return tl::unexpected(std::move(problem));
    }
    return ParsedRecord{{handle_, values_}, timestamp_given_};
}

void RecordParser::State::clear() {
    handle_ = {};
    values_.clear();
    timestamp_given_.clear();
    value_number_ = 0;
}

std::string RecordParser::State::place() const {
    return value_number_ == 0 ? std::string() : fmt::format("value {}: ", value_number_);
}

bool RecordParser::State::read_document(const JsonElement& root) {
    if (root.is_array()) return read_values(root);
    simdjson::dom::object object;
    if (root.get_object().get(object) != simdjson::SUCCESS) {
        return reading_.fail("a record must be an object, or an array of values");
    }
    return read_record(root, object);
}

bool RecordParser::State::read_record(const JsonElement& root,
                                      const simdjson::dom::object& object) {
    bool has_handle = false;
    bool has_values = false;
    bool has_index = false;
    for (const simdjson::dom::key_value_pair member : object) {
        if (member.key == "index") {
            has_index = true;
        } else if (member.key == "handle") {
            if (std::exchange(has_handle, true)) return reading_.fail("\"handle\" is given twice");
            if (!reading_.read_text(member.value, "handle", handle_)) return false;
        } else if (member.key == "values") {
            if (std::exchange(has_values, true)) return reading_.fail("\"values\" are given twice");
            if (!read_values(member.value)) return false;
        }
    }
    if (has_values) return true;
    return has_index ? read_value(root) : reading_.fail("\"values\" are missing");
}

bool RecordParser::State::read_values(const JsonElement& element) {
    simdjson::dom::array array;
    if (element.get_array().get(array) != simdjson::SUCCESS) {
        return reading_.fail("\"values\" must be an array");
    }
    for (const JsonElement value : array) {
        if (!read_value(value)) return false;
    }
    value_number_ = 0;
    return true;
}

bool RecordParser::State::read_value(const JsonElement& element) {
    ++value_number_;
    simdjson::dom::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) {
        return reading_.fail("must be an object");
    }
    Reading read;
    read.value.timestamp = default_timestamp_;
    for (const simdjson::dom::key_value_pair member : object) {
        const unsigned field = field_of(member.key);
        if (field == kFieldCount) {
            return reading_.fail_field(member.key, "is not a known field of a value");
        }
        if ((read.fields & bit_of(field)) != 0) {
            return reading_.fail_field(member.key, "is given twice");
        }
        read.fields |= bit_of(field);
        if (!read_field(reading_, field, member.value, read)) return false;
    }
    if (!finish_value(reading_, read)) return false;
    values_.push_back(read.value);
    timestamp_given_.push_back((read.fields & bit_of(kTimestamp)) != 0 ? 1 : 0);
    return true;
}

RecordParser::RecordParser() : state_(std::make_unique<State>()) {}
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;
RecordParser::~RecordParser() = default;

Checked<ParsedRecord> RecordParser::parse(std::string_view document,
                                          std::uint32_t default_timestamp) {
    return state_->parse_copy(document, default_timestamp);
}

Checked<ParsedRecord> RecordParser::parse_padded(std::string_view document,
                                                 std::uint32_t default_timestamp) {
    return state_->parse(document, default_timestamp);
}

std::string_view RecordParser::handle_read() const { return state_->handle(); }

}  // namespace idnode::handle
