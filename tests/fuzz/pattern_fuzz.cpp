#include "protocol/core/check.h"
#include "registry/pattern.h"

// What decodes comes back when it is encoded and decoded again; only a list of TLVs falls away.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode::registry;
    const auto pattern = decode_pattern({octets, size});
    if (!pattern) return 0;
    const std::string again = encode_pattern(*pattern);
    IDN_CHECK(idnode::to_text({octets, size}).starts_with(again));
    const auto second = decode_pattern(idnode::to_bytes(again));
    IDN_CHECK(second.has_value() && *second == *pattern);
    return 0;
}
