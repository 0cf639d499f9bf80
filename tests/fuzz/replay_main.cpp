// Runs a fuzz target once over each input of its corpus, with any compiler: what a fuzzer found
// stays found. Arguments: files and folders.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

bool replay(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in.is_open()) return false;
    const std::vector<char> content{std::istreambuf_iterator<char>(in), {}};
    // A block of exactly the input's size shows reads beyond it.
    const std::vector<std::uint8_t> octets(content.begin(), content.end());
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
    return true;
}

std::size_t replayed_in(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) return replay(path) ? 1U : 0U;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        count += replay(entry.path()) ? 1U : 0U;
    }
    return count;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i) count += replayed_in(argv[i]);
    std::printf("%zu inputs\n", count);
    return count == 0 ? 1 : 0;
}
