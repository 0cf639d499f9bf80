// The captured exchanges of tests/vectors (form: from_json.py): read for tests, in the order of the
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace idnode::test {

using Octets = std::vector<std::uint8_t>;

enum class PieceKind : std::uint8_t {
    kRequest,
    kRequestPacket,
    kClientStream,
    kResponse,
    kContinuedResponse,
    kResponsePacket,
    kStream,
};

struct Piece {
    PieceKind kind = PieceKind::kRequest;
    Octets octets;
};

struct Vector {
    std::string name;
    std::string transport;
    std::vector<Piece> pieces;
    std::vector<std::string> facts;  // Lines of a case that is no exchange.
};

// Every file of a folder of tests/vectors ("handle", "idis"), by name.
std::vector<std::filesystem::path> vector_files(std::string_view folder);

// One file. A line that is not of the form fails the test that reads it.
Vector read_vector(const std::filesystem::path& file);
Vector read_vector(std::string_view folder, std::string_view file_name);

// Hexadecimal without anything else; fails the test on other characters.
Octets octets_of(std::string_view hexadecimal);

}  // namespace idnode::test
