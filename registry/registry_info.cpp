#include <sys/statvfs.h>

#include <algorithm>

#include <fmt/format.h>

#include "registry/growth.h"
#include "registry/import_lock.h"
#include "registry/import_unfinished.h"
#include "registry/key.h"
#include "registry/registry.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

constexpr std::uint64_t kWarningPercent = 80;
constexpr std::uint64_t kReaderAgeWarningMs = 5'000;

Result<Done> read_tables(const lmdb::ReadTxn& txn, RegistryInfo& info) {
    using lmdb::Table;
    const auto prefixes = txn.entry_count(Table::kPrefix);
    const auto patterns = txn.entry_count(Table::kPattern);
    const auto entries = txn.entry_count(Table::kJournal);
    const auto free_pages = txn.free_page_count();
    for (const auto* count : {&prefixes, &patterns, &entries, &free_pages}) {
        if (!*count) return tl::unexpected(count->error());
    }
    info.prefixes = *prefixes;
    info.patterns = *patterns;
    info.journal_entries = *entries;
    info.free_pages = *free_pages;
    const auto forms = txn.get(Table::kMeta, to_bytes(kFormsKey));
    if (!forms) return tl::unexpected(forms.error());
    if (!*forms) return tl::unexpected(Error{ErrorKind::kCorrupt, "meta forms"});
    auto decoded = decode_forms(**forms);
    if (!decoded) return tl::unexpected(decoded.error());
    info.forms = std::move(*decoded);
    for (const FormInfo& form : info.forms) info.identifiers += form.records;
    return Done{};
}

Result<Done> read_import(const lmdb::ReadTxn& txn, RegistryInfo& info) {
    const auto unfinished = read_unfinished_import(txn);
    if (!unfinished) return tl::unexpected(unfinished.error());
    if (!*unfinished) return Done{};
    info.import = {ImportLock::is_taken(info.path), (*unfinished)->input_name,
                   (*unfinished)->point.rows, (*unfinished)->began_ms};
    return Done{};
}

// When the first change behind a snapshot was made: since then it holds pages back. 0: no such
// change.
std::uint64_t outdated_since(lmdb::Cursor& journal, std::uint64_t snapshot, std::uint64_t head) {
    const auto entry_at = [&](std::uint64_t sequence) -> std::optional<JournalEntry> {
        const auto found = journal.seek(journal_key(sequence));
        if (!found || !*found) return std::nullopt;
        const auto entry = decode_journal_entry((*found)->value);
        return entry ? std::optional(*entry) : std::nullopt;
    };
    std::uint64_t low = 1;
    std::uint64_t high = head + 1;  // The first entry of a later transaction lies in [low, high].
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto entry = entry_at(middle);
        if (!entry) return 0;
        if (entry->transaction > snapshot) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    const auto entry = low <= head ? entry_at(low) : std::nullopt;
    return entry ? entry->date_ms : 0;
}

Result<Done> read_readers(const lmdb::Environment& environment, const lmdb::ReadTxn& txn,
                          RegistryInfo& info) {
    auto journal = lmdb::Cursor::open(txn, lmdb::Table::kJournal);
    if (!journal) return tl::unexpected(journal.error());
    const std::vector<lmdb::ReaderSlot> readers = environment.readers();
    // This call's own snapshot is among them.
    info.readers = readers.empty() ? 0 : static_cast<unsigned>(readers.size() - 1);
    const auto oldest = std::ranges::min_element(readers, {}, &lmdb::ReaderSlot::transaction);
    if (oldest == readers.end() || oldest->transaction >= txn.id()) return Done{};
    const std::uint64_t since = outdated_since(*journal, oldest->transaction, info.journal_head);
    if (since == 0) return Done{};
    const std::uint64_t now = now_ms();
    info.oldest_reader_ms = now > since ? now - since : 1;
    info.oldest_reader_process = oldest->process;
    return Done{};
}

void read_disk(RegistryInfo& info) {
    struct statvfs disk {};
    if (statvfs(info.path.c_str(), &disk) != 0) return;
    info.disk_free = disk.f_bavail * disk.f_frsize;
    info.disk_size = disk.f_blocks * disk.f_frsize;
}

// How fast the file grows, and how long map and disk will do.
Result<Done> read_rate(const lmdb::ReadTxn& txn, const lmdb::EnvironmentInfo& environment,
                       RegistryInfo& info) {
    const auto growth = read_growth(
        txn, {info.journal_head, environment.page_count, environment.page_size, now_ms()});
    if (!growth) return tl::unexpected(growth.error());
    info.growth = *growth;
    const std::uint64_t map_left = info.map_size - std::min(info.map_size, info.file_size);
    info.map_full_seconds = seconds_until_full(info.growth, map_left);
    info.disk_full_seconds = seconds_until_full(info.growth, info.disk_free);
    return Done{};
}

void add_warnings(RegistryInfo& info) {
    const auto percent = [](std::uint64_t part, std::uint64_t whole) {
        return whole == 0 ? 0 : part / (whole / 100 + 1);
    };
    if (const auto used = percent(info.used_size, info.map_size); used >= kWarningPercent) {
        info.warnings.push_back(fmt::format(
            "the map is {} % full; stop the node and enlarge it with idnode init --map-size",
            used));
    }
    if (const auto used = percent(info.disk_size - info.disk_free, info.disk_size);
        used >= kWarningPercent) {
        info.warnings.push_back(fmt::format("the disk is {} % full; make room", used));
    }
    if (info.oldest_reader_ms > kReaderAgeWarningMs) {
        info.warnings.push_back(fmt::format(
            "a reader of process {} has held its snapshot for {} s; the file grows until it ends",
            info.oldest_reader_process, info.oldest_reader_ms / 1000));
    }
}

}  // namespace

Result<RegistryInfo> Registry::info() {
    RegistryParts& parts = *parts_;
    auto txn = lmdb::ReadTxn::begin(parts.environment);
    if (!txn) return tl::unexpected(txn.error());
    RegistryInfo info;
    info.path = parts.path;
    info.uuid = uuid_text(parts.identity.uuid);
    info.format_major = parts.identity.format_major;
    info.format_minor = parts.identity.format_minor;
    const auto state = read_state(*txn);
    if (!state) return tl::unexpected(state.error());
    info.journal_head = state->journal_sequence;
    info.last_change_ms = state->last_date_ms;
    if (auto read = read_tables(*txn, info); !read) return tl::unexpected(read.error());
    if (auto read = read_import(*txn, info); !read) return tl::unexpected(read.error());
    if (auto read = read_readers(parts.environment, *txn, info); !read) {
        return tl::unexpected(read.error());
    }
    const auto environment = parts.environment.info();
    if (!environment) return tl::unexpected(environment.error());
    info.page_size = environment->page_size;
    info.map_size = environment->map_size;
    info.file_size = environment->page_count * environment->page_size;
    info.used_size = info.file_size - std::min(info.file_size, info.free_pages * info.page_size);
    read_disk(info);
    if (auto read = read_rate(*txn, *environment, info); !read) {
        return tl::unexpected(read.error());
    }
    add_warnings(info);
    if (const auto failure = parts_->indexes.failure()) {
        info.warnings.push_back(fmt::format(
            "the index of blocks cannot be built ({}): lookups take longer; see idnode verify",
            failure->where));
    }
    return info;
}

}  // namespace idnode::registry
