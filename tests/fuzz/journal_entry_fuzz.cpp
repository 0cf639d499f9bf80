#include <string>

#include "protocol/core/check.h"
#include "registry/checksum.h"
#include "registry/journal.h"

// The checksum is put right first, or nothing would come behind it. What decodes encodes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    std::string stored(to_text({octets, size}));
    const std::uint32_t checksum = registry::checksum_of({octets, size});
    for (int shift = 24; shift >= 0; shift -= 8) stored += static_cast<char>(checksum >> shift);
    const auto entry = registry::decode_journal_entry(to_bytes(stored));
    if (!entry) return 0;
    std::string again;
    registry::encode_journal_entry(*entry, again);
    IDN_CHECK(again == stored);
    return 0;
}
