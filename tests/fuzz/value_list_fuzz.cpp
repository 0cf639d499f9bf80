#include <string>
#include <vector>

#include "protocol/core/check.h"
#include "protocol/handle/value_list.h"

// What decodes encodes again to the same octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    const Result<handle::ReferenceList> list = handle::decode_value_list({octets, size});
    if (!list) return 0;
    std::vector<handle::ReferenceView> items;
    for (const handle::ReferenceView item : *list) items.push_back(item);
    std::string again(handle::encoded_size(std::span<const handle::ReferenceView>(items)), '\0');
    Writer out({reinterpret_cast<std::uint8_t*>(again.data()), again.size()});
    handle::encode_references(out, items);
    IDN_CHECK(out.ok() && again == to_text({octets, size}));
    return 0;
}
