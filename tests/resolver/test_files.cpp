#include "tests/resolver/test_files.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace idnode::test {

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "idnode-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::path_of(std::string_view name) const {
    return (path_ / name).string();
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

std::uint64_t number_in_line(std::string_view text, std::string_view part, std::string_view key) {
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) return 0;
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    const std::size_t number = line.find(key);
    if (number == std::string_view::npos) return 0;
    std::uint64_t value = 0;
    std::from_chars(line.data() + number + key.size(), line.data() + line.size(), value);
    return value;
}

}  // namespace idnode::test
