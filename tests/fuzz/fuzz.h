// What the fuzz targets share. Each target is one function over one input (libFuzzer's); a broken
// promise ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/handle/fragment.h"

// Declared here for -Wmissing-prototypes; libFuzzer and replay_main.cpp call it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size);

namespace idnode::fuzz {

void expect_same(ByteSpan one, ByteSpan other);

// The input with the length in its envelope made true, so that inputs reach behind that check.
std::vector<std::uint8_t> with_true_length(ByteSpan whole);

// What `encode` writes for `decoded` into exactly `size` octets; ends the process when it writes
// more or less.
void expect_full(const Writer& out);
template <class Encode, class... Decoded>
std::vector<std::uint8_t> encoded(std::size_t size, Encode encode, const Decoded&... decoded) {
    std::vector<std::uint8_t> octets(size);
    Writer out(octets);
    encode(out, decoded...);
    expect_full(out);
    return octets;
}

// Reads one envelope from `in` and gives a part of zeros of the size that its place needs, less
// `missing` octets.
void add_packet(handle::Reassembly& reassembly, ByteSpan sender, std::uint64_t now_ms,
                std::size_t missing, Reader& in);

}  // namespace idnode::fuzz
