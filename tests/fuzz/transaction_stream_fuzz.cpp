// Records of a transaction stream behind its version: whatever decodes encodes again to the same
// octets.
#include "protocol/handle/stream.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    Reader in({octets, size});
    const std::uint32_t version = in.u8();
    while (in.remaining() != 0) {
        const std::size_t from = in.position();
        const auto record = handle::decode_transaction_record(in, version);
        if (!record) return 0;
        const ByteSpan read{octets + from, in.position() - from};
        constexpr auto kEncode = handle::encode_transaction_record;
        fuzz::expect_same(fuzz::encoded(read.size(), kEncode, *record, version), read);
    }
    return 0;
}
