#include <string>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "protocol/handle/timestamp.h"

// A time that is read is written so that it reads back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const auto seconds = handle::parse_timestamp(to_text({octets, size}));
    if (!seconds) return 0;
    std::string text;
    handle::append_timestamp(text, *seconds);
    IDN_CHECK(text.size() == handle::kTimestampTextSize);
    IDN_CHECK(handle::parse_timestamp(text) == seconds);
    return 0;
}
