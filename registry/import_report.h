// What an import tells: counts, progress, and the rows that were not taken or taken in doubt.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "registry/import.h"
#include "registry/import_row.h"
#include "registry/rejects.h"

namespace idnode::registry {

class ImportReport {
public:
    ImportReport(RejectsWriter rejects, ImportSink& sink);

    ImportCounts counts;

    void reject(const RawRow& row, std::string_view identifier, std::string_view reason);
    void accept_in_doubt(const RawRow& row, std::string_view identifier, std::string_view doubt);

    // `total` 0: not known.
    void begin_phase(ImportPhase phase, std::uint64_t total);
    void set_done(std::uint64_t done) { progress_.done = done; }
    void tell_progress();

    // Writes out the rejects.
    void finish();
    // The rejects file could not be written.
    [[nodiscard]] const std::optional<Problem>& failure() const { return failure_; }

private:
    void write(const Reject& reject);

    RejectsWriter rejects_;
    ImportSink& sink_;
    ImportProgress progress_;
    std::optional<Problem> failure_;
};

}  // namespace idnode::registry
