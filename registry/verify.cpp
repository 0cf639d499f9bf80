#include "registry/verify.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "registry/block.h"
#include "registry/block_walk.h"
#include "registry/key.h"
#include "registry/registry_parts.h"
#include "registry/write_totals.h"

namespace idnode::registry {

namespace {

constexpr std::uint64_t kProgressEvery = 4'096;  // Blocks.

std::string fold(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

// What the records of one prefix add up to, and what the registry says they do.
struct Tally {
    std::uint32_t number = 0;
    PrefixCounts counted;  // By the registry, at the start.
    std::uint64_t live = 0;
    std::uint64_t size = 0;
};

std::string describe(const Error& error) { return fmt::format("{} is damaged", error.where); }

class Verification {
public:
    Verification(Registry& registry, const VerifyProgressFn& on_progress)
        : registry_(registry), on_progress_(on_progress), blocks_(registry.parts(), {}) {}

    Result<VerifyReport> run();

private:
    Result<Done> read_start();
    Result<Done> read_prefixes();
    Result<Done> check_blocks();
    void check_block();
    void check_records(const BlockView& block);
    bool check_record(const Record& record, std::string_view folded);
    void check_order(std::string_view folded);
    Result<Done> check_patterns();
    Result<Done> check_journal();
    void check_counts();
    void check_forms(const std::vector<FormInfo>& forms);
    void report(std::string what, std::string prefix = {}, KeyRange range = {});
    void report_block(std::string what, std::string_view folded);
    void report_table(std::string_view name, std::string_view last_key);
    Tally* tally_of(std::string_view folded);

    Registry& registry_;
    const VerifyProgressFn& on_progress_;
    BlockWalk blocks_;
    VerifyReport report_;
    MetaState start_;
    std::vector<FormInfo> forms_start_;
    std::map<std::uint8_t, FormInfo> forms_;
    std::unordered_map<std::string, Tally> tallies_;  // By folded prefix.
    std::set<std::uint32_t> prefix_numbers_;
    std::set<std::string> changed_;  // Prefixes that the journal names since the start.
    std::string prefix_;             // Of the record before,
    Tally* tally_ = nullptr;         // and its tally.
    std::string last_folded_;
    bool blocks_damaged_ = false;
    bool prefixes_damaged_ = false;
};

void Verification::report(std::string what, std::string prefix, KeyRange range) {
    ++report_.findings_total;
    if (report_.findings.size() >= kFindingCountMax) return;
    report_.findings.push_back({std::move(what), std::move(prefix), std::move(range)});
}

void Verification::report_block(std::string what, std::string_view folded) {
    blocks_damaged_ = true;
    // The first block's key is below all identifiers: the one behind says more.
    std::string_view known = folded.empty() ? std::string_view(blocks_.key()) : folded;
    if (known == kFirstBlockKey) known = blocks_.next_key();
    const bool has_prefix = known.find('/') != std::string_view::npos;
    report(std::move(what), std::string(has_prefix ? known.substr(0, prefix_size_of(known)) : ""),
           {blocks_.key(), blocks_.next_key()});
}

// A table whose own pages are damaged cannot be followed beyond the last key that was found.
void Verification::report_table(std::string_view name, std::string_view last_key) {
    report(last_key.empty() ? fmt::format("the table of {} is damaged from its start on", name)
                            : fmt::format("the table of {} is damaged behind {}", name, last_key));
}

Result<Done> Verification::read_start() {
    auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    const auto state = read_state(*txn);
    if (!state) return tl::unexpected(state.error());
    start_ = *state;
    const auto forms = txn->get(lmdb::Table::kMeta, to_bytes(kFormsKey));
    if (!forms) return tl::unexpected(forms.error());
    if (!*forms) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta forms"});
    auto decoded = decode_forms(**forms);
    if (!decoded) return tl::unexpected(decoded.error());
    forms_start_ = std::move(*decoded);
    return Done{};
}

Result<Done> Verification::read_prefixes() {
    PrefixWalk walk(registry_);
    while (true) {
        const auto more = walk.next();
        if (!more && more.error().kind == ErrorKind::kUnavailable) {
            return tl::unexpected(more.error());
        }
        if (!more && walk.ended()) {
            prefixes_damaged_ = true;
            report_table("prefixes", walk.key());
            return Done{};
        }
        if (!more) {
            report(describe(more.error()), std::string(walk.key()));
            continue;
        }
        if (!*more) return Done{};
        ++report_.prefixes;
        const Prefix& prefix = walk.prefix();
        std::string folded = fold(prefix.name);
        if (folded != walk.key()) report("a prefix has another name than its key", folded);
        if (!prefix_numbers_.insert(prefix.number).second) {
            report(fmt::format("prefix number {} is given twice", prefix.number), folded);
        }
        tallies_.emplace(std::move(folded), Tally{prefix.number, walk.counts(), 0, 0});
    }
}

Tally* Verification::tally_of(std::string_view folded) {
    const std::string_view prefix = folded.substr(0, prefix_size_of(folded));
    if (tally_ != nullptr && prefix == prefix_) return tally_;
    const auto found = tallies_.find(std::string(prefix));
    prefix_ = prefix;
    tally_ = found == tallies_.end() ? nullptr : &found->second;
    return tally_;
}

void Verification::check_order(std::string_view folded) {
    if (!last_folded_.empty() && folded <= last_folded_) {
        report_block("identifiers are out of order", folded);
    }
    if (folded < blocks_.key() || (!blocks_.next_key().empty() && folded >= blocks_.next_key())) {
        report_block("an identifier lies outside of its block's range", folded);
    }
    last_folded_ = folded;
}

// False when the record's values cannot be read.
bool Verification::check_record(const Record& record, std::string_view folded) {
    check_order(folded);
    Tally* const tally = tally_of(folded);
    if (tally == nullptr) {
        // A prefix added since the start; the journal will say so.
        tally_ = &tallies_.emplace(prefix_, Tally{}).first->second;
    }
    ++tally_->live;
    tally_->size += static_cast<std::uint64_t>(counted_size(record.fields));
    if (fold(record.fields.identifier) != folded) {
        report_block("an identifier differs from its folded form", folded);
    }
    const Pattern* pattern = nullptr;
    if (record.fields.pattern.id != kNoPattern) {
        const auto found = blocks_.pattern(record.fields.pattern);
        if (!found) {
            report_block("a record refers to a pattern that cannot be read", folded);
            return false;
        }
        pattern = *found;
    }
    ValueCursor values(record.fields, pattern);
    StoredValue value;
    while (values.next(value)) {
    }
    if (!values.ok()) report_block("the values of a record are damaged", folded);
    return values.ok();
}

void Verification::check_records(const BlockView& block) {
    auto record = std::make_unique<Record>();
    BlockCursor cursor(block);
    std::uint64_t records = 0;
    while (true) {
        const auto more = cursor.next(*record);
        if (!more) return report_block(describe(more.error()), last_folded_);
        if (!*more) break;
        ++records;
        // A block that grew backwards meanwhile gives again what was counted.
        if (blocks_.key() < blocks_.from() && cursor.folded() < blocks_.from()) continue;
        if (!check_record(*record, cursor.folded())) return;
        ++report_.identifiers;
    }
    if (records != block.record_count()) {
        report_block("a block holds another number of records than it says", last_folded_);
    }
}

void Verification::check_block() {
    const auto block = BlockView::open(blocks_.octets());
    if (!block) return report_block(describe(block.error()), {});
    if (!block->checksum_ok()) return report_block("the checksum of a block is wrong", {});
    const ByteSpan padding = blocks_.octets().subspan(block->used_size());
    if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; })) {
        report_block("the padding of a block is not empty", {});
    }
    FormInfo& form = forms_[static_cast<std::uint8_t>(block->key_form())];
    ++form.blocks;
    form.records += block->record_count();
    form.used_size += block->used_size();
    form.stored_size += blocks_.octets().size();
    check_records(*block);
}

