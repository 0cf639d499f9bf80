// Content packed as an import may meet it.
#pragma once

#include <string>
#include <string_view>

namespace idnode::registry {

// One member.
std::string gzip_of(std::string_view content);
// One frame, with a checksum.
std::string zstd_of(std::string_view content);

}  // namespace idnode::registry
