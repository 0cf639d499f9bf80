// A small file read as a whole: what an operator wrote by hand (a record, a site).
//
// Anything that can be read will do, a pipe too; a directory is refused (EISDIR), and what is above
// kWholeFileSizeMax (EFBIG), so that a wrong path does not fill the memory. Error::code is an
// errno.
#pragma once

#include <cstddef>
#include <string>

#include "protocol/core/result.h"

namespace idnode::registry {

inline constexpr std::size_t kWholeFileSizeMax = 16 * 1024 * 1024;

Result<std::string> read_whole_file(const std::string& path);

// The same from an open descriptor, from where it stands to its end.
Result<std::string> read_whole_file(int file);

}  // namespace idnode::registry
