#include <string>

#include "protocol/core/check.h"
#include "protocol/handle/admin.h"

// What decodes encodes again to the same octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const Result<handle::AdminView> admin = handle::decode_admin({octets, size});
    if (!admin) return 0;
    std::string again(handle::encoded_size(*admin), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(again.data()), again.size()});
    handle::encode_admin(out, *admin);
    IDN_CHECK(out.ok() && again == to_text({octets, size}));
    return 0;
}
