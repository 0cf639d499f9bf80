// The directory of a registry and its two files, data.mdb and lock.mdb: whether they may be opened,
// whose they are, and the words when something is in the way.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/lmdb.h"

namespace idnode::registry {

// Makes the directory when it is not there; refuses one that holds a registry.
Checked<Done> make_registry_directory(const std::string& path);

// Says what is missing; opens nothing.
Checked<Done> check_registry_there(const std::string& path);

// Says which file is missing or may not be opened by this user, and what to do.
Checked<Done> check_registry_files(const std::string& path, bool read_only);

// Gives both files the directory's owner and group and mode 0660, as far as this user may.
void adopt_directory_owner(const std::string& path);

void remove_registry_files(const std::string& path);

// Makes names in the directory durable.
void sync_directory(const std::string& path);

// Refuses when another process has the registry open. This process must not have: closing the lock
// file would take its own lock away.
Checked<Done> check_not_open(const std::string& path);

// Writes the environment's map size, when it has grown, into the file, where every later open finds
// it.
Checked<Done> store_map_size(const std::string& path, const lmdb::Environment& environment);

// The words for an errno that a path gave, with user, owner and mode when it is not permitted.
Problem path_problem(const std::string& path, int code);

// The words for an error that an open registry gave.
Problem error_problem(const std::string& path, const Error& error);

}  // namespace idnode::registry
