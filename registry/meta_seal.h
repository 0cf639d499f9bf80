// The frame of every record of the table `meta`:
//
//     kind:u8 version:u8=1 fields checksum:u32     (big-endian; checksum.h, over all before it)
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "registry/checksum.h"

namespace idnode::registry {

inline constexpr std::uint8_t kMetaVersion = 1;
inline constexpr std::size_t kMetaSizeMax = 1'536;

// Lets `fill` write the fields.
template <class Fill>
std::string sealed_meta(std::uint8_t kind, Fill fill) {
    std::array<std::uint8_t, kMetaSizeMax> room;
    idnode::Writer out(room);
    out.u8(kind);
    out.u8(kMetaVersion);
    fill(out);
    out.u32(checksum_of(out.written()));
    return std::string(to_text(out.written()));
}

// A reader of the fields; all else is checked.
inline Result<Reader> unsealed_meta(ByteSpan stored, std::uint8_t kind) {
    constexpr std::size_t kChecksumSize = 4;
    if (stored.size() < 2 + kChecksumSize) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "meta record size"});
    }
    if (stored[0] != kind || stored[1] != kMetaVersion) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "meta record kind"});
    }
    const ByteSpan content = stored.first(stored.size() - kChecksumSize);
    if (Reader(stored.last(kChecksumSize)).u32() != checksum_of(content)) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "meta record checksum"});
    }
    return Reader(content.subspan(2));
}

// `value`, when all fields have been read.
template <class T>
Result<T> whole_meta(const Reader& in, const T& value) {
    if (!in.at_end()) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta record"});
    return value;
}

}  // namespace idnode::registry
