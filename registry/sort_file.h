// The temporary file of an external sort: runs of sorted items one behind the other.
//
// The file has no name (it is gone with the process, however that ends). Problems name the
// directory and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/sort_item.h"

namespace idnode::registry {

// Octets of the file.
struct SortRun {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

class SortFile {
public:
    static Checked<SortFile> create(const std::string& directory);
    SortFile(SortFile&& other) noexcept;
    SortFile& operator=(SortFile&& other) noexcept;
    ~SortFile();

    // Appends to the run begun last.
    Checked<Done> append(const SortItem& item);
    // Ends a run.
    Checked<Done> end_run();
    [[nodiscard]] const std::vector<SortRun>& runs() const { return runs_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

    // Fills `room` from `offset` on, all of it.
    Checked<Done> read(std::uint64_t offset, char* room, std::size_t size) const;

private:
    SortFile(int descriptor, std::string directory);
    Checked<Done> write_gathered();

    int descriptor_;
    std::string directory_;
    std::vector<SortRun> runs_;
    std::vector<char> gathered_;
    std::uint64_t run_begin_ = 0;
    std::uint64_t size_ = 0;  // Of what is written and gathered.
};

// Goes through one run.
class SortRunReader {
public:
    // `file` must outlive the reader, which holds `buffer_size` octets, or an item that is larger.
    SortRunReader(const SortFile& file, SortRun run, std::size_t buffer_size);

    // Goes to the next item; false at the end.
    Checked<bool> next();
    // Valid until next(); kRowPadding octets behind it can be read.
    [[nodiscard]] const SortItem& item() const { return item_; }

private:
    Checked<Done> hold(std::size_t size);

    const SortFile* file_;
    SortRun left_;
    std::size_t buffer_size_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    SortItem item_;
};

}  // namespace idnode::registry
