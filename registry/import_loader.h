// The last step of an import: rows in order go into the registry.
//
// Decides between rows of the same identifier, packs the rest through BulkLoad, and tells of those
// that the registry did not take. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/bulk_load.h"
#include "registry/import.h"
#include "registry/import_report.h"
#include "registry/import_row.h"
#include "registry/pending_rows.h"
#include "registry/plain_records.h"

namespace idnode::registry {

using ImportStep = tl::expected<Done, ImportFailure>;

class ImportLoader final : private BulkSink {
public:
    // `readers` reads rows again, by the number of their input; all must outlive the loader.
    ImportLoader(Registry& registry, const ImportOptions& options,
                 const std::vector<std::unique_ptr<RowReader>>& readers, ImportReport& report);

    // A good row, its identifier folded: never below the one before. `row` is the row as read
    // already; null: it is read when it is needed.
    ImportStep take(const RawRow& raw, std::string_view folded, const ImportRow* row);
    // Makes everything taken durable.
    ImportStep finish();

    // Of the row taken last; empty before the first.
    [[nodiscard]] std::string_view last_folded() const { return last_folded_; }
    // "line 7", of which input when there are several.
    [[nodiscard]] std::string last_place() const;

private:
    void on_outcome(std::uint64_t tag, ChangeOutcome outcome) override;
    void on_commit(const BulkCounts& so_far) override;

    const ImportRow& read(const RawRow& raw);
    void take_duplicate(const RawRow& raw, const ImportRow* row);
    void hold(const RawRow& raw);
    ImportStep load_held();
    ImportStep load(const ImportRow& row, std::string_view folded);
    BulkPattern pattern_of(const Combination& combination);
    void reject_pending(const PendingRows::Row& row, ChangeOutcome outcome);
    ImportStep checked(const Result<Done>& done);

    Registry& registry_;
    const ImportOptions& options_;
    const std::vector<std::unique_ptr<RowReader>>& readers_;
    ImportReport& report_;
    BulkLoad bulk_;
    PlainRecords records_;               // On their way into bulk_.
    std::vector<BulkPattern> patterns_;  // By the number of the combination.
    PendingRows pending_;
    std::uint64_t next_tag_ = 0;
    std::uint64_t first_pending_tag_ = 0;

    std::string last_folded_;
    std::uint64_t last_line_ = 0;
    std::uint32_t last_input_ = 0;
    ImportRow read_row_;
    RawRow held_;  // DuplicatePolicy::kLast: the row that counts unless another follows.
    std::string held_text_;
    bool holding_ = false;
};

}  // namespace idnode::registry
