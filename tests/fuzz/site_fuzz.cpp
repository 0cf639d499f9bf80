#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/site.h"

// What decodes encodes again to the same octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const Result<handle::Site> site = handle::decode_site(ByteSpan{octets, size});
    if (!site) return 0;
    std::string again(handle::encoded_size(*site), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(again.data()), again.size()});
    handle::encode_site(out, *site);
    IDN_CHECK(out.ok() && again == to_text({octets, size}));
    return 0;
}
