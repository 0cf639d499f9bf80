#include "protocol/core/check.h"
#include "registry/prefix.h"

// What decodes, once encoded, stays as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const auto prefix = registry::decode_prefix({octets, size});
    if (!prefix) return 0;
    const std::string stored = registry::encode_prefix(*prefix);
    const auto again = registry::decode_prefix(to_bytes(stored));
    IDN_CHECK(again && registry::encode_prefix(*again) == stored);
    return 0;
}
