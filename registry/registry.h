// A registry: a directory with one LMDB environment (docs/storage.md).
//
// Open it once per process; readers (snapshot.h), writers (writer.h) and walks (walk.h) of all
// threads share the object, which must outlive them. A child process opens its own. Data is durable
// once a writer's commit returns; the file is never written through the map, never left unsynced.
//
// Limits: map of at most kMapSizeMax (address space, not disk), kReaderCountMax readers at once
// over all processes. A local file system; not one of the network.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"

namespace idnode::registry {

inline constexpr std::uint64_t kMapSizeDefault = 512ULL << 30;
inline constexpr std::uint64_t kMapSizeMin = 1ULL << 20;
inline constexpr std::uint64_t kMapSizeMax = 64ULL << 40;
inline constexpr unsigned kReaderCountMax = 1'024;

enum class Access : std::uint8_t { kRead, kWrite };

// kNever is for registries that are thrown away (tests, benchmarks): a crash of the machine may
// leave such a file in pieces.
enum class Syncing : std::uint8_t { kAlways, kNever };

struct InitOptions {
    std::uint64_t map_size = kMapSizeDefault;
};

struct OpenOptions {
    Syncing syncing = Syncing::kAlways;
    // One lookup in so many compares the block's checksum; 1 checks all, 0 none.
    std::uint32_t checksum_sample = 256;
    // For finding faults: each block that the index of blocks gives is compared with what LMDB's
    // cursor gives; another one ends the process.
    bool index_check = false;
};

// Blocks of one form (block.h) and what they hold; kept up by every write, checked by verify.
struct FormInfo {
    std::uint8_t form = 0;  // KeyForm.
    std::uint64_t blocks = 0;
    std::uint64_t records = 0;
    std::uint64_t used_size = 0;    // Octets before the padding.
    std::uint64_t stored_size = 0;  // Octets with it.
};

// What the file grew by of late (growth.h).
struct Growth {
    bool known = false;         // False: the journal does not say it.
    std::uint64_t size = 0;     // Octets; 0: not growing.
    std::uint64_t time_ms = 0;  // In which it did.
};

// An import of sorted input that runs now, or was broken off.
struct ImportInfo {
    bool running = false;
    std::string input;
    std::uint64_t rows = 0;  // Read so far, as the last commit has it.
    std::uint64_t began_ms = 0;
};

struct RegistryInfo {
    std::string path;
    std::string uuid;                // 8-4-4-4-12 hexadecimal digits.
    std::uint16_t format_major = 0;  // Of the registry; the program may know a newer minor.
    std::uint16_t format_minor = 0;
    std::uint64_t identifiers = 0;
    std::uint64_t prefixes = 0;  // Markers of removed ones included.
    std::uint64_t patterns = 0;
    std::vector<FormInfo> forms;
    std::uint64_t file_size = 0;
    std::uint64_t used_size = 0;  // Pages in use; file_size less the free ones.
    std::uint64_t free_pages = 0;
    std::uint64_t page_size = 0;
    std::uint64_t map_size = 0;
    std::uint64_t disk_free = 0;
    std::uint64_t disk_size = 0;
    std::uint64_t journal_entries = 0;
    std::uint64_t journal_head = 0;  // Sequence of the last entry; 0: none yet.
    std::uint64_t last_change_ms = 0;
    std::optional<ImportInfo> import;
    unsigned readers = 0;                // Snapshots open now, this call's own not counted.
    std::uint64_t oldest_reader_ms = 0;  // Since when the oldest holds pages that changed; 0: none.
    long oldest_reader_process = 0;      // Whose it is; 0: none holds such pages.
    Growth growth;
    // At the rate of `growth`; nothing: not growing, or not known.
    std::optional<std::uint64_t> map_full_seconds;
    std::optional<std::uint64_t> disk_full_seconds;
    std::vector<std::string> warnings;  // Sentences: what fills up, stays too long, is damaged.
};

// Whether the file that is open is still the one that its path names.
enum class FileState : std::uint8_t { kInPlace, kVanished, kReplaced };

struct RegistryParts;

class Registry {
public:
    // Makes an empty registry with the prefix 0.NA in `path`, which is created when it is not
    // there. The files get the directory's owner and mode 0660. Refuses a directory that holds one
    // already.
    static Checked<std::unique_ptr<Registry>> init(const std::string& path,
                                                   InitOptions options = {});

    // A Problem names the file, the user and the remedy: not there, not permitted, a format or a
    // feature that this program does not know. Unknown optional features allow Access::kRead only.
    static Checked<std::unique_ptr<Registry>> open(const std::string& path, Access access,
                                                   OpenOptions options = {});

    // Whether open() for reading would succeed, as far as that shows without leaving a trace.
    static Checked<Done> check(const std::string& path);

    // Changes the map size of a registry that no process has open. It can grow only.
    static Checked<Done> set_map_size(const std::string& path, std::uint64_t map_size);

    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    [[nodiscard]] const std::string& path() const;
    [[nodiscard]] Access access() const;

    // Cheap at any size: no block is read.
    Result<RegistryInfo> info();

    [[nodiscard]] FileState file_state() const;

    // Frees the places of readers whose process has died; gives how many. Call it every few seconds
    // in a process that stays.
    unsigned reap_readers();

    // The words for an error that a reader, writer or walk of this registry gave: full map, full
    // disk, unreadable disk, too many readers, a map that grew.
    [[nodiscard]] Problem problem(const Error& error) const;

    // For the files of this folder.
    [[nodiscard]] RegistryParts& parts() { return *parts_; }

private:
    explicit Registry(std::unique_ptr<RegistryParts> parts);
    std::unique_ptr<RegistryParts> parts_;
};

}  // namespace idnode::registry
