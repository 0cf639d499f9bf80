#include "protocol/core/check.h"
#include "registry/import_unfinished.h"

// What decodes, once encoded, stays as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const auto import = registry::decode_unfinished_import({octets, size});
    if (!import) return 0;
    const std::string stored = registry::encode_unfinished_import(*import);
    const auto again = registry::decode_unfinished_import(to_bytes(stored));
    IDN_CHECK(again && registry::encode_unfinished_import(*again) == stored);
    return 0;
}
