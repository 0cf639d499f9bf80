// A directory of the test's own, gone with the object, and files in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace idnode::test {

class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] std::string path_of(std::string_view name) const;

private:
    std::filesystem::path path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view content);

// How often `part` stands in `text`.
std::size_t occurrences(std::string_view text, std::string_view part);

// The number behind the first `key` ("count=") in the line of `text` that holds `part`; 0: none.
std::uint64_t number_in_line(std::string_view text, std::string_view part, std::string_view key);

}  // namespace idnode::test
