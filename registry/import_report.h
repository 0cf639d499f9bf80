// What an import tells: counts, progress, and the rows that were not taken or taken in doubt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/import.h"
#include "registry/import_row.h"
#include "registry/rejects.h"

namespace idnode::registry {

class ImportReport {
public:
    explicit ImportReport(ImportSink& sink) : sink_(sink) {}

    ImportCounts counts;

    // Before the first reject. An empty `path`: they go to the sink. A file that is there is
    // emptied, so nothing of the import must be in doubt any more; with `before` it is continued.
    Checked<Done> open_rejects(const std::string& path, const std::vector<std::string>& input_names,
                               const std::optional<RejectsBefore>& before);

    void reject(const RawRow& row, std::string_view identifier, std::string_view reason);
    void accept_in_doubt(const RawRow& row, std::string_view identifier, std::string_view doubt);

    // `total` 0: not known. `done`: before this import was gone on with.
    void begin_phase(ImportPhase phase, std::uint64_t total, std::uint64_t done = 0);
    void set_done(std::uint64_t done) { progress_.done = done; }
    void tell_progress();

    // Makes the rejects so far durable; gives the octets of their file. Nothing: failure().
    std::optional<std::uint64_t> sync_rejects();
    // Writes out the rejects.
    void finish();
    // The rejects file could not be written.
    [[nodiscard]] const std::optional<Problem>& failure() const { return failure_; }

private:
    void write(const Reject& reject);

    std::optional<RejectsWriter> rejects_;
    ImportSink& sink_;
    ImportProgress progress_;
    std::optional<Problem> failure_;
};

}  // namespace idnode::registry
