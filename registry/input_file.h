// One input of an import: a file, or standard input as "-", read from front to end.
//
// Regular files are read ahead by the kernel; their size is known, for progress and the time left.
// Packed files (.gz, .zst) are refused with the command that unpacks them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "protocol/core/problem.h"

namespace idnode::registry {

class InputFile {
public:
    // Problems name the file and the remedy.
    static Checked<InputFile> open(const std::string& path);
    // Takes over `descriptor`; `name` stands for it in problems.
    InputFile(int descriptor, std::string name);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    // Fills `room` as far as the input goes: less than its size only at the end of the input.
    Checked<std::size_t> read(std::span<char> room);

    [[nodiscard]] const std::string& name() const { return name_; }
    // Octets of a regular file; nothing for a pipe.
    [[nodiscard]] std::optional<std::uint64_t> size() const;

private:
    int descriptor_;
    std::string name_;
};

}  // namespace idnode::registry
