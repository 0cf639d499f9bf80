// One input of an import: a file, or standard input as "-", read from front to end.
//
// Regular files are read ahead by the kernel; their size is known, for progress and the time left.
// Packed inputs (unpacker.h) are unpacked on the way: positions and sizes are those of the content.
// A plain file, named by its path, can be gone on with from any position.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/unpacker.h"

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

    // Fills `room` as far as the input goes: less than its size only at the end of the input. A
    // packed input that is cut short or damaged is a problem.
    Checked<std::size_t> read(std::span<char> room);
    // For another thread than the one that reads: a read() that waits for a pipe, and any later
    // one, gives up with a problem.
    void stop();

    [[nodiscard]] const std::string& name() const { return name_; }
    // Octets of a plain regular file; nothing for a pipe and what is packed.
    [[nodiscard]] std::optional<std::uint64_t> size() const;

    // A plain file that open() was given the path of: the two below are for such ones only.
    [[nodiscard]] bool is_seekable() const { return seekable_; }
    Checked<Done> seek(std::uint64_t position);
    // XXH3-64 of the octets from `begin` up to `end`; nothing when the file ends before.
    [[nodiscard]] Checked<std::optional<std::uint64_t>> hash_of(std::uint64_t begin,
                                                                std::uint64_t end) const;

private:
    Checked<Done> look_at_start();
    Checked<std::size_t> read_unpacked(std::span<char> room);
    Checked<std::size_t> read_raw(std::span<char> room);
    // False: it was stopped.
    [[nodiscard]] bool wait_for_input() const;
    [[nodiscard]] std::string_view raw() const;

    int descriptor_;
    int stop_descriptor_ =
        -1;  // Readable once stopped; of an input that may have to be waited for.
    std::string name_;
    bool seekable_ = false;
    bool looked_at_start_ = false;
    std::unique_ptr<Unpacker> unpacker_;  // Null: the input is plain.
    // Read of the descriptor but not given or unpacked yet.
    std::vector<char> raw_;
    std::size_t raw_begin_ = 0;
    std::size_t raw_end_ = 0;
};

}  // namespace idnode::registry
