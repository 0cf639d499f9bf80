// What a Registry is made of, for the files of this folder.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "registry/block_indexes.h"
#include "registry/lmdb.h"
#include "registry/meta.h"
#include "registry/prefix_table.h"
#include "registry/registry.h"

namespace idnode::registry {

// Keeps a directory from being opened twice by one process, which would break LMDB's file locks.
class OpenMark {
public:
    // Nothing: the directory is open already.
    static std::optional<OpenMark> set(dev_t device, ino_t inode);
    ~OpenMark();
    OpenMark(OpenMark&& other) noexcept;
    OpenMark& operator=(OpenMark&&) = delete;

private:
    OpenMark(dev_t device, ino_t inode) : device_(device), inode_(inode) {}
    dev_t device_;
    ino_t inode_;
    bool held_ = true;
};

struct RegistryParts {
    RegistryParts(std::string at, Access how, OpenOptions with, OpenMark marked,
                  lmdb::Environment opened, const Identity& who)
        : path(std::move(at)),
          access(how),
          options(with),
          mark(std::move(marked)),
          environment(std::move(opened)),
          identity(who),
          process(getpid()) {}

    std::string path;
    Access access;
    OpenOptions options;
    OpenMark mark;  // Given back after the environment is closed.
    lmdb::Environment environment;
    Identity identity;
    pid_t process;  // That opened it: an environment must not cross a fork.
    PrefixTables prefixes;
    BlockIndexes indexes;
};

Result<MetaState> read_state(const lmdb::Txn& txn);
// Milliseconds since 1970.
std::uint64_t now_ms();

}  // namespace idnode::registry
