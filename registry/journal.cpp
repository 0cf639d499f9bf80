#include "registry/journal.h"

#include <algorithm>

#include "protocol/crypto/digest.h"
#include "registry/checksum.h"
#include "registry/key.h"
#include "registry/lmdb.h"
#include "registry/registry_parts.h"
#include "registry/tlv.h"

namespace idnode::registry {

namespace {

constexpr std::uint8_t kKind = 1;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedSize = 4 + 8 + 8 + 8 + 32 + 2 + 2 + 2 + 4;
constexpr std::size_t kChecksumSize = 4;

void write_sized(Writer& out, std::string_view text) {
    out.u16(static_cast<std::uint16_t>(text.size()));
    out.text(text);
}

std::string_view read_sized(Reader& in) { return to_text(in.bytes(in.u16())); }

}  // namespace

void encode_journal_entry(const JournalEntry& entry, std::string& out) {
    out.assign(kFixedSize + entry.actor.size() + entry.first.size() + entry.last.size() +
                   entry.tlvs.size() + kChecksumSize,
               '\0');
    Writer writer({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    writer.u8(kKind);
    writer.u8(kVersion);
    writer.u8(static_cast<std::uint8_t>(entry.action));
    writer.u8(static_cast<std::uint8_t>(entry.origin));
    writer.u64(entry.date_ms);
    writer.u64(entry.transaction);
    writer.u64(entry.count);
    writer.bytes(entry.previous);
    write_sized(writer, entry.actor);
    write_sized(writer, entry.first);
    write_sized(writer, entry.last);
    writer.sized_text(entry.tlvs);
    writer.u32(checksum_of(writer.written()));
}

Result<JournalEntry> decode_journal_entry(ByteSpan stored) {
    if (stored.size() < kFixedSize + kChecksumSize) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "journal entry size"});
    }
    const ByteSpan content = stored.first(stored.size() - kChecksumSize);
    if (Reader(stored.last(kChecksumSize)).u32() != checksum_of(content)) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "journal entry checksum"});
    }
    Reader in(content);
    const std::uint8_t kind = in.u8();
    if (kind != kKind || in.u8() != kVersion) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "journal entry kind"});
    }
    JournalEntry entry;
    entry.action = static_cast<JournalAction>(in.u8());
    entry.origin = static_cast<Origin>(in.u8());
    entry.date_ms = in.u64();
    entry.transaction = in.u64();
    entry.count = in.u64();
    std::ranges::copy(in.bytes(entry.previous.size()), entry.previous.begin());
    entry.actor = read_sized(in);
    entry.first = read_sized(in);
    entry.last = read_sized(in);
    entry.tlvs = in.sized_text();
    if (!in.at_end()) return tl::unexpected(Error{ErrorKind::kCorrupt, "journal entry"});
    if (auto tlvs = check_tlvs(to_bytes(entry.tlvs)); !tlvs) return tl::unexpected(tlvs.error());
    return entry;
}

Sha256 journal_hash(std::uint64_t sequence, ByteSpan stored) {
    crypto::Hasher hasher(crypto::DigestKind::kSha256);
    hasher.update(journal_key(sequence));
    hasher.update(stored);
    const crypto::Digest digest = hasher.finish();
    Sha256 hash{};
    std::ranges::copy(digest.bytes(), hash.begin());
    return hash;
}

JournalWalk::JournalWalk(Registry& registry, std::uint64_t from_sequence)
    : registry_(registry), next_sequence_(from_sequence) {}

Result<bool> JournalWalk::next() {
    auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return tl::unexpected(txn.error());
    auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kJournal);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto found = cursor->seek(journal_key(next_sequence_));
    if (!found) return tl::unexpected(found.error());
    if (!*found) return false;
    sequence_ = read_journal_key((*found)->key).value_or(0);
    if (sequence_ < next_sequence_) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "journal key"});
    }
    next_sequence_ = sequence_ + 1;
    std::vector<std::uint8_t> copy;
    if (auto copied = lmdb::copy_out((*found)->value, copy); !copied) {
        return tl::unexpected(copied.error());
    }
    stored_.assign(copy.begin(), copy.end());
    const auto entry = decode_journal_entry(to_bytes(stored_));
    if (!entry) return tl::unexpected(entry.error());
    entry_ = *entry;
    return true;
}

}  // namespace idnode::registry
