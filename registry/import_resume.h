// Keeps how far an import of sorted input is (import_unfinished.h), and finds a broken-off one.
//
// Unsorted input keeps nothing: a killed sort starts again. Neither does an import that runs beside
// another one of sorted input. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "registry/import.h"
#include "registry/import_lock.h"
#include "registry/import_unfinished.h"
#include "registry/write_work.h"

namespace idnode::registry {

using ImportStep = tl::expected<Done, ImportFailure>;

class ImportResume {
public:
    ImportResume(Registry& registry, const ImportOptions& options)
        : registry_(registry), options_(options) {}

    // With options.resume: finds where to go on, or says why there is nothing to go on with.
    // Without: tells `sink` of an import that is not finished.
    ImportStep find(ImportSink& sink);
    // Where to go on; nothing: the import starts at the front.
    [[nodiscard]] const std::optional<UnfinishedImport>& found() const { return found_; }

    // From here on the import of before, unless it is gone on with, is given up.
    ImportStep begin(std::uint32_t now);
    // Progress is kept: the two below are for such an import only.
    [[nodiscard]] bool keeps() const { return lock_.has_value(); }
    // `reached`: all but what is the same for the whole import.
    Result<Done> keep(WriteWork& work, UnfinishedImport reached);
    // The import is through. `work`: the transaction of its last records.
    Result<Done> finish(WriteWork& work);
    // As above, when that transaction was committed before.
    Result<Done> finish();

private:
    [[nodiscard]] ImportStep check_found(const UnfinishedImport& found) const;
    [[nodiscard]] tl::unexpected<ImportFailure> trouble(const Error& error) const;
    Result<Done> erase();

    Registry& registry_;
    const ImportOptions& options_;
    std::optional<ImportLock> lock_;
    std::optional<UnfinishedImport> found_;
    std::uint64_t identity_ = 0;
    std::uint64_t began_ms_ = 0;
    std::uint32_t now_ = 0;
    bool stored_ = false;
};

}  // namespace idnode::registry
