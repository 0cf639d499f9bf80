#include "registry/growth.h"

#include <algorithm>
#include <array>

#include "registry/journal.h"
#include "registry/key.h"
#include "registry/tlv.h"
#include "registry/varint.h"

namespace idnode::registry {

namespace {

Result<JournalEntry> entry_at(lmdb::Cursor& journal, std::uint64_t sequence) {
    const auto found = journal.seek(journal_key(sequence));
    if (!found) return tl::unexpected(found.error());
    if (!*found) return tl::unexpected(Error{ErrorKind::kCorrupt, "journal head"});
    return decode_journal_entry((*found)->value);
}

// The first entry that is not older; `head` + 1: there is none.
Result<std::uint64_t> first_since(lmdb::Cursor& journal, std::uint64_t head, std::uint64_t date) {
    std::uint64_t low = 1;
    std::uint64_t high = head + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto entry = entry_at(journal, middle);
        if (!entry) return tl::unexpected(entry.error());
        if (entry->date_ms >= date) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

void append_file_pages(std::string& tlvs, std::uint64_t pages) {
    std::array<std::uint8_t, 8> content{};
    idnode::Writer(content).u64(pages);
    append_tlv(tlvs, kFilePagesTag, content);
}

std::optional<std::uint64_t> find_file_pages(ByteSpan tlvs) {
    std::uint8_t tag = 0;
    ByteSpan content;
    while (take_u8(tlvs, tag) && take_sized(tlvs, content)) {
        if (tag == kFilePagesTag && content.size() == 8) return Reader(content).u64();
    }
    return std::nullopt;
}

Result<Growth> read_growth(const lmdb::ReadTxn& txn, const GrowthMoment& moment) {
    auto journal = lmdb::Cursor::open(txn, lmdb::Table::kJournal);
    if (!journal) return tl::unexpected(journal.error());
    const std::uint64_t from = moment.now - std::min(moment.now, kGrowthWindowMs);
    const auto first = first_since(*journal, moment.head, from);
    if (!first) return tl::unexpected(first.error());
    if (*first > moment.head) return Growth{.known = true};
    const auto entry = entry_at(*journal, *first);
    if (!entry) return tl::unexpected(entry.error());
    const auto pages = find_file_pages(to_bytes(entry->tlvs));
    if (!pages) return Growth{};
    const std::uint64_t added = moment.pages_now - std::min(moment.pages_now, *pages);
    return Growth{.known = true,
                  .size = added * moment.page_size,
                  .time_ms = moment.now - std::min(moment.now, entry->date_ms)};
}

std::optional<std::uint64_t> seconds_until_full(const Growth& growth, std::uint64_t room) {
    if (growth.size == 0 || growth.time_ms < kGrowthTimeMinMs) return std::nullopt;
    const double rate = static_cast<double>(growth.size) / static_cast<double>(growth.time_ms);
    return static_cast<std::uint64_t>(static_cast<double>(room) / rate / 1000);
}

}  // namespace idnode::registry
