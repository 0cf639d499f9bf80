// Bulk in: CSV by a mapping, or JSON lines, from files or standard input into a registry.
//
// Input declared sorted is appended straight; all other is sorted on disk within `memory` first.
// Bad rows go to the rejects file and do not stop the import (what makes a row bad, and the
// policies: docs/operations.md). Whatever happens, the registry holds whole records in whole
// transactions; the same input imported again changes nothing. JSON lines get patterns of their own
// (plain_records.h). How far an import of sorted input is stands in the registry with its records,
// so that a killed one goes on at the exact row. Memory is bounded by `memory`, the batches of
// bulk_load.h and read_ahead.h, the samples of plain_records.h and one row for each input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/handle/value.h"
#include "registry/block.h"
#include "registry/rejects.h"
#include "registry/writer.h"

namespace idnode::registry {

class Registry;

enum class InputFormat : std::uint8_t {
    kByName,  // .csv; .jsonl, .ndjson and .json; any other, and "-": CSV when there is a mapping.
    kCsv,
    kJsonLines,
};

// Between rows of one input with the same identifier.
enum class DuplicatePolicy : std::uint8_t {
    kReject,  // The first is taken, the others are rejected.
    kFirst,   // The first is taken, the others are dropped.
    kLast,    // The last is taken, the others are dropped.
};

inline constexpr std::size_t kImportMemoryDefault = 256 * 1'048'576;

struct ImportOptions {
    std::vector<std::string> inputs;  // Paths; "-" is standard input, once.
    InputFormat format = InputFormat::kByName;
    std::vector<std::string> mapping;         // As given to --map; none: JSON lines.
    std::vector<std::string> nulls;           // Texts of CSV fields that mean "nothing there".
    std::uint32_t ttl = handle::kTtlDefault;  // Of mapped values, as their permissions.
    std::uint8_t permissions = handle::kPermissionsDefault;

    bool sorted = false;  // All inputs one after the other, bytewise by folded identifier.
    DuplicatePolicy duplicates = DuplicatePolicy::kReject;
    ExistingPolicy existing = ExistingPolicy::kReject;
    bool add_prefixes = false;
    int fill_percent = kFillPercentDefault;

    std::size_t memory = kImportMemoryDefault;     // For sorting; at least kSortMemoryMin is used.
    std::string temporary_directory = "/var/tmp";  // For sorting.
    std::string rejects_path;                      // Empty: the first lines go to the sink.
    // Rows are read on a thread of their own (read_ahead.h): where there is a core for it.
    bool read_ahead = std::thread::hardware_concurrency() > 1;
    bool resume = false;  // Go on with the import of sorted input that was broken off.
    std::size_t batch_count_max = 200'000;  // Records of one transaction; tests go down to 1.
    std::uint32_t now = 0;  // Seconds since 1970: the time of records that bring none.
};

enum class ImportPhase : std::uint8_t {
    kReading,  // Unsorted input: to be sorted. Counted in octets.
    kLoading,  // Into the registry. Counted in octets of sorted input, or in sorted rows.
};

struct ImportCounts {
    std::uint64_t rows = 0;  // All rows read; headers and blank lines are none.
    std::uint64_t octets = 0;
    std::uint64_t added = 0;
    std::uint64_t replaced = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t kept = 0;            // Another record was there and stays.
    std::uint64_t duplicates = 0;      // Rows dropped by kFirst and kLast.
    std::uint64_t rejected = 0;        // These six are the rows, once the import is through.
    std::uint64_t doubtful = 0;        // Taken, with a line in the rejects file.
    std::uint64_t time_defaulted = 0;  // Records loaded with the moment of the import.
    std::uint64_t prefixes_added = 0;
    std::uint64_t commits = 0;
    std::uint64_t octets_sorted_on_disk = 0;
};

struct ImportProgress {
    ImportPhase phase = ImportPhase::kReading;
    std::uint64_t done = 0;   // Of the phase, in octets or rows;
    std::uint64_t total = 0;  // 0: not known.
    ImportCounts counts;
};

class ImportSink : public RejectSink {
public:
    // Every kImportProgressRows rows and after each commit.
    virtual void on_progress(const ImportProgress& progress) = 0;
    // A sentence for people, of what is no fault.
    virtual void on_note(std::string_view /*note*/) {}
};

inline constexpr std::uint64_t kImportProgressRows = 65'536;

struct ImportFailure {
    enum class Kind : std::uint8_t {
        kInput,     // Wrong options or a bad input.
        kRegistry,  // Registry or disk, the rejects and temporary files included.
    };
    Kind kind = Kind::kInput;
    ErrorKind error = ErrorKind::kMalformed;
    Problem problem;
};

struct ImportResult {
    ImportCounts counts;  // Also of an import that failed on its way.
    std::optional<ImportFailure> failure;
};

// What --format or else the name says; of "rows.csv.gz" that is CSV.
InputFormat input_format(const ImportOptions& options, std::string_view path);

// `registry` is open for writing.
ImportResult import_records(Registry& registry, const ImportOptions& options, ImportSink& sink);

}  // namespace idnode::registry
