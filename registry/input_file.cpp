#include "registry/input_file.h"

#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "registry/running_hash.h"

namespace idnode::registry {

namespace {

constexpr std::string_view kStandardInput = "-";
constexpr std::size_t kRawSize = 131'072;
constexpr std::size_t kHashedAtOnce = 1'048'576;

Problem cannot_read(const std::string& name, int code) {
    Problem problem;
    problem.file = name;
    problem.text = std::string("cannot be read: ") + std::strerror(code);
    problem.remedy = code == EACCES ? "let this user read it" : "check its name and what it is";
    return problem;
}

tl::unexpected<Problem> broken(const std::string& name, std::string text) {
    Problem problem;
    problem.file = name;
    problem.text = std::move(text);
    problem.remedy = "get it anew";
    return tl::unexpected(std::move(problem));
}

Problem was_stopped(const std::string& name) {
    Problem problem;
    problem.file = name;
    problem.text = "is not read on";
    return problem;
}

bool is_regular(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Checked<InputFile> InputFile::open(const std::string& path) {
    if (path == kStandardInput) return InputFile(::dup(STDIN_FILENO), "standard input");
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(cannot_read(path, errno));
    InputFile file(descriptor, path);
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        return tl::unexpected(cannot_read(path, EISDIR));
    }
    // Not of a pipe: whoever fills it may not have begun.
    if (is_regular(descriptor)) {
        if (auto looked = file.look_at_start(); !looked) return tl::unexpected(looked.error());
        file.seekable_ = file.unpacker_ == nullptr;
    }
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return file;
}

InputFile::InputFile(int descriptor, std::string name)
    : descriptor_(descriptor),
      stop_descriptor_(is_regular(descriptor) ? -1 : ::eventfd(0, EFD_CLOEXEC)),
      name_(std::move(name)) {}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      stop_descriptor_(std::exchange(other.stop_descriptor_, -1)),
      name_(std::move(other.name_)),
      seekable_(other.seekable_),
      looked_at_start_(other.looked_at_start_),
      unpacker_(std::move(other.unpacker_)),
      raw_(std::move(other.raw_)),
      raw_begin_(other.raw_begin_),
      raw_end_(other.raw_end_) {}

InputFile::~InputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (stop_descriptor_ >= 0) ::close(stop_descriptor_);
}

std::string_view InputFile::raw() const {
    return {raw_.data() + raw_begin_, raw_end_ - raw_begin_};
}

// What the first octets say; they are kept, for a pipe gives them once.
Checked<Done> InputFile::look_at_start() {
    looked_at_start_ = true;
    raw_.resize(Unpacker::kMagicSize);
    const auto count = read_raw(raw_);
    if (!count) return tl::unexpected(count.error());
    raw_end_ = *count;
    unpacker_ = make_unpacker(raw());
    if (unpacker_) raw_.resize(kRawSize);
    return Done{};
}

Checked<std::size_t> InputFile::read(std::span<char> room) {
    if (!looked_at_start_) {
        if (auto looked = look_at_start(); !looked) return tl::unexpected(looked.error());
    }
    if (unpacker_) return read_unpacked(room);
    const std::size_t held = std::min(raw().size(), room.size());
    std::ranges::copy(raw().substr(0, held), room.begin());
    raw_begin_ += held;
    auto count = read_raw(room.subspan(held));
    if (!count) return count;
    return held + *count;
}

Checked<std::size_t> InputFile::read_unpacked(std::span<char> room) {
    std::size_t filled = 0;
    bool ended = false;
    while (filled < room.size()) {
        const auto step = unpacker_->unpack(raw(), room.subspan(filled));
        if (!step) {
            return broken(name_, fmt::format("the {} data are damaged ({})", unpacker_->form(),
                                             step.error()));
        }
        raw_begin_ += step->taken;
        filled += step->given;
        if (step->taken + step->given > 0) continue;
        if (ended || !raw().empty()) break;
        auto count = read_raw(raw_);
        if (!count) return count;
        raw_begin_ = 0;
        raw_end_ = *count;
        ended = *count == 0;
    }
    if (filled < room.size() && !unpacker_->between_parts()) {
        return broken(
            name_, fmt::format("is cut short: the {} data end in the middle", unpacker_->form()));
    }
    return filled;
}

Checked<std::size_t> InputFile::read_raw(std::span<char> room) {
    std::size_t filled = 0;
    while (filled < room.size()) {
        if (!wait_for_input()) return tl::unexpected(was_stopped(name_));
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

bool InputFile::wait_for_input() const {
    if (stop_descriptor_ < 0) return true;
    std::array<pollfd, 2> waited{{{descriptor_, POLLIN, 0}, {stop_descriptor_, POLLIN, 0}}};
    while (::poll(waited.data(), waited.size(), -1) < 0) {
        // Whatever else it is, read(2) will say it.
        if (errno != EINTR) return true;
    }
    return waited[1].revents == 0;
}

void InputFile::stop() {
    // A regular file is not waited for.
    if (stop_descriptor_ >= 0) static_cast<void>(::eventfd_write(stop_descriptor_, 1));
}

std::optional<std::uint64_t> InputFile::size() const {
    struct stat status {};
    if (unpacker_ || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(status.st_size);
}

Checked<Done> InputFile::seek(std::uint64_t position) {
    raw_begin_ = raw_end_ = 0;
    if (::lseek(descriptor_, static_cast<off_t>(position), SEEK_SET) < 0) {
        return tl::unexpected(cannot_read(name_, errno));
    }
    return Done{};
}

Checked<std::optional<std::uint64_t>> InputFile::hash_of(std::uint64_t begin,
                                                         std::uint64_t end) const {
    RunningHash hash;
    std::vector<char> room(static_cast<std::size_t>(
        std::min<std::uint64_t>(kHashedAtOnce, end - std::min(begin, end))));
    while (begin < end) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), end - begin));
        const ssize_t count = ::pread(descriptor_, room.data(), wanted, static_cast<off_t>(begin));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return tl::unexpected(cannot_read(name_, errno));
        if (count == 0) return std::optional<std::uint64_t>{};
        hash.add({room.data(), static_cast<std::size_t>(count)});
        begin += static_cast<std::uint64_t>(count);
    }
    return std::optional(hash.value());
}

}  // namespace idnode::registry
