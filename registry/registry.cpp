#include "registry/registry.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "registry/directory.h"
#include "registry/page_fault_guard.h"
#include "registry/registry_parts.h"
#include "registry/write_work.h"

namespace idnode::registry {

namespace {

struct OpenDirectories {
    std::mutex mutex;
    std::set<std::pair<dev_t, ino_t>> held;
};

// One for the process, as LMDB's restriction is.
OpenDirectories& open_directories() {
    static OpenDirectories directories;
    return directories;
}

// Before any file of the registry is opened: a process that closes the lock file gives up all its
// locks on it, those of a registry that it has open already too.
Checked<OpenMark> mark_open(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return tl::unexpected(path_problem(path, errno));
    auto mark = OpenMark::set(status.st_dev, status.st_ino);
    if (!mark) {
        return tl::unexpected(Problem{path, 0, 0, "this process has the registry open already",
                                      "use the object that is there"});
    }
    return std::move(*mark);
}

// The mark of a registry that is there and that this user may open.
Checked<OpenMark> mark_registry(const std::string& path, bool read_only) {
    if (auto there = check_registry_there(path); !there) return tl::unexpected(there.error());
    auto mark = mark_open(path);
    if (!mark) return mark;
    if (auto checked = check_registry_files(path, read_only); !checked) {
        return tl::unexpected(checked.error());
    }
    return mark;
}

Problem open_problem(const std::string& path, const Error& error) {
    // The data file has been tried before: it is the lock file that cannot be made.
    if (error.kind == ErrorKind::kDenied) return path_problem(path, error.code);
    if (error.code == lmdb::kNotLmdbCode || error.code == lmdb::kVersionCode) {
        return {path + "/data.mdb", 0, 0, "this is not a registry",
                "name another directory with --registry"};
    }
    return error_problem(path, error);
}

Checked<Identity> read_identity(const std::string& path, const lmdb::Environment& environment) {
    const Problem not_ours{path + "/data.mdb", 0, 0, "this is not a registry",
                           "name another directory with --registry"};
    auto txn = lmdb::ReadTxn::begin(environment);
    if (!txn) return tl::unexpected(open_problem(path, txn.error()));
    const auto stored = txn->get(lmdb::Table::kMeta, to_bytes(kIdentityKey));
    if (!stored) return tl::unexpected(open_problem(path, stored.error()));
    if (!*stored) return tl::unexpected(not_ours);
    const auto identity = decode_identity(**stored);
    if (identity) return *identity;
    if (identity.error().kind != ErrorKind::kUnsupported) return tl::unexpected(not_ours);
    return tl::unexpected(Problem{path, 0, 0,
                                  "the registry is in a format that this program does not know",
                                  "use the version of idnode that made it, or a newer one"});
}

Checked<std::uint64_t> map_size_of(const std::string& path) {
    auto environment = lmdb::Environment::open(path, {});
    if (!environment) return tl::unexpected(open_problem(path, environment.error()));
    const auto info = environment->info();
    if (!info) return tl::unexpected(error_problem(path, info.error()));
    return info->map_size;
}

Result<Identity> new_identity() {
    Identity identity;
    if (getrandom(identity.uuid.data(), identity.uuid.size(), 0) !=
        static_cast<ssize_t>(identity.uuid.size())) {
        return tl::unexpected(Error{ErrorKind::kUnavailable, "random numbers", errno});
    }
    // A random UUID (RFC 4122, version 4).
    identity.uuid[6] = static_cast<std::uint8_t>((identity.uuid[6] & 0x0FU) | 0x40U);
    identity.uuid[8] = static_cast<std::uint8_t>((identity.uuid[8] & 0x3FU) | 0x80U);
    identity.created_ms = now_ms();
    return identity;
}

// The first transaction: the meta records and the prefix 0.NA, whole or not at all.
Result<Done> write_first(RegistryParts& parts) {
    auto txn = lmdb::WriteTxn::begin(parts.environment);
    if (!txn) return tl::unexpected(txn.error());
    const MetaState state;
    const std::pair<std::string_view, std::string> records[] = {
        {kIdentityKey, encode_identity(parts.identity)},
        {kStateKey, encode_state(state)},
        {kFormsKey, encode_forms({})}};
    for (const auto& [key, value] : records) {
        if (auto put = txn->put(lmdb::Table::kMeta, to_bytes(key), to_bytes(value)); !put) {
            return put;
        }
    }
    return commit_first_prefix(std::move(*txn));
}

}  // namespace

std::optional<OpenMark> OpenMark::set(dev_t device, ino_t inode) {
    OpenDirectories& directories = open_directories();
    const std::lock_guard lock(directories.mutex);
    if (!directories.held.emplace(device, inode).second) return std::nullopt;
    return OpenMark(device, inode);
}

OpenMark::OpenMark(OpenMark&& other) noexcept
    : device_(other.device_), inode_(other.inode_), held_(std::exchange(other.held_, false)) {}

OpenMark::~OpenMark() {
    if (!held_) return;
    OpenDirectories& directories = open_directories();
    const std::lock_guard lock(directories.mutex);
    directories.held.erase({device_, inode_});
}

Result<MetaState> read_state(const lmdb::Txn& txn) {
    const auto stored = txn.get(lmdb::Table::kMeta, to_bytes(kStateKey));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta state"});
    return decode_state(**stored);
}

std::uint64_t now_ms() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

Registry::Registry(std::unique_ptr<RegistryParts> parts) : parts_(std::move(parts)) {}
Registry::~Registry() = default;

const std::string& Registry::path() const { return parts_->path; }
Access Registry::access() const { return parts_->access; }

FileState Registry::file_state() const {
    struct stat named {};
    struct stat open {};
    if (stat((path() + "/data.mdb").c_str(), &named) != 0) return FileState::kVanished;
    if (fstat(parts_->environment.file(), &open) != 0) return FileState::kInPlace;
    const bool same = named.st_dev == open.st_dev && named.st_ino == open.st_ino;
    return same ? FileState::kInPlace : FileState::kReplaced;
}

unsigned Registry::reap_readers() { return parts_->environment.reap_readers(); }

Problem Registry::problem(const Error& error) const { return error_problem(parts_->path, error); }

Checked<std::unique_ptr<Registry>> Registry::init(const std::string& path, InitOptions options) {
    if (options.map_size < kMapSizeMin || options.map_size > kMapSizeMax) {
        return tl::unexpected(
            Problem{{}, 0, 0, "the map size is out of range", "give between 1 MiB and 64 TiB"});
    }
    if (auto made = make_registry_directory(path); !made) return tl::unexpected(made.error());
    auto mark = mark_open(path);
    if (!mark) return tl::unexpected(mark.error());
    install_page_fault_handler();
    const auto fail = [&](const Error& error) {
        remove_registry_files(path);
        return tl::unexpected(open_problem(path, error));
    };
    const auto identity = new_identity();
    if (!identity) return fail(identity.error());
    auto environment = lmdb::Environment::open(path, {.read_only = false,
                                                      .synced = true,
                                                      .create_tables = true,
                                                      .map_size = options.map_size,
                                                      .reader_count_max = kReaderCountMax});
    if (!environment) return fail(environment.error());
    adopt_directory_owner(path);
    auto parts = std::make_unique<RegistryParts>(
        path, Access::kWrite, OpenOptions{}, std::move(*mark), std::move(*environment), *identity);
    if (auto written = write_first(*parts); !written) return fail(written.error());
    sync_directory(path);
    return std::unique_ptr<Registry>(new Registry(std::move(parts)));
}

Checked<std::unique_ptr<Registry>> Registry::open(const std::string& path, Access access,
                                                  OpenOptions options) {
    const bool read_only = access == Access::kRead;
    auto mark = mark_registry(path, read_only);
    if (!mark) return tl::unexpected(mark.error());
    install_page_fault_handler();
    auto environment = lmdb::Environment::open(path, {.read_only = read_only,
                                                      .synced = options.syncing == Syncing::kAlways,
                                                      .create_tables = false,
                                                      .map_size = 0,
                                                      .reader_count_max = kReaderCountMax});
    if (!environment) return tl::unexpected(open_problem(path, environment.error()));
    adopt_directory_owner(path);
    const auto identity = read_identity(path, *environment);
    if (!identity) return tl::unexpected(identity.error());
    if (!read_only && (identity->optional_features & ~kOptionalFeaturesKnown) != 0) {
        return tl::unexpected(Problem{path, 0, 0,
                                      "the registry has features that this program cannot write",
                                      "use the version of idnode that made it, or a newer one"});
    }
    environment->reap_readers();
    auto parts = std::make_unique<RegistryParts>(path, access, options, std::move(*mark),
                                                 std::move(*environment), *identity);
    return std::unique_ptr<Registry>(new Registry(std::move(parts)));
}

Checked<Done> Registry::check(const std::string& path) {
    const auto mark = mark_registry(path, true);
    if (!mark) return tl::unexpected(mark.error());
    install_page_fault_handler();
    const auto environment = lmdb::Environment::open(path, {.locked = false});
    if (!environment) return tl::unexpected(open_problem(path, environment.error()));
    if (const auto identity = read_identity(path, *environment); !identity) {
        return tl::unexpected(identity.error());
    }
    return Done{};
}

Checked<Done> Registry::set_map_size(const std::string& path, std::uint64_t map_size) {
    if (map_size < kMapSizeMin || map_size > kMapSizeMax) {
        return tl::unexpected(
            Problem{{}, 0, 0, "the map size is out of range", "give between 1 MiB and 64 TiB"});
    }
    const auto mark = mark_registry(path, false);
    if (!mark) return tl::unexpected(mark.error());
    if (auto closed = check_not_open(path); !closed) return closed;
    if (const auto now = map_size_of(path); !now || *now >= map_size) {
        if (!now) return tl::unexpected(now.error());
        if (*now == map_size) return Done{};
        return tl::unexpected(Problem{path, 0, 0, "the map size can only grow",
                                      fmt::format("it is {} octets", *now)});
    }
    auto environment = lmdb::Environment::open(path, {.read_only = false,
                                                      .synced = true,
                                                      .create_tables = false,
                                                      .map_size = map_size,
                                                      .reader_count_max = kReaderCountMax});
    if (!environment) return tl::unexpected(open_problem(path, environment.error()));
    if (const auto identity = read_identity(path, *environment); !identity) {
        return tl::unexpected(identity.error());
    }
    return store_map_size(path, *environment);
}

}  // namespace idnode::registry
