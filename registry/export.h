// Bulk out: every record, or those of one prefix, as JSON lines (record_json.h) in key order.
//
// What is written reads back by an import to the same records, octet for octet. The walk goes block
// by block without holding a snapshot, so an export may take as long as it likes; records changed
// meanwhile come out in one state or the other. Blocks that are damaged, of an unknown form or
// cannot be read from the disk are told of and passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/walk.h"

namespace idnode::registry {

class Registry;

struct ExportCounts {
    std::uint64_t records = 0;
    std::uint64_t octets = 0;   // Of the lines.
    std::uint64_t damaged = 0;  // Blocks, or records within one, that could not be read.
};

class ExportSink {
public:
    virtual ~ExportSink() = default;
    // Whole lines, some hundred kilobytes at a time. A problem ends the export.
    virtual Checked<Done> on_lines(std::string_view lines, const ExportCounts& so_far) = 0;
    // Records of this key range may be missing; from an identifier to itself: that record.
    virtual void on_damage(const KeyRange& place, const Error& error) = 0;
};

// An empty `prefix`: all. A prefix that was never added is a problem.
Checked<ExportCounts> export_records(Registry& registry, std::string_view prefix, ExportSink& sink);

}  // namespace idnode::registry