Result<Done> Verification::check_blocks() {
    std::uint64_t blocks_total = 0;
    for (const FormInfo& form : forms_start_) blocks_total += form.blocks;
    while (true) {
        const auto more = blocks_.next();
        if (!more && !blocks_.has_place()) {
            if (more.error().kind != ErrorKind::kCorrupt) return tl::unexpected(more.error());
            blocks_damaged_ = true;
            report_table("identifiers", blocks_.key());
            break;
        }
        if (more && !*more) break;
        ++report_.blocks;
        if (more) {
            check_block();
        } else {
            report_block("a block cannot be read from the disk", {});
        }
        if (on_progress_ && report_.blocks % kProgressEvery == 0) {
            on_progress_({report_.blocks, blocks_total, report_.identifiers});
        }
    }
    if (on_progress_) on_progress_({report_.blocks, blocks_total, report_.identifiers});
    return Done{};
}

Result<Done> Verification::check_patterns() {
    // Immutable and few beside the blocks: one snapshot will do.
    auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kPattern);
    if (!cursor) return tl::unexpected(cursor.error());
    auto entry = cursor->first();
    for (; entry && *entry; entry = cursor->next()) {
        ++report_.patterns;
        std::vector<std::uint8_t> stored;
        const auto copied = lmdb::copy_out((*entry)->value, stored);
        const auto ref = read_pattern_key((*entry)->key);
        if (!copied || !ref || !decode_pattern(stored)) {
            report(fmt::format("pattern {} of prefix number {} is damaged", ref ? ref->id : 0,
                               ref ? ref->prefix_number : 0));
        }
    }
    if (entry) return Done{};
    if (entry.error().kind != ErrorKind::kCorrupt) return tl::unexpected(entry.error());
    report_table("patterns", fmt::format("{} patterns", report_.patterns));
    return Done{};
}

