// How far an import of sorted input has come: the record "import" of the table `meta`, written in
// the transactions of the import's records, gone once it is through. What it counts is what those
// transactions hold, so that a killed import goes on at the exact row.
//
//     kind=0x55 | identity began_ms now | input position line rows | check begin, end, hash |
//     last line, input | counts | in_file rejects_size | last_folded input_name   (sized texts)
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "registry/import.h"
#include "registry/line_source.h"
#include "registry/lmdb.h"
#include "registry/pending_rows.h"

namespace idnode::registry {

inline constexpr std::string_view kImportKey = "import";

struct UnfinishedImport {
    std::uint64_t identity = 0;  // import_identity() of its options.
    std::uint64_t began_ms = 0;
    std::uint32_t now = 0;  // ImportOptions::now of the first start.
    ImportPoint point;
    InputCheck check;  // Of the input of `point`.
    // The row before the point: the next may be its duplicate.
    std::string last_folded;
    std::uint64_t last_line = 0;
    std::uint32_t last_input = 0;
    ImportCounts counts;  // Up to the point; octets: of the inputs before its own.
    bool rejects_in_file = false;
    std::uint64_t rejects_size = 0;  // Octets of the rejects file.
    std::string input_name;          // For people; at most kInputNameSizeMax octets.
};

inline constexpr std::size_t kInputNameSizeMax = 255;

std::string encode_unfinished_import(const UnfinishedImport& unfinished);
Result<UnfinishedImport> decode_unfinished_import(ByteSpan stored);
Result<std::optional<UnfinishedImport>> read_unfinished_import(const lmdb::Txn& txn);

// Of all options that decide what becomes of a row, and of the number of inputs; of no path.
std::uint64_t import_identity(const ImportOptions& options);

}  // namespace idnode::registry
