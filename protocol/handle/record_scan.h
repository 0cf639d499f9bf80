// Reads a record of Handle JSON in the spelling in which it is exported: members in that order, no
// white space between them, nothing escaped, all data strings.
//
// It takes what record_json.h would take, with the same result, or refuses: then the document is
// to be read as JSON. Several times faster than that. Nothing is allocated. Part of record_json.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/handle/value.h"

namespace idnode::handle {

class RecordScan {
public:
    struct Into {
        std::string_view& handle;
        std::vector<ValueView>& values;
        std::vector<std::uint8_t>& timestamp_given;
    };

    // kJsonPadding octets behind the document can be read. False: refused, and `into` holds
    // anything.
    bool scan(std::string_view document, std::uint32_t default_timestamp, const Into& into);

private:
    bool scan_value(std::uint32_t default_timestamp, const Into& into);
    bool take_string(std::string_view& text);
    bool take_number(std::uint32_t& number);
    bool take_permissions(std::uint8_t& permissions);
    bool take_time(std::uint32_t& seconds);
    template <std::size_t kSize>
    bool take(const char (&literal)[kSize]);

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::string last_time_text_;
    std::uint32_t last_time_ = 0;
};

}  // namespace idnode::handle
