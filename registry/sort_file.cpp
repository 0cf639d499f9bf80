#include "registry/sort_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "registry/line_source.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kGatheredSizeMax = 1'048'576;

tl::unexpected<Problem> fail(const std::string& directory, std::string_view what, int code) {
    Problem problem;
    problem.file = directory;
    problem.text = std::string(what) + ": " + std::strerror(code);
    problem.remedy =
        "name another directory with --temporary, with room for the whole input, or sort the input "
        "before and say --sorted";
    return tl::unexpected(std::move(problem));
}

int open_unnamed(const std::string& directory) {
    const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
    // Some file systems know no files without a name.
    std::string path = directory + "/idnode-sort-XXXXXX";
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) ::unlink(path.c_str());
    return named;
}

}  // namespace

Checked<SortFile> SortFile::create(const std::string& directory) {
    const int descriptor = open_unnamed(directory);
    if (descriptor < 0) return fail(directory, "no temporary file can be made", errno);
    return SortFile(descriptor, directory);
}

SortFile::SortFile(int descriptor, std::string directory)
    : descriptor_(descriptor), directory_(std::move(directory)) {}

SortFile::SortFile(SortFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      directory_(std::move(other.directory_)),
      runs_(std::move(other.runs_)),
      gathered_(std::move(other.gathered_)),
      run_begin_(other.run_begin_),
      size_(other.size_) {}

SortFile& SortFile::operator=(SortFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    directory_ = std::move(other.directory_);
    runs_ = std::move(other.runs_);
    gathered_ = std::move(other.gathered_);
    run_begin_ = other.run_begin_;
    size_ = other.size_;
    return *this;
}

SortFile::~SortFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Checked<Done> SortFile::append(const SortItem& item) {
    const std::size_t size = stored_size(head_of(item));
    const std::size_t at = gathered_.size();
    gathered_.resize(at + size);
    store_item(gathered_.data() + at, item);
    size_ += size;
    return gathered_.size() < kGatheredSizeMax ? Checked<Done>{} : write_gathered();
}

Checked<Done> SortFile::end_run() {
    runs_.push_back({run_begin_, size_});
    run_begin_ = size_;
    return write_gathered();
}

Checked<Done> SortFile::write_gathered() {
    std::string_view left(gathered_.data(), gathered_.size());
    while (!left.empty()) {
        const ssize_t count = ::write(descriptor_, left.data(), left.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int code = errno;
            return fail(directory_,
                        fmt::format("the temporary file of {} MiB so far cannot be written further",
                                    size_ >> 20),
                        code);
        }
        left.remove_prefix(static_cast<std::size_t>(count));
    }
    gathered_.clear();
    return Done{};
}

Checked<Done> SortFile::read(std::uint64_t offset, char* room, std::size_t size) const {
    while (size > 0) {
        const ssize_t count = ::pread(descriptor_, room, size, static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            return fail(directory_, "the temporary file cannot be read", count < 0 ? errno : EIO);
        }
        room += count;
        offset += static_cast<std::uint64_t>(count);
        size -= static_cast<std::size_t>(count);
    }
    return Done{};
}

SortRunReader::SortRunReader(const SortFile& file, SortRun run, std::size_t buffer_size)
    : file_(&file), left_(run), buffer_size_(buffer_size) {}

Checked<bool> SortRunReader::next() {
    if (begin_ == end_ && left_.begin == left_.end) return false;
    auto held = hold(sizeof(SortItemHead));
    if (!held) return tl::unexpected(held.error());
    const std::size_t size = stored_size(load_item_head(buffer_.data() + begin_));
    held = hold(size);
    if (!held) return tl::unexpected(held.error());
    item_ = load_item(buffer_.data() + begin_);
    begin_ += size;
    return true;
}

// Makes the buffer hold `size` octets from begin_ on, and reads ahead when it has to read.
Checked<Done> SortRunReader::hold(std::size_t size) {
    const std::size_t kept = end_ - begin_;
    if (kept >= size) return Done{};
    const std::size_t room = std::max(buffer_size_, size);
    if (buffer_.size() < room + kRowPadding) buffer_.resize(room + kRowPadding);
    std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
    begin_ = 0;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(room - kept, left_.end - left_.begin));
    const auto read = file_->read(left_.begin, buffer_.data() + kept, count);
    if (!read) return tl::unexpected(read.error());
    left_.begin += count;
    end_ = kept + count;
    return Done{};
}

}  // namespace idnode::registry
