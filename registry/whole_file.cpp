#include "registry/whole_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace idnode::registry {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;

Error read_error(int code) { return {ErrorKind::kUnavailable, "read file", code}; }

}  // namespace

Result<std::string> read_whole_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return tl::unexpected(read_error(errno));
    auto text = read_whole_file(file);
    ::close(file);
    return text;
}

Result<std::string> read_whole_file(int file) {
    std::string text;
    std::array<char, kReadSize> piece;
    while (true) {
        const ssize_t size = ::read(file, piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return tl::unexpected(read_error(errno));
        if (size == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(size));
        if (text.size() > kWholeFileSizeMax) return tl::unexpected(read_error(EFBIG));
    }
}

}  // namespace idnode::registry
