#include "registry/import_loader.h"

#include <utility>

#include <fmt/format.h>

#include "protocol/core/check.h"
#include "protocol/core/identifier.h"
#include "registry/line_source.h"
#include "registry/registry.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kPendingSizeMax = 32 * 1'048'576;
constexpr BulkPattern kNotDeclared = kNoBulkPattern;

BulkOptions bulk_options(const ImportOptions& options) {
    BulkOptions bulk;
    bulk.existing = options.existing;
    bulk.fill_percent = options.fill_percent;
    bulk.add_prefixes = options.add_prefixes;
    bulk.batch_count_max = options.batch_count_max;
    return bulk;
}

}  // namespace

ImportLoader::ImportLoader(Registry& registry, const ImportOptions& options,
                           const std::vector<std::unique_ptr<RowReader>>& readers,
                           ImportReport& report, ImportResume& resume)
    : registry_(registry),
      options_(options),
      readers_(readers),
      report_(report),
      resume_(resume),
      bulk_(registry, bulk_options(options), *this),
      records_(registry, bulk_),
      before_(report.counts) {
    if (!resume.found()) return;
    read_ = resume.found()->point;
    last_folded_ = resume.found()->last_folded;
    last_line_ = resume.found()->last_line;
    last_input_ = resume.found()->last_input;
}

ImportStep ImportLoader::take(const RawRow& raw, std::string_view folded, const ImportRow* row) {
    const ImportPoint here{raw.input, raw.end, raw.next_line, report_.counts.rows};
    if (folded == last_folded_) {
        read_ = here;
        return take_duplicate(raw, row);
    }
    // The held row is read again here: what `row` points into is used no more from then on.
    if (holding_) {
        ImportStep loaded = load_held();
        if (!loaded) return loaded;
    }
    read_ = here;
    last_folded_ = folded;
    last_line_ = raw.line;
    last_input_ = raw.input;
    if (options_.duplicates == DuplicatePolicy::kLast) {
        hold(raw);
        return Done{};
    }
    return load(row != nullptr ? *row : read(raw), folded);
}

ImportStep ImportLoader::reject(const RawRow& raw, std::string_view identifier,
                                std::string_view reason) {
    read_ = {raw.input, raw.end, raw.next_line, report_.counts.rows};
    if (pending_.empty()) {
        report_.reject(raw, identifier, reason);
        return Done{};
    }
    pending_.push_rejected(raw, identifier, reason);
    return pending_.octets() < kPendingSizeMax ? ImportStep{} : flush();
}

std::string ImportLoader::last_place() const {
    const std::string line = fmt::format("line {}", last_line_);
    const auto& inputs = options_.inputs;
    return inputs.size() < 2 ? line : fmt::format("{} of {}", line, inputs[last_input_]);
}

const ImportRow& ImportLoader::read(const RawRow& raw) {
    readers_[raw.input]->read_again(raw, read_row_);
    return read_row_;
}

ImportStep ImportLoader::take_duplicate(const RawRow& raw, const ImportRow* row) {
    if (options_.duplicates == DuplicatePolicy::kReject) {
        const std::string_view identifier = (row != nullptr ? *row : read(raw)).identifier;
        return reject(raw, identifier, fmt::format("identifier given before, in {}", last_place()));
    }
    if (pending_.empty()) {
        ++report_.counts.duplicates;
    } else {
        pending_.push_dropped();
    }
    if (options_.duplicates == DuplicatePolicy::kLast) hold(raw);
    return Done{};
}

void ImportLoader::hold(const RawRow& raw) {
    held_text_.assign(raw.text);
    held_text_.append(kRowPadding, '\0');
    held_ = raw;
    held_.text = std::string_view(held_text_).substr(0, raw.text.size());
    holding_ = true;
}

ImportStep ImportLoader::load_held() {
    holding_ = false;
    return load(read(held_), last_folded_);
}

ImportStep ImportLoader::load(const ImportRow& row, std::string_view folded) {
    BulkRecord bulk;
    bulk.record.folded = folded;
    bulk.record.fields.identifier = row.identifier;
    bulk.record.fields.time = row.time;
    bulk.record.fields.columns = row.columns;
    bulk.record.fields.own = row.own;
    if (row.combination != nullptr) bulk.pattern = pattern_of(*row.combination);
    bulk.time_defaulted = row.time_defaulted;
    pending_.push_record(row, read_);
    ++records_pending_;
    ImportStep added = checked(records_.add(bulk, row.values));
    if (!added || pending_.octets() < kPendingSizeMax) return added;
    return flush();
}

ImportStep ImportLoader::flush() {
    ImportStep flushed = checked(bulk_.flush());
    if (flushed) settle_no_records();
    return flushed;
}

BulkPattern ImportLoader::pattern_of(const Combination& combination) {
    if (combination.number >= patterns_.size()) {
        patterns_.resize(combination.number + 1, kNotDeclared);
    }
    BulkPattern& pattern = patterns_[combination.number];
    if (pattern == kNotDeclared) pattern = bulk_.declare_pattern(combination.pattern);
    return pattern;
}

