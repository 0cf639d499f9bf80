// Which import keeps its progress in a registry: one at a time, as long as its process lives.
//
// The lock is one octet of data.mdb far behind its end; LMDB locks another file. The system frees
// it when the process ends, however it does.
#pragma once

#include <optional>
#include <string>

namespace idnode::registry {

class ImportLock {
public:
    // Nothing: another import has it, or the file cannot be locked.
    static std::optional<ImportLock> take(const std::string& registry_path);
    // By any process; does not take it, not for a moment.
    static bool is_taken(const std::string& registry_path);

    ImportLock(ImportLock&& other) noexcept;
    ImportLock& operator=(ImportLock&&) = delete;
    ~ImportLock();

private:
    explicit ImportLock(int file) : file_(file) {}
    int file_;
};

}  // namespace idnode::registry
