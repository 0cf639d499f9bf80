#include "tests/vectors/vectors.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>

namespace idnode::test {

namespace {

// The longer marks first, since the shorter ones are their beginnings.
constexpr std::array<std::pair<std::string_view, PieceKind>, 7> kMarks{{
    {">| ", PieceKind::kRequestPacket},
    {">~ ", PieceKind::kClientStream},
    {"> ", PieceKind::kRequest},
    {"<+ ", PieceKind::kContinuedResponse},
    {"<| ", PieceKind::kResponsePacket},
    {"< ", PieceKind::kResponse},
    {"~ ", PieceKind::kStream},
}};

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find('#'));
    while (line.ends_with(' ')) line.remove_suffix(1);
    return line;
}

void append(Octets& octets, std::string_view hexadecimal) {
    const Octets more = octets_of(hexadecimal);
    octets.insert(octets.end(), more.begin(), more.end());
}

bool read_piece_line(Vector& vector, std::string_view line) {
    for (const auto& [mark, kind] : kMarks) {
        if (!line.starts_with(mark)) continue;
        vector.pieces.push_back({kind, octets_of(line.substr(mark.size()))});
        return true;
    }
    if (!line.starts_with("  ") || vector.pieces.empty()) return false;
    append(vector.pieces.back().octets, line.substr(2));
    return true;
}

bool read_line(Vector& vector, std::string_view line) {
    constexpr std::string_view kName = "name: ";
    constexpr std::string_view kTransport = "transport: ";
    constexpr std::string_view kFact = "= ";
    if (line.empty()) return true;
    if (line.starts_with(kName)) return vector.name = line.substr(kName.size()), true;
    if (line.starts_with(kTransport)) {
        return vector.transport = line.substr(kTransport.size()), true;
    }
    if (line.starts_with(kFact)) {
        return vector.facts.emplace_back(line.substr(kFact.size())), true;
    }
    return read_piece_line(vector, line);
}

}  // namespace

std::vector<std::filesystem::path> vector_files(std::string_view folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(IDN_VECTORS_DIR) / folder)) {
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

Vector read_vector(const std::filesystem::path& file) {
    Vector vector;
    std::ifstream in(file);
    EXPECT_TRUE(in.is_open()) << file;
    std::string line;
    while (std::getline(in, line)) {
        EXPECT_TRUE(read_line(vector, without_comment(line))) << file << ": " << line;
    }
    return vector;
}

Vector read_vector(std::string_view folder, std::string_view file_name) {
    return read_vector(std::filesystem::path(IDN_VECTORS_DIR) / folder / file_name);
}

Octets octets_of(std::string_view hexadecimal) {
    Octets octets;
    EXPECT_EQ(hexadecimal.size() % 2, 0U) << hexadecimal;
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
        const int high = digit_of(hexadecimal[i]);
        const int low = digit_of(hexadecimal[i + 1]);
        EXPECT_TRUE(high >= 0 && low >= 0) << hexadecimal;
        octets.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return octets;
}

}  // namespace idnode::test
