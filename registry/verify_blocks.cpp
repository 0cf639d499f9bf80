#include "registry/verify_blocks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "registry/key.h"
#include "registry/write_totals.h"

namespace idnode::registry {

namespace {

constexpr std::uint64_t kProgressEvery = 1'024;  // Blocks.

bool folds_to(std::string_view identifier, std::string_view folded) {
    return identifier == folded ||
           std::ranges::equal(identifier, folded, {}, [](char c) { return fold_ascii(c); });
}

}  // namespace

std::string damage_text(const Error& error) { return fmt::format("{} is damaged", error.where); }

void FindingList::add(std::string what, std::string prefix, KeyRange range) {
    ++total_;
    if (findings_.size() >= kFindingCountMax) return;
    findings_.push_back({std::move(what), std::move(prefix), std::move(range)});
}

void FindingList::add_table(std::string_view name, std::string_view last_key) {
    add(last_key.empty() ? fmt::format("the table of {} is damaged from its start on", name)
                         : fmt::format("the table of {} is damaged behind {}", name, last_key));
}

void FindingList::append(FindingList behind) {
    total_ += behind.total_ - behind.findings_.size();
    for (Finding& finding : behind.findings_) {
        add(std::move(finding.what), std::move(finding.prefix), std::move(finding.range));
    }
}

BlockVerification::BlockVerification(RegistryParts& parts, KeyRange range, OnProgress on_progress)
    : range_(std::move(range)), on_progress_(std::move(on_progress)), blocks_(parts, range_.from) {}

Result<BlocksReport> BlockVerification::run() {
    while (wanted_) {
        const auto more = blocks_.next();
        if (!more && !blocks_.has_place()) {
            if (more.error().kind != ErrorKind::kCorrupt) return tl::unexpected(more.error());
            report_.damaged = true;
            const std::string& last = blocks_.key();
            report_.findings.add_table("identifiers", last.empty() ? range_.from : last);
            break;
        }
        if ((more && !*more) || is_behind(blocks_.key())) break;
        if (more) {
            check_block();
        } else {
            report_block("a block cannot be read from the disk", {});
        }
        if (is_own_block()) ++report_.blocks;
        if (report_.blocks - blocks_told_ >= kProgressEvery) tell_progress();
    }
    tell_progress();
    return std::move(report_);
}

void BlockVerification::tell_progress() {
    wanted_ = on_progress_(report_.blocks - blocks_told_, report_.identifiers - identifiers_told_);
    blocks_told_ = report_.blocks;
    identifiers_told_ = report_.identifiers;
}

void BlockVerification::report_block(std::string what, std::string_view folded) {
    report_.damaged = true;
    // The part before has this block as its own and says it.
    if (!is_own_block()) return;
    // The first block's key is below all identifiers: the one behind says more.
    std::string_view known = folded.empty() ? std::string_view(blocks_.key()) : folded;
    if (known == kFirstBlockKey) known = blocks_.next_key();
    const bool has_prefix = known.find('/') != std::string_view::npos;
    report_.findings.add(std::move(what),
                         std::string(has_prefix ? known.substr(0, prefix_size_of(known)) : ""),
                         {blocks_.key(), blocks_.next_key()});
}

void BlockVerification::check_block() {
    const auto block = BlockView::open(blocks_.octets());
    if (!block) return report_block(damage_text(block.error()), {});
    if (!block->checksum_ok()) return report_block("the checksum of a block is wrong", {});
    const ByteSpan padding = blocks_.octets().subspan(block->used_size());
    if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; })) {
        report_block("the padding of a block is not empty", {});
    }
    if (is_own_block()) check_form(*block);
    check_records(*block);
}

void BlockVerification::check_form(const BlockView& block) {
    FormInfo& form = report_.forms[static_cast<std::uint8_t>(block.key_form())];
    ++form.blocks;
    form.records += block.record_count();
    form.used_size += block.used_size();
    form.stored_size += blocks_.octets().size();
}

void BlockVerification::check_records(const BlockView& block) {
    BlockCursor cursor(block);
    std::uint64_t records = 0;
    while (true) {
        const auto more = cursor.next(record_);
        if (!more) return report_block(damage_text(more.error()), last_folded_);
        if (!*more) break;
        ++records;
        // Of the range before, or of a block that grew backwards meanwhile and gives again what was
        // counted.
        if (blocks_.key() < blocks_.from() && cursor.folded() < blocks_.from()) continue;
        if (is_behind(cursor.folded())) continue;
        if (!check_record(record_, cursor.folded())) return;
        ++report_.identifiers;
    }
    if (records != block.record_count()) {
        report_block("a block holds another number of records than it says", last_folded_);
    }
}

// False when the record's values cannot be read.
bool BlockVerification::check_record(const Record& record, std::string_view folded) {
    check_order(folded);
    RecordTally& tally = tally_of(folded);
    ++tally.live;
    tally.size += static_cast<std::uint64_t>(counted_size(record.fields));
    if (!folds_to(record.fields.identifier, folded)) {
        report_block("an identifier differs from its folded form", folded);
    }
    return check_values(record, folded);
}

bool BlockVerification::check_values(const Record& record, std::string_view folded) {
    const RecordFields& fields = record.fields;
    const Pattern* pattern = nullptr;
    if (fields.pattern.id != kNoPattern) {
        const auto found = blocks_.pattern(fields.pattern);
        if (!found) {
            report_block("a record refers to a pattern that cannot be read", folded);
            return false;
        }
        pattern = *found;
        // Most have nothing of their own: all their values are the pattern's and the columns'.
        if (fields.own.empty() && fields.columns.size() == pattern->column_count) return true;
    }
    ValueCursor values(fields, pattern);
    StoredValue value;
    while (values.next(value)) {
    }
    if (!values.ok()) report_block("the values of a record are damaged", folded);
    return values.ok();
}

void BlockVerification::check_order(std::string_view folded) {
    if (!last_folded_.empty() && folded <= last_folded_) {
        report_block("identifiers are out of order", folded);
    }
    if (folded < blocks_.key() || (!blocks_.next_key().empty() && folded >= blocks_.next_key())) {
        report_block("an identifier lies outside of its block's range", folded);
    }
    last_folded_ = folded;
}

RecordTally& BlockVerification::tally_of(std::string_view folded) {
    if (tally_ != nullptr && folded.starts_with(start_)) return *tally_;
    const std::string prefix(folded.substr(0, prefix_size_of(folded)));
    start_ = prefix + '/';
    tally_ = &report_.tallies[prefix];
    return *tally_;
}

}  // namespace idnode::registry