Result<Done> Verification::check_journal() {
    JournalWalk walk(registry_, 1);
    std::uint64_t sequence = 0;
    Sha256 hash{};
    while (true) {
        const auto more = walk.next();
        if (!more && walk.sequence() == sequence) {
            if (more.error().kind != ErrorKind::kCorrupt) return tl::unexpected(more.error());
            report_table("the journal", fmt::format("entry {}", sequence));
            return Done{};
        }
        if (more && !*more) break;
        ++report_.journal_entries;
        if (!more) {
            report(fmt::format("journal entry {}: {}", walk.sequence(), describe(more.error())));
        } else if (sequence != 0 && walk.sequence() != sequence + 1) {
            report(fmt::format("journal entries between {} and {} are gone", sequence,
                               walk.sequence()));
        } else if ((sequence != 0 || walk.sequence() == 1) && walk.entry().previous != hash) {
            report(fmt::format("the chain of the journal breaks at entry {}", walk.sequence()));
        }
        sequence = walk.sequence();
        hash = journal_hash(sequence, walk.stored());
        if (more && sequence > start_.journal_sequence) {
            const std::string first = fold(walk.entry().first);
            changed_.insert(first.substr(0, prefix_size_of(first)));
        }
        if (sequence == start_.journal_sequence && hash != start_.journal_hash) {
            report("the last journal entry is not the one that the registry knows");
        }
    }
    if (sequence < start_.journal_sequence) report("the end of the journal is gone");
    return Done{};
}

void Verification::check_counts() {
    // Damaged blocks have hidden records: what they add up to says nothing more.
    if (blocks_damaged_) return;
    for (const auto& [prefix, tally] : tallies_) {
        if (prefixes_damaged_) break;
        if (changed_.contains(prefix)) {
            ++report_.prefixes_undecided;
        } else if (tally.number == 0 && prefix != "0.NA") {
            report("identifiers lie under a prefix that is not there", prefix);
        } else if (tally.live != tally.counted.live || tally.size != tally.counted.size) {
            report(fmt::format("{} identifiers of {} octets where {} of {} are counted", tally.live,
                               tally.size, tally.counted.live, tally.counted.size),
                   prefix);
        }
    }
    if (changed_.empty()) check_forms(forms_start_);
}

void Verification::check_forms(const std::vector<FormInfo>& forms) {
    for (const FormInfo& counted : forms) {
        const FormInfo& found = forms_[counted.form];
        if (found.blocks != counted.blocks || found.records != counted.records ||
            found.used_size != counted.used_size || found.stored_size != counted.stored_size) {
            report(fmt::format(
                "{} blocks of form {} with {} identifiers where {} with {} are counted",
                found.blocks, counted.form, found.records, counted.blocks, counted.records));
        }
    }
}

Result<VerifyReport> Verification::run() {
    for (const auto step :
         {&Verification::read_start, &Verification::read_prefixes, &Verification::check_blocks,
          &Verification::check_patterns, &Verification::check_journal}) {
        if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
    }
    check_counts();
    return std::move(report_);
}

}  // namespace

Result<VerifyReport> verify(Registry& registry, const VerifyProgressFn& on_progress) {
    return Verification(registry, on_progress).run();
}

}  // namespace idnode::registry
