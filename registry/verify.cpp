#include "registry/verify.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "registry/journal.h"
#include "registry/key.h"
#include "registry/lmdb.h"
#include "registry/registry_parts.h"
#include "registry/verify_blocks.h"

namespace idnode::registry {

namespace {

std::string fold(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

// Parts for each thread, so that none is left alone with the last long one.
constexpr std::size_t kPartsEach = 4;
// More than there are cores: most of them wait for the disk when the registry is larger than the
// memory.
constexpr std::size_t kThreadsMax = 16;

// What the records of one prefix add up to, and what the registry says they do.
struct Tally {
    std::uint32_t number = 0;
    PrefixCounts counted;  // By the registry, at the start.
    RecordTally found;
};

class Verification {
public:
    Verification(Registry& registry, const VerifyOptions& options)
        : registry_(registry), options_(options) {}

    Result<VerifyReport> run();

private:
    Result<Done> read_start();
    Result<Done> read_prefixes();
    Result<Done> check_blocks();
    [[nodiscard]] std::vector<KeyRange> parts() const;
    void check_parts(const std::vector<KeyRange>& ranges, std::atomic<std::size_t>& next);
    bool tell_progress(std::uint64_t blocks, std::uint64_t identifiers);
    void take(BlocksReport part);
    Result<Done> check_patterns();
    Result<Done> check_journal();
    void check_counts();
    void check_forms(const std::vector<FormInfo>& forms);
    Registry& registry_;
    const VerifyOptions& options_;
    VerifyReport report_;
    FindingList findings_;
    MetaState start_;
    std::vector<FormInfo> forms_start_;
    std::map<std::uint8_t, FormInfo> forms_;
    std::map<std::string, Tally> tallies_;  // By folded prefix.
    std::set<std::uint32_t> prefix_numbers_;
    std::set<std::string> changed_;  // Prefixes that the journal names since the start.
    bool blocks_damaged_ = false;
    bool prefixes_damaged_ = false;

    std::mutex mutex_;                               // Over what is below, while parts are checked.
    std::vector<std::optional<BlocksReport>> done_;  // By part.
    std::optional<Error> failure_;
    VerifyProgress progress_;
};

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
            findings_.add_table("prefixes", walk.key());
            return Done{};
        }
        if (!more) {
            findings_.add(damage_text(more.error()), std::string(walk.key()));
            continue;
        }
        if (!*more) return Done{};
        ++report_.prefixes;
        const Prefix& prefix = walk.prefix();
        std::string folded = fold(prefix.name);
        if (folded != walk.key()) findings_.add("a prefix has another name than its key", folded);
        if (!prefix_numbers_.insert(prefix.number).second) {
            findings_.add(fmt::format("prefix number {} is given twice", prefix.number), folded);
        }
        tallies_.emplace(std::move(folded), Tally{prefix.number, walk.counts(), {}});
    }
}

// Whole prefixes each, of about as many identifiers.
std::vector<KeyRange> Verification::parts() const {
    std::vector<std::pair<std::string, std::uint64_t>> starts;
    std::uint64_t total = 0;
    for (const auto& [prefix, tally] : tallies_) {
        starts.emplace_back(prefix + '/', tally.counted.live);
        total += tally.counted.live;
    }
    std::ranges::sort(starts);
    const std::uint64_t wanted =
        std::max<std::uint64_t>(options_.part_size, total / (kThreadsMax * kPartsEach));
    std::vector<KeyRange> ranges{{}};
    std::uint64_t held = 0;
    for (const auto& [start, live] : starts) {
        if (held >= wanted) {
            ranges.back().to = start;
            ranges.push_back({start, {}});
            held = 0;
        }
        held += live;
    }
    return ranges;
}

Result<Done> Verification::check_blocks() {
    for (const FormInfo& form : forms_start_) progress_.blocks_total += form.blocks;
    const std::vector<KeyRange> ranges = parts();
    done_.resize(ranges.size());
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min(kThreadsMax, ranges.size()); ++i) {
        threads.emplace_back([&] { check_parts(ranges, next); });
    }
    check_parts(ranges, next);
    for (std::thread& thread : threads) thread.join();
    if (failure_) return tl::unexpected(*failure_);
    for (std::optional<BlocksReport>& part : done_) take(std::move(*part));
    return Done{};
}

