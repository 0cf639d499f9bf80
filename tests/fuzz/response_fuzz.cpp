// Responses: whatever decodes encodes again to the same octets, in any version.
#include <vector>

#include "protocol/handle/response.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    const auto whole = fuzz::with_true_length({octets, size});
    Reader in(whole);
    const auto envelope = handle::decode_envelope(in);
    if (!envelope) return 0;
    const auto response = handle::decode_response(*envelope, in.rest());
    if (!response) return 0;
    fuzz::expect_same(fuzz::encoded(whole.size(), handle::encode_response, *envelope, *response),
                      whole);
    return 0;
}
