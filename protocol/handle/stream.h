// Replication streams: what follows the answer to "retrieve transactions" and "dump handles" on the
// same connection (Handle.Net's own; not in RFC 3652).
//
//     start:   u32 0 and a hash name (signed) | u32 0xFFFFFFFF (plain) | "TLS\0" (TLS follows)
//     head:    u32 version [u32 status, retrieve only]
//     records: u8 kind and its fields; in a signed stream head and records each followed by a sized
//              signature, the dump's end excepted
//
// Views into the octets given. Every decoder fails with kMalformed on missing octets. No
// allocation.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/list.h"

namespace idnode::handle {

enum class StreamForm : std::uint32_t {
    kSigned = 0,
    kTls = 0x544C5300,
    kPlain = 0xFFFFFFFF,
};

struct StreamStart {
    StreamForm form = StreamForm::kPlain;
    std::string_view hash_name;  // Signed streams only, such as "SHA1".
};

// An unknown form is malformed.
Result<StreamStart> decode_stream_start(Reader& in);
void encode_stream_start(Writer& out, const StreamStart& start);

// --- Transactions (operation 1001) --------------------------------------------------------------

struct TransactionHead {
    std::uint32_t version = 1;  // 1: one source, 2: all sources.
    std::uint32_t status = 0;   // 1: a dump is needed, 2: transactions follow.
};

enum class TransactionAction : std::uint8_t {
    kCreate = 1,
    kDelete = 2,
    kUpdate = 3,
    kHome = 4,
    kUnhome = 5,
    kDeleteAll = 6,
};

struct Transaction {
    std::uint64_t id = 0;
    std::string_view identifier;
    TransactionAction action = TransactionAction::kCreate;
    std::uint64_t date_ms = 0;
    SizedValueList values;  // Create and update: the record as it is now.
};

struct QueueName {
    std::string_view name;  // "<server>:<index>:<handle>"; later transactions belong to it.
};

struct QueueDate {
    std::uint64_t date_ms = 0;
};

struct TransactionEnd {
    std::uint64_t date_ms = 0;  // Version 1 only: to be remembered for the next query.
};

using TransactionRecord = std::variant<Transaction, QueueName, QueueDate, TransactionEnd>;

Result<TransactionHead> decode_transaction_head(Reader& in);
void encode_transaction_head(Writer& out, const TransactionHead& head);
Result<TransactionRecord> decode_transaction_record(Reader& in, std::uint32_t version);
void encode_transaction_record(Writer& out, const TransactionRecord& record, std::uint32_t version);

// --- Dump (operation 1002) ----------------------------------------------------------------------

struct DumpHead {
    std::uint32_t version = 2;
};

struct SourceStates {
    std::string_view text;
};

struct ServerState {
    std::uint64_t date_ms = 0;
    std::uint64_t last_transaction_id = 0;
};

struct IdentifierDate {
    enum class Of : std::uint8_t { kHandle = 3, kHomedPrefix = 4 };
    Of of = Of::kHandle;
    std::string_view identifier;
    std::uint64_t date_ms = 0;
    std::uint32_t priority = 0;
};

struct DumpedHandle {
    std::string_view identifier;
    SizedValueList values;
};

struct HomedPrefix {
    std::string_view identifier;
};

struct DumpEnd {};

using DumpRecord =
    std::variant<ServerState, DumpedHandle, HomedPrefix, IdentifierDate, SourceStates, DumpEnd>;

Result<DumpHead> decode_dump_head(Reader& in);
void encode_dump_head(Writer& out, const DumpHead& head);
Result<DumpRecord> decode_dump_record(Reader& in);
void encode_dump_record(Writer& out, const DumpRecord& record);

}  // namespace idnode::handle
