// Reassembly under packets of any number, length, order and time: stays within its bounds. The
// input is a list of packets: sender, wait, octets that the part misses, an envelope.
#include "protocol/core/check.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    handle::Reassembly reassembly;
    std::uint64_t now_ms = 0;
    for (Reader in({octets, size}); in.remaining() > 3;) {
        const ByteSpan sender = in.bytes(1);
        now_ms += in.u8() * 16U;
        const std::size_t missing = in.u8() % 4U;
        fuzz::add_packet(reassembly, sender, now_ms, missing, in);
        IDN_CHECK(reassembly.memory() <= handle::kReassemblyTotalMax);
    }
    return 0;
}