// One thread's share: the next part that nobody has, until there is none.
void Verification::check_parts(const std::vector<KeyRange>& ranges,
                               std::atomic<std::size_t>& next) {
    for (std::size_t at = next++; at < ranges.size(); at = next++) {
        BlockVerification part(registry_.parts(), ranges[at],
                               [this](std::uint64_t blocks, std::uint64_t identifiers) {
                                   return tell_progress(blocks, identifiers);
                               });
        auto report = part.run();
        const std::lock_guard lock(mutex_);
        if (failure_) return;
        if (!report) {
            failure_ = report.error();
            return;
        }
        done_[at] = std::move(*report);
    }
}

bool Verification::tell_progress(std::uint64_t blocks, std::uint64_t identifiers) {
    const std::lock_guard lock(mutex_);
    progress_.blocks += blocks;
    progress_.identifiers += identifiers;
    if (options_.on_progress) options_.on_progress(progress_);
    return !failure_;
}

void Verification::take(BlocksReport part) {
    report_.blocks += part.blocks;
    report_.identifiers += part.identifiers;
    blocks_damaged_ = blocks_damaged_ || part.damaged;
    findings_.append(std::move(part.findings));
    for (const auto& [key, form] : part.forms) {
        FormInfo& sum = forms_[key];
        sum.blocks += form.blocks;
        sum.records += form.records;
        sum.used_size += form.used_size;
        sum.stored_size += form.stored_size;
    }
    for (const auto& [prefix, tally] : part.tallies) {
        // One added since the start is new here; the journal will say so.
        RecordTally& sum = tallies_[prefix].found;
        sum.live += tally.live;
        sum.size += tally.size;
    }
}

Result<Done> Verification::check_patterns() {
    // Immutable and few beside the blocks: one snapshot will do.
    auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kPattern);
    if (!cursor) return tl::unexpected(cursor.error());
    auto entry = cursor->first();
    std::string last_key;
    for (; entry && *entry; entry = cursor->next()) {
        const std::string_view key = to_text((*entry)->key);
        if (key <= last_key && report_.patterns != 0) break;
        last_key = key;
        ++report_.patterns;
        std::vector<std::uint8_t> stored;
        const auto copied = lmdb::copy_out((*entry)->value, stored);
        const auto ref = read_pattern_key((*entry)->key);
        if (!copied || !ref || !decode_pattern(stored)) {
            findings_.add(fmt::format("pattern {} of prefix number {} is damaged",
                                      ref ? ref->id : 0, ref ? ref->prefix_number : 0));
        }
    }
    if (entry && !*entry) return Done{};
    if (!entry && entry.error().kind != ErrorKind::kCorrupt) {
        return tl::unexpected(entry.error());
    }
    findings_.add_table("patterns", fmt::format("{} patterns", report_.patterns));
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
            findings_.add_table("the journal", fmt::format("entry {}", sequence));
            return Done{};
        }
        if (more && !*more) break;
        ++report_.journal_entries;
        if (!more) {
            findings_.add(
                fmt::format("journal entry {}: {}", walk.sequence(), damage_text(more.error())));
        } else if (sequence != 0 && walk.sequence() != sequence + 1) {
            findings_.add(fmt::format("journal entries between {} and {} are gone", sequence,
                                      walk.sequence()));
        } else if ((sequence != 0 || walk.sequence() == 1) && walk.entry().previous != hash) {
            findings_.add(
                fmt::format("the chain of the journal breaks at entry {}", walk.sequence()));
        }
        sequence = walk.sequence();
        hash = journal_hash(sequence, walk.stored());
        if (more && sequence > start_.journal_sequence) {
            const std::string first = fold(walk.entry().first);
            changed_.insert(first.substr(0, prefix_size_of(first)));
        }
        if (sequence == start_.journal_sequence && hash != start_.journal_hash) {
            findings_.add("the last journal entry is not the one that the registry knows");
        }
    }
    if (sequence < start_.journal_sequence) findings_.add("the end of the journal is gone");
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
            findings_.add("identifiers lie under a prefix that is not there", prefix);
        } else if (tally.found.live != tally.counted.live ||
                   tally.found.size != tally.counted.size) {
            findings_.add(fmt::format("{} identifiers of {} octets where {} of {} are counted",
                                      tally.found.live, tally.found.size, tally.counted.live,
                                      tally.counted.size),
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
            findings_.add(fmt::format(
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
    report_.findings_total = findings_.total();
    report_.findings = std::move(findings_).take();
    return std::move(report_);
}

}  // namespace

Result<VerifyReport> verify(Registry& registry, const VerifyOptions& options) {
    return Verification(registry, options).run();
}

}  // namespace idnode::registry
