#include <string>

#include "protocol/core/check.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/value_text.h"

// Any value gives one line without control characters, in UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    Reader in({octets, size});
    const Result<handle::ValueView> value = handle::decode_value(in);
    if (!value) return 0;
    std::string line;
    handle::append_value_text(line, *value);
    for (const char c : line) IDN_CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    IDN_CHECK(is_utf8(line));
    return 0;
}
