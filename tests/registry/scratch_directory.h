// A directory of a test's own, gone with all it holds when the test ends.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace idnode::registry {

class ScratchDirectory {
public:
    ScratchDirectory() {
        std::string path = std::filesystem::temp_directory_path() / "idnode-test-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) std::abort();
        path_ = path;
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(std::string_view name = {}) const {
        return name.empty() ? path_.string() : (path_ / name).string();
    }
    // Makes a file of that name; gives its path.
    [[nodiscard]] std::string write(std::string_view name, std::string_view content) const {
        std::ofstream out(path(name), std::ios::binary);
        out.write(content.data(), static_cast<std::streamsize>(content.size()));
        return path(name);
    }
    [[nodiscard]] std::string read(std::string_view name) const {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::filesystem::path path_;
};

}  // namespace idnode::registry
