// The journal: every change, numbered from 1 without gaps, each entry holding the SHA-256 of the
// one before, so that nothing can be taken out or altered unseen.
//
//     kind:u8=1 version:u8=1 action:u8 origin:u8 date_ms:u64 transaction:u64 count:u64 previous:32
//     actor:u16-sized first:u16-sized last:u16-sized tlvs:u32-sized checksum:u32
//
// Big-endian; key: the sequence as u64. The checksum is the low 32 bits of XXH3-64 over what stands
// before it; the hash of an entry covers its key and all its octets. A write rewrites only blocks
// whose old range holds an identifier or a span that its entries name.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::registry {

class Registry;

// The numbers are stored. 1 to 6 are the Handle protocol's.
enum class JournalAction : std::uint8_t {
    kCreate = 1,
    kDelete = 2,
    kUpdate = 3,
    kHome = 4,
    kUnhome = 5,
    kDeleteAll = 6,
    kPrefix = 16,   // `first`: the prefix. Added, removed, state changed.
    kPattern = 17,  // `first`: the prefix; `count`: the pattern's id.
    kSpan = 18,     // Any of `count` identifiers from `first` to `last` put or deleted.
    kRepack = 19,   // Blocks of that range rewritten, nothing changed.
};

enum class Origin : std::uint8_t { kCommand = 1, kImport = 2 };

using Sha256 = std::array<std::uint8_t, 32>;

// Views into the stored octets or into what the writer was given.
struct JournalEntry {
    JournalAction action = JournalAction::kCreate;
    Origin origin = Origin::kCommand;
    std::uint64_t date_ms = 0;      // Since 1970; never goes back from one entry to the next.
    std::uint64_t transaction = 0;  // LMDB's number of the transaction that wrote it.
    std::uint64_t count = 1;
    Sha256 previous{};       // Hash of the entry before; zeros for the first.
    std::string_view actor;  // Empty: a command on this machine.
    std::string_view first;  // Identifier or prefix in the case used.
    std::string_view last;   // Spans only.
    std::string_view tlvs;   // What later versions keep here.
};

// Actor, first and last are at most 65,535 octets each.
void encode_journal_entry(const JournalEntry& entry, std::string& out);

// kCorrupt: lengths, checksum; kUnsupported: kind, version or a critical TLV that is not known. An
// action or origin that is not known is given as it is.
Result<JournalEntry> decode_journal_entry(ByteSpan stored);

Sha256 journal_hash(std::uint64_t sequence, ByteSpan stored);

// Gives the entries from a sequence on, each under a snapshot of its own.
class JournalWalk {
public:
    JournalWalk(Registry& registry, std::uint64_t from_sequence);

    // The next entry; false at the end. Views are valid until the next call. An error names a
    // damaged entry; the next call goes on behind it.
    Result<bool> next();

    [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
    [[nodiscard]] const JournalEntry& entry() const { return entry_; }
    [[nodiscard]] ByteSpan stored() const { return to_bytes(stored_); }

private:
    Registry& registry_;
    std::uint64_t next_sequence_;
    std::uint64_t sequence_ = 0;
    std::string stored_;
    JournalEntry entry_;
};

}  // namespace idnode::registry
