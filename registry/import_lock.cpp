#include "registry/import_lock.h"

#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace idnode::registry {

namespace {

int open_data(const std::string& registry_path, int flags) {
    return ::open((registry_path + "/data.mdb").c_str(), flags | O_CLOEXEC);
}

struct flock lock_of(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = off_t{1} << 62;
    lock.l_len = 1;
    return lock;
}

}  // namespace

std::optional<ImportLock> ImportLock::take(const std::string& registry_path) {
    const int file = open_data(registry_path, O_RDWR);
    if (file < 0) return std::nullopt;
    ImportLock made(file);
    struct flock lock = lock_of(F_WRLCK);
    if (::fcntl(file, F_OFD_SETLK, &lock) != 0) return std::nullopt;
    return made;
}

bool ImportLock::is_taken(const std::string& registry_path) {
    const int file = open_data(registry_path, O_RDONLY);
    if (file < 0) return false;
    struct flock lock = lock_of(F_WRLCK);
    const bool asked = ::fcntl(file, F_OFD_GETLK, &lock) == 0;
    ::close(file);
    return asked && lock.l_type != F_UNLCK;
}

ImportLock::ImportLock(ImportLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ImportLock::~ImportLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace idnode::registry
