#include "registry/import_loader.h"

#include <utility>

#include <fmt/format.h>

#include "protocol/core/check.h"
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
    return bulk;
}

}  // namespace

ImportLoader::ImportLoader(Registry& registry, const ImportOptions& options,
                           const std::vector<std::unique_ptr<RowReader>>& readers,
                           ImportReport& report)
    : registry_(registry),
      options_(options),
      readers_(readers),
      report_(report),
      bulk_(registry, bulk_options(options), *this),
      records_(registry, bulk_) {}

ImportStep ImportLoader::take(const RawRow& raw, std::string_view folded, const ImportRow* row) {
    if (folded == last_folded_) {
        take_duplicate(raw, row);
        return Done{};
    }
    // The held row is read again here: what `row` points into is used no more from then on.
    if (holding_) {
        const ImportStep loaded = load_held();
        if (!loaded) return loaded;
    }
    last_folded_ = folded;
    last_line_ = raw.line;
    last_input_ = raw.input;
    if (options_.duplicates == DuplicatePolicy::kLast) {
        hold(raw);
        return Done{};
    }
    return load(row != nullptr ? *row : read(raw), folded);
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

void ImportLoader::take_duplicate(const RawRow& raw, const ImportRow* row) {
    if (options_.duplicates == DuplicatePolicy::kReject) {
        const std::string_view identifier = (row != nullptr ? *row : read(raw)).identifier;
        report_.reject(raw, identifier,
                       fmt::format("identifier given before, in {}", last_place()));
        return;
    }
    ++report_.counts.duplicates;
    if (options_.duplicates == DuplicatePolicy::kLast) hold(raw);
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
    bulk.tag = next_tag_++;
    pending_.push(row);
    const ImportStep added = checked(records_.add(bulk, row.values));
    if (!added || pending_.octets() < kPendingSizeMax) return added;
    return checked(bulk_.flush());
}

BulkPattern ImportLoader::pattern_of(const Combination& combination) {
    if (combination.number >= patterns_.size()) {
        patterns_.resize(combination.number + 1, kNotDeclared);
    }
    BulkPattern& pattern = patterns_[combination.number];
    if (pattern == kNotDeclared) pattern = bulk_.declare_pattern(combination.pattern);
    return pattern;
}

ImportStep ImportLoader::finish() {
    if (holding_) {
        const ImportStep loaded = load_held();
        if (!loaded) return loaded;
    }
    const ImportStep passed_on = checked(records_.finish());
    return passed_on ? checked(bulk_.flush()) : passed_on;
}

ImportStep ImportLoader::checked(const Result<Done>& done) {
    if (done) return Done{};
    return tl::unexpected(ImportFailure{ImportFailure::Kind::kRegistry, done.error().kind,
                                        registry_.problem(done.error())});
}

void ImportLoader::on_outcome(std::uint64_t tag, ChangeOutcome outcome) {
    IDN_CHECK(tag == first_pending_tag_ && !pending_.empty());
    ++first_pending_tag_;
    const PendingRows::Row row = pending_.front();
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
            reject_pending(row, outcome);
            pending_.pop();
            return;
    }
    const bool written = outcome == ChangeOutcome::kAdded || outcome == ChangeOutcome::kReplaced;
    if (written && row.time_defaulted) ++counts.time_defaulted;
    if (!row.doubt.empty()) report_.accept_in_doubt(row.raw, row.identifier, row.doubt);
    pending_.pop();
}

void ImportLoader::reject_pending(const PendingRows::Row& row, ChangeOutcome outcome) {
    std::string_view reason = "another record is there already";
    if (outcome == ChangeOutcome::kNoPrefix) reason = "the prefix is unknown";
    if (outcome == ChangeOutcome::kPrefixRemoved) reason = "the prefix was removed";
    if (outcome == ChangeOutcome::kTooLong) reason = "values above 64 KiB";
    report_.reject(row.raw, row.identifier, reason);
}

void ImportLoader::on_commit(const BulkCounts& so_far) {
    report_.counts.commits = so_far.commits;
    report_.counts.prefixes_added = so_far.prefixes_added;
    report_.tell_progress();
}

}  // namespace idnode::registry
