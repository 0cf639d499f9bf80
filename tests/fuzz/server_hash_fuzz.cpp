// Server selection: any octets have a place among the servers, the same in every case of letters.
#include "protocol/core/check.h"
#include "protocol/core/identifier.h"
#include "protocol/handle/server_hash.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text = to_text({octets + 2, size - 2});
    std::string folded(text);
    for (char& c : folded) c = fold_ascii(c);
    const std::uint32_t place = handle::server_for(text, octets[0], octets[1]);
    IDN_CHECK(octets[1] == 0 ? place == 0 : place < octets[1]);
    IDN_CHECK(place == handle::server_for(folded, octets[0], octets[1]));
    return 0;
}
