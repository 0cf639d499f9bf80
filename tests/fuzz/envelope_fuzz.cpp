// Envelopes: whatever decodes encodes again to the same octets.
#include <array>

#include "protocol/handle/envelope.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    Reader in({octets, size});
    const auto envelope = handle::decode_envelope(in);
    if (!envelope) return 0;
    std::array<std::uint8_t, handle::kEnvelopeSize> again{};
    Writer out(again);
    handle::encode_envelope(out, *envelope);
    fuzz::expect_same(again, {octets, again.size()});
    return 0;
}
