#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/value.h"

// What decodes encodes again to the same octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    Reader in({octets, size});
    const Result<handle::ValueView> value = handle::decode_value(in);
    if (!value) return 0;
    std::string again(handle::encoded_size(*value), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(again.data()), again.size()});
    handle::encode_value(out, *value);
    IDN_CHECK(out.ok() && again == to_text({octets, in.position()}));
    return 0;
}
