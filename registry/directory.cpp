#include "registry/directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "registry/meta.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

constexpr mode_t kDirectoryMode = 0770;
constexpr mode_t kFileMode = 0660;
constexpr std::array<const char*, 2> kFileNames = {"/data.mdb", "/lock.mdb"};

std::string user_name(uid_t user) {
    std::vector<char> buffer(16'384);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return fmt::format("{}", user);
    }
    return found->pw_name;
}

Problem denied_problem(const std::string& path) {
    const std::string user = user_name(geteuid());
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        return {path, 0, 0, fmt::format("user {} may not reach it", user),
                "run as the user who owns the registry"};
    }
    const std::string owner = user_name(status.st_uid);
    return {path, 0, 0,
            fmt::format("user {} may not open it (owner {}, mode {:04o})", user, owner,
                        status.st_mode & 07777U),
            owner == user ? fmt::format("chmod u+rw {}", path)
                          : fmt::format("run as user {}, or add {} to the group of the directory",
                                        owner, user)};
}

Checked<Done> check_file(const std::string& path, int flags) {
    const int file = ::open(path.c_str(), flags | O_CLOEXEC);
    if (file < 0) return tl::unexpected(path_problem(path, errno));
    ::close(file);
    return Done{};
}

Problem no_registry(const std::string& path) {
    return {path, 0, 0, "there is no registry",
            fmt::format("make one: idnode init --registry {}", path)};
}

}  // namespace

Checked<Done> make_registry_directory(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        std::error_code failed;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
        // With a slash at its end the path has just been made as its own parent.
        if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return Done{};
        const bool denied = errno == EACCES || failed == std::errc::permission_denied;
        if (!denied) return tl::unexpected(path_problem(path, errno));
        return tl::unexpected(
            Problem{path, 0, 0, fmt::format("user {} may not make it", user_name(geteuid())),
                    "make it as a user who may, or name another directory with --registry"});
    }
    if (!S_ISDIR(status.st_mode)) {
        return tl::unexpected(Problem{path, 0, 0, "this is not a directory", "name another one"});
    }
    if (stat((path + kFileNames[0]).c_str(), &status) == 0) {
        return tl::unexpected(Problem{path, 0, 0, "there is a registry already",
                                      "use it, or name another directory"});
    }
    return Done{};
}

Checked<Done> check_registry_there(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        return tl::unexpected(errno == ENOENT ? no_registry(path) : path_problem(path, errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return tl::unexpected(
            Problem{path, 0, 0, "this is not a directory", "a registry is a directory; name it"});
    }
    const std::string data = path + kFileNames[0];
    const bool seen = stat(data.c_str(), &status) == 0;
    if (!seen && errno == ENOENT) return tl::unexpected(no_registry(path));
    if (seen && status.st_size == 0) {
        return tl::unexpected(Problem{data, 0, 0, "this is not a registry but an empty file",
                                      "remove it, or name another directory with --registry"});
    }
    return Done{};
}

Checked<Done> check_registry_files(const std::string& path, bool read_only) {
    if (auto there = check_registry_there(path); !there) return there;
    const std::string data = path + kFileNames[0];
    if (auto checked = check_file(data, read_only ? O_RDONLY : O_RDWR); !checked) return checked;
    // Readers too write their place into the lock file; LMDB makes it when it is gone.
    const std::string lock = path + kFileNames[1];
    struct stat status {};
    if (stat(lock.c_str(), &status) == 0) return check_file(lock, O_RDWR);
    return Done{};
}

void adopt_directory_owner(const std::string& path) {
    struct stat directory {};
    if (stat(path.c_str(), &directory) != 0) return;
    for (const char* name : kFileNames) {
        const std::string file = path + name;
        struct stat status {};
        if (stat(file.c_str(), &status) != 0) continue;
        if (status.st_uid != directory.st_uid || status.st_gid != directory.st_gid) {
            // Only the superuser may give files away; anyone else's files stay theirs.
            if (chown(file.c_str(), directory.st_uid, directory.st_gid) != 0) continue;
        }
        if ((status.st_mode & 07777U) != kFileMode) chmod(file.c_str(), kFileMode);
    }
}

void remove_registry_files(const std::string& path) {
    for (const char* name : kFileNames) unlink((path + name).c_str());
}

void sync_directory(const std::string& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    fsync(directory);
    ::close(directory);
}

Checked<Done> check_not_open(const std::string& path) {
    const int file = ::open((path + kFileNames[1]).c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return Done{};
    // LMDB holds a shared lock on the first octet of the lock file while it is open.
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_len = 1;
    const bool held = fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    ::close(file);
    if (!held) return Done{};
    return tl::unexpected(Problem{path, 0, 0,
                                  fmt::format("process {} has the registry open", lock.l_pid),
                                  "stop it first, then change the map size"});
}

Checked<Done> store_map_size(const std::string& path, const lmdb::Environment& environment) {
    const auto fail = [&](const Error& error) {
        return tl::unexpected(error_problem(path, error));
    };
    auto txn = lmdb::WriteTxn::begin(environment);
    if (!txn) return fail(txn.error());
    // LMDB stores a larger map size with the next commit, which must have something to write.
    const auto state = txn->get(lmdb::Table::kMeta, to_bytes(kStateKey));
    if (!state) return fail(state.error());
    if (!*state) return fail({ErrorKind::kCorrupt, "meta state"});
    const std::string same(to_text(**state));
    if (auto put = txn->put(lmdb::Table::kMeta, to_bytes(kStateKey), to_bytes(same)); !put) {
        return fail(put.error());
    }
    if (auto committed = std::move(*txn).commit(); !committed) return fail(committed.error());
    return Done{};
}

Problem path_problem(const std::string& path, int code) {
    if (code == EACCES || code == EPERM) return denied_problem(path);
    if (code == ENOENT) return {path, 0, 0, "it is not there", "check the path"};
    if (code == ENOSPC || code == EDQUOT) {
        return {path, 0, 0, "the disk is full", "make room on the disk, then try again"};
    }
    return {path, 0, 0, std::strerror(code), "check the path and what lies there"};
}

Problem error_problem(const std::string& path, const Error& error) {
    switch (error.code) {
        case lmdb::kMapFullCode:
            return {path, 0, 0, "the map of the registry is full",
                    "stop the node, then: idnode init --map-size SIZE --registry " + path};
        case lmdb::kMapResizedCode:
            return {path, 0, 0, "the map of the registry was enlarged by another process",
                    "start this program again"};
        case lmdb::kReadersFullCode:
            return {path, 0, 0, "there are too many readers",
                    fmt::format("at most {} snapshots can be open at once", kReaderCountMax)};
        case ENOSPC:
        case EDQUOT:
            return {path, 0, 0, "the disk is full", "make room on the disk, then try again"};
        case EIO:
            return {path, 0, 0, fmt::format("the disk cannot be read or written ({})", error.where),
                    "see the kernel's log; full memory file systems say so too"};
        case lmdb::kPanicCode:
            return {path, 0, 0, "an earlier write to the disk failed",
                    "check the disk, then start this program again"};
        default:
            break;
    }
    if (error.kind == ErrorKind::kCorrupt) {
        return {path, 0, 0, fmt::format("the registry is damaged ({})", error.where),
                "see what is concerned: idnode verify --registry " + path};
    }
    if (error.kind == ErrorKind::kDenied) return path_problem(path, error.code);
    return {path,
            0,
            0,
            error.code == 0 ? std::string(error.where)
                            : fmt::format("{}: {}", error.where, lmdb::describe(error.code)),
            {}};
}

}  // namespace idnode::registry
