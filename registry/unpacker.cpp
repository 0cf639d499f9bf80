#include "registry/unpacker.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <climits>

#include "protocol/core/bytes.h"
#include "protocol/core/c_ptr.h"

namespace idnode::registry {

namespace {

constexpr std::string_view kGzipMagic = "\x1F\x8B\x08";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
// A frame that is passed over; the first octet is 0x50 to 0x5F.
constexpr std::string_view kZstdSkippableEnd = "\x2A\x4D\x18";

class GzipUnpacker final : public Unpacker {
public:
    GzipUnpacker() { ready_ = inflateInit2(&stream_, kWindowBits) == Z_OK; }
    ~GzipUnpacker() override { inflateEnd(&stream_); }
    GzipUnpacker(const GzipUnpacker&) = delete;
    GzipUnpacker& operator=(const GzipUnpacker&) = delete;

    tl::expected<Step, std::string> unpack(std::string_view packed, std::span<char> room) override {
        if (!ready_) return tl::unexpected(std::string("no memory"));
        if (between_) {
            if (packed.empty()) return Step{};
            inflateReset(&stream_);
            between_ = false;
        }
        const auto packed_size = static_cast<uInt>(std::min<std::size_t>(packed.size(), INT_MAX));
        const auto room_size = static_cast<uInt>(std::min<std::size_t>(room.size(), INT_MAX));
        stream_.next_in = to_bytes(packed).data();
        stream_.avail_in = packed_size;
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = room_size;
        const int code = inflate(&stream_, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            between_ = true;
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return tl::unexpected(std::string(stream_.msg != nullptr ? stream_.msg : zError(code)));
        }
        return Step{packed_size - stream_.avail_in, room_size - stream_.avail_out};
    }
    [[nodiscard]] bool between_parts() const override { return between_; }
    [[nodiscard]] std::string_view form() const override { return "gzip"; }

private:
    static constexpr int kWindowBits = 15 + 16;  // The largest window, with gzip's head and check.

    z_stream stream_{};
    bool ready_ = false;
    bool between_ = true;
};

class ZstdUnpacker final : public Unpacker {
public:
    tl::expected<Step, std::string> unpack(std::string_view packed, std::span<char> room) override {
        if (!stream_) return tl::unexpected(std::string("no memory"));
        if (between_ && packed.empty()) return Step{};
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
        if (ZSTD_isError(left) != 0) return tl::unexpected(std::string(ZSTD_getErrorName(left)));
        between_ = left == 0;
        return Step{in.pos, out.pos};
    }
    [[nodiscard]] bool between_parts() const override { return between_; }
    [[nodiscard]] std::string_view form() const override { return "zstd"; }

private:
    CPtr<ZSTD_DStream, &ZSTD_freeDStream> stream_{ZSTD_createDStream()};
    bool between_ = true;
};

bool is_skippable_frame(std::string_view start) {
    return start.size() >= Unpacker::kMagicSize && (to_bytes(start)[0] & 0xF0U) == 0x50 &&
           start.substr(1).starts_with(kZstdSkippableEnd);
}

}  // namespace

std::unique_ptr<Unpacker> make_unpacker(std::string_view start) {
    if (start.starts_with(kGzipMagic)) return std::make_unique<GzipUnpacker>();
    if (start.starts_with(kZstdMagic) || is_skippable_frame(start)) {
        return std::make_unique<ZstdUnpacker>();
    }
    return nullptr;
}

}  // namespace idnode::registry
