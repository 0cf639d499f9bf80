#include "registry/input_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace idnode::registry {

namespace {

constexpr std::string_view kStandardInput = "-";

Problem cannot_read(const std::string& name, int code) {
    Problem problem;
    problem.file = name;
    problem.text = std::string("cannot be read: ") + std::strerror(code);
    return problem;
}

// The program that unpacks a file of this name; empty when it is not packed.
std::string_view unpacker_of(std::string_view path) {
    if (path.ends_with(".zst")) return "zstd -dc";
    if (path.ends_with(".gz")) return "gzip -dc";
    return {};
}

}  // namespace

Checked<InputFile> InputFile::open(const std::string& path) {
    if (path == kStandardInput) return InputFile(::dup(STDIN_FILENO), "standard input");
    if (const std::string_view unpacker = unpacker_of(path); !unpacker.empty()) {
        Problem problem;
        problem.file = path;
        problem.text = "is packed";
        problem.remedy = "unpack it on the way in: " + std::string(unpacker) + " " + path +
                         " | idnode import - …";
        return tl::unexpected(std::move(problem));
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(cannot_read(path, errno));
    InputFile file(descriptor, path);
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        return tl::unexpected(cannot_read(path, EISDIR));
    }
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return file;
}

InputFile::InputFile(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

InputFile::~InputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Checked<std::size_t> InputFile::read(std::span<char> room) {
    std::size_t filled = 0;
    while (filled < room.size()) {
        const ssize_t count = ::read(descriptor_, room.data() + filled, room.size() - filled);
        if (count == 0) break;
        if (count > 0) {
            filled += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            return tl::unexpected(cannot_read(name_, errno));
        }
    }
    return filled;
}

std::optional<std::uint64_t> InputFile::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace idnode::registry
