#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/record_json.h"

// A record that is scanned is the one that the JSON parser reads: behind a space nothing is
// scanned.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    static handle::RecordParser scanning;
    static handle::RecordParser parsing;
    const std::string document(to_text({octets, size}));
    const auto scanned = scanning.parse(document, 1);
    const auto parsed = parsing.parse(' ' + document, 1);
    IDN_CHECK(scanned.has_value() == parsed.has_value());
    if (!scanned) return 0;
    IDN_CHECK(handle::Record(scanned->record) == handle::Record(parsed->record));
    return 0;
}
