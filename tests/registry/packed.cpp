#include "tests/registry/packed.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>

#include "protocol/core/bytes.h"
#include "protocol/core/c_ptr.h"

namespace idnode::registry {

std::string gzip_of(std::string_view content) {
    z_stream stream{};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
    std::string packed(deflateBound(&stream, content.size()), '\0');
    stream.next_in = to_bytes(content).data();
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd_of(std::string_view content) {
    const CPtr<ZSTD_CCtx, &ZSTD_freeCCtx> context(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(content.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), packed.data(), packed.size(), content.data(), content.size());
    if (ZSTD_isError(size) != 0) std::abort();
    packed.resize(size);
    return packed;
}

}  // namespace idnode::registry
