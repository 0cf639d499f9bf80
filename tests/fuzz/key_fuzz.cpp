#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/key.h"

// Flags and zeros are not kept, but the canonical octets give the same key again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const Result<handle::PublicKeyView> key = handle::decode_public_key({octets, size});
    if (!key) return 0;
    std::string first(handle::encoded_size(*key), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(first.data()), first.size()});
    handle::encode_public_key(out, *key);
    const auto again = handle::decode_public_key(to_bytes(first));
    IDN_CHECK(out.ok() && again && again->kind == key->kind && again->bits() == key->bits());
    return 0;
}
