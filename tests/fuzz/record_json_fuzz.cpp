#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/record_json.h"

// What is read is written so that it reads back octet for octet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    static handle::RecordParser parser;
    const auto parsed = parser.parse(to_text({octets, size}), 1);
    if (!parsed) return 0;
    const handle::Record record(parsed->record);
    std::string text;
    JsonWriter json(text);
    handle::write_record_json(json, parsed->record);
    const auto again = parser.parse(text, 2);
    IDN_CHECK(again ? handle::Record(again->record) == record : text.size() > (1U << 20));
    return 0;
}
