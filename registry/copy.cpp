#include "registry/copy.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "registry/directory.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

constexpr std::chrono::milliseconds kProgressEvery{200};
constexpr mode_t kFileMode = 0660;

// Closes the file, and removes it unless it was kept.
class PartFile {
public:
    explicit PartFile(std::string path)
        : path_(std::move(path)),
          file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)) {}
    ~PartFile() {
        if (file_ >= 0) ::close(file_);
        if (file_ >= 0 && !kept_) unlink(path_.c_str());
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    [[nodiscard]] int get() const { return file_; }
    [[nodiscard]] std::uint64_t size() const {
        struct stat status {};
        return fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
    // Durable under another name; false with errno set.
    bool keep_as(const std::string& name) {
        kept_ = fsync(file_) == 0 && rename(path_.c_str(), name.c_str()) == 0;
        return kept_;
    }

private:
    std::string path_;
    int file_;
    bool kept_ = false;
};

Checked<Done> prepare_target(const std::string& target) {
    std::error_code failed;
    if (!std::filesystem::exists(target, failed)) return make_registry_directory(target);
    if (!std::filesystem::is_directory(target, failed)) {
        return tl::unexpected(Problem{target, 0, 0, "this is not a directory", "name another one"});
    }
    const bool is_empty = std::filesystem::is_empty(target, failed);
    if (failed) return tl::unexpected(path_problem(target, failed.value()));
    if (!is_empty) {
        return tl::unexpected(
            Problem{target, 0, 0, "the directory is not empty", "name a new or an empty one"});
    }
    return Done{};
}

// The copy runs in a thread of its own; this one tells how far it is.
Result<Done> copy_with_progress(lmdb::Environment& environment, const PartFile& file,
                                std::uint64_t size, const CopyProgressFn& on_progress) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<Done>> outcome;
    std::thread copier([&] {
        auto copied = environment.copy_to(file.get());
        const std::lock_guard lock(mutex);
        outcome = copied;
        changed.notify_one();
    });
    {
        std::unique_lock lock(mutex);
        while (!changed.wait_for(lock, kProgressEvery, [&] { return outcome.has_value(); })) {
            lock.unlock();
            if (on_progress) on_progress(file.size(), size);
            lock.lock();
        }
    }
    copier.join();
    return *outcome;
}

}  // namespace

Checked<CopyReport> copy_registry(Registry& registry, const std::string& target,
                                  const CopyProgressFn& on_progress) {
    RegistryParts& parts = registry.parts();
    if (auto prepared = prepare_target(target); !prepared) return tl::unexpected(prepared.error());
    const auto info = parts.environment.info();
    if (!info) return tl::unexpected(registry.problem(info.error()));
    PartFile file(target + "/data.mdb.part");
    if (file.get() < 0) return tl::unexpected(path_problem(target + "/data.mdb.part", errno));
    const std::uint64_t size = info->page_count * info->page_size;
    if (auto copied = copy_with_progress(parts.environment, file, size, on_progress); !copied) {
        return tl::unexpected(error_problem(target, copied.error()));
    }
    const std::uint64_t written = file.size();
    if (!file.keep_as(target + "/data.mdb")) {
        return tl::unexpected(path_problem(target + "/data.mdb", errno));
    }
    adopt_directory_owner(target);
    sync_directory(target);
    if (on_progress) on_progress(written, written);
    return CopyReport{written};
}

}  // namespace idnode::registry
