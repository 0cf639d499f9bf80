// Records of a dump: whatever decodes encodes again to the same octets.
#include "protocol/handle/stream.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    Reader in({octets, size});
    while (in.remaining() != 0) {
        const std::size_t from = in.position();
        const auto record = handle::decode_dump_record(in);
        if (!record) return 0;
        const ByteSpan taken{octets + from, in.position() - from};
        fuzz::expect_same(fuzz::encoded(taken.size(), handle::encode_dump_record, *record), taken);
    }
    return 0;
}
