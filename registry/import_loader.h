// The last step of an import: rows in order go into the registry.
//
// Decides between rows of the same identifier, packs the rest through BulkLoad, and tells of those
// that the registry did not take. Rejects and counts follow the order of the rows; what they are
// behind a transaction's last record is kept with it (import_resume.h). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/bulk_load.h"
#include "registry/import.h"
#include "registry/import_report.h"
#include "registry/import_resume.h"
#include "registry/pending_rows.h"
#include "registry/plain_records.h"
#include "registry/row_reader.h"

namespace idnode::registry {

class ImportLoader final : private BulkSink {
public:
    // `readers` reads rows again, by the number of their input; all must outlive the loader.
    ImportLoader(Registry& registry, const ImportOptions& options,
                 const std::vector<std::unique_ptr<RowReader>>& readers, ImportReport& report,
                 ImportResume& resume);

    // A good row, its identifier folded: never below the one before. `row` is the row as read
    // already; null: it is read when it is needed.
    ImportStep take(const RawRow& raw, std::string_view folded, const ImportRow* row);
    // A bad one: told of behind all rows before it.
    ImportStep reject(const RawRow& raw, std::string_view identifier, std::string_view reason);
    // Makes everything taken durable. `through`: there is nothing left to go on with.
    ImportStep finish(bool through);

    // Of the row taken last; empty before the first.
    [[nodiscard]] std::string_view last_folded() const { return last_folded_; }
    // "line 7", of which input when there are several.
    [[nodiscard]] std::string last_place() const;

private:
    Result<Done> before_commit(std::span<const ChangeOutcome> outcomes, WriteWork& work) override;
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome /*outcome*/) override {}
    void on_commit(const BulkCounts& so_far) override;

    const ImportRow& read(const RawRow& raw);
    ImportStep take_duplicate(const RawRow& raw, const ImportRow* row);
    ImportStep flush();
    void hold(const RawRow& raw);
    ImportStep load_held();
    ImportStep load(const ImportRow& row, std::string_view folded);
    BulkPattern pattern_of(const Combination& combination);
    // Settles what waits before the next record.
    void settle_no_records();
    void settle_record(ChangeOutcome outcome);
    void reject_pending(const PendingRows::Row& row, ChangeOutcome outcome);
    Result<Done> keep_progress(WriteWork& work);
    [[nodiscard]] std::uint64_t octets_before(std::uint32_t input) const;
    ImportStep checked(const Result<Done>& done);

    Registry& registry_;
    const ImportOptions& options_;
    const std::vector<std::unique_ptr<RowReader>>& readers_;
    ImportReport& report_;
    ImportResume& resume_;
    BulkLoad bulk_;
    PlainRecords records_;               // On their way into bulk_.
    std::vector<BulkPattern> patterns_;  // By the number of the combination.
    PendingRows pending_;
    ImportPoint read_;  // Behind the row taken last.
    std::uint64_t records_pending_ = 0;
    UnfinishedImport reached_;  // As the transaction at hand will leave it.
    ImportCounts before_;       // As the import began, here or gone on with.
    ImportCounts committed_;    // While `deciding_`: what holds when it fails.
    std::optional<Problem> input_trouble_;
    bool deciding_ = false;
    bool failed_ = false;  // Rows that were not committed may be gone from pending_.
    bool through_ = false;

    std::string last_folded_;
    std::uint64_t last_line_ = 0;
    std::uint32_t last_input_ = 0;
    ImportRow read_row_;
    RawRow held_;  // DuplicatePolicy::kLast: the row that counts unless another follows.
    std::string held_text_;
    bool holding_ = false;
};

}  // namespace idnode::registry