ImportStep ImportLoader::finish(bool through) {
    if (failed_) return Done{};
    if (holding_) {
        ImportStep loaded = load_held();
        if (!loaded) return loaded;
    }
    through_ = through;
    ImportStep done = checked(records_.finish());
    if (done) done = flush();
    if (!done || !through || !resume_.keeps()) return done;
    // Nothing is left to go on with only once all rejects are on the disk, too.
    if (!report_.sync_rejects()) return done;
    return checked(resume_.finish());
}

ImportStep ImportLoader::checked(const Result<Done>& done) {
    if (done) return Done{};
    failed_ = true;
    if (deciding_) {
        committed_.rows = report_.counts.rows;
        committed_.octets = report_.counts.octets;
        report_.counts = committed_;
    }
    Problem problem = registry_.problem(done.error());
    if (report_.failure()) problem = *report_.failure();
    if (input_trouble_) problem = *input_trouble_;
    return tl::unexpected(
        ImportFailure{ImportFailure::Kind::kRegistry, done.error().kind, std::move(problem)});
}

Result<Done> ImportLoader::before_commit(std::span<const ChangeOutcome> outcomes, WriteWork& work) {
    committed_ = report_.counts;
    deciding_ = true;
    for (const ChangeOutcome& outcome : outcomes) {
        settle_no_records();
        IDN_CHECK(!pending_.empty());
        settle_record(outcome);
        --records_pending_;
        if (&outcome == &outcomes.back()) {
            const PendingRows::Row row = pending_.front();
            reached_.last_folded = FoldedIdentifier(row.identifier).text();
            reached_.last_line = row.raw.line;
            reached_.last_input = row.raw.input;
            reached_.point = row.behind;
        }
        pending_.pop();
    }
    report_.counts.commits = before_.commits + bulk_.counts().commits + 1;
    report_.counts.prefixes_added = before_.prefixes_added + bulk_.counts().prefixes_added;
    return resume_.keeps() ? keep_progress(work) : Result<Done>{};
}

Result<Done> ImportLoader::keep_progress(WriteWork& work) {
    const bool last = through_ && records_pending_ == 0;
    if (last) settle_no_records();
    const auto rejects_size = report_.sync_rejects();
    if (!rejects_size) return tl::unexpected(Error{ErrorKind::kUnavailable, "rejects"});
    if (last) return resume_.finish(work);
    const ImportPoint& point = reached_.point;
    const auto check = readers_[point.input]->check_before(point.position);
    if (!check) {
        input_trouble_ = check.error();
        return tl::unexpected(Error{ErrorKind::kUnavailable, "input"});
    }
    reached_.check = *check;
    reached_.counts = report_.counts;
    reached_.counts.rows = point.rows;
    reached_.counts.octets = octets_before(point.input);
    reached_.rejects_size = *rejects_size;
    return resume_.keep(work, reached_);
}

std::uint64_t ImportLoader::octets_before(std::uint32_t input) const {
    std::uint64_t octets = before_.octets;
    const std::uint32_t first = resume_.found() ? resume_.found()->point.input : 0;
    for (std::uint32_t i = first; i < input; ++i) octets += readers_[i]->octets_consumed();
    return octets;
}

void ImportLoader::settle_no_records() {
    while (!pending_.empty() && pending_.front_kind() != PendingKind::kRecord) {
        if (pending_.front_kind() == PendingKind::kRejected) {
            const PendingRows::Row row = pending_.front();
            report_.reject(row.raw, row.identifier, row.reason);
        } else {
            ++report_.counts.duplicates;
        }
        pending_.pop();
    }
}

void ImportLoader::settle_record(ChangeOutcome outcome) {
    ImportCounts& counts = report_.counts;
    switch (outcome) {
        case ChangeOutcome::kAdded:
            ++counts.added;
            break;
        case ChangeOutcome::kReplaced:
            ++counts.replaced;
            break;
        case ChangeOutcome::kUnchanged:
            ++counts.unchanged;
            break;
        case ChangeOutcome::kKept:
            ++counts.kept;
            break;
        default:
            return reject_pending(pending_.front(), outcome);
    }
    const bool written = outcome == ChangeOutcome::kAdded || outcome == ChangeOutcome::kReplaced;
    if (written && pending_.front_time_defaulted()) ++counts.time_defaulted;
    if (!pending_.front_in_doubt()) return;
    const PendingRows::Row row = pending_.front();
    report_.accept_in_doubt(row.raw, row.identifier, row.doubt);
}

void ImportLoader::reject_pending(const PendingRows::Row& row, ChangeOutcome outcome) {
    std::string_view reason = "another record is there already";
    if (outcome == ChangeOutcome::kNoPrefix) reason = "the prefix is unknown";
    if (outcome == ChangeOutcome::kPrefixRemoved) reason = "the prefix was removed";
    if (outcome == ChangeOutcome::kTooLong) reason = "values above 64 KiB";
    report_.reject(row.raw, row.identifier, reason);
}

void ImportLoader::on_commit(const BulkCounts& /*so_far*/) {
    deciding_ = false;
    report_.tell_progress();
}

}  // namespace idnode::registry
