#include "protocol/handle/stream.h"

namespace idnode::handle {

namespace {

// Kinds of transaction records.
constexpr std::uint8_t kTransactionEnd = 0;
constexpr std::uint8_t kTransaction = 1;
constexpr std::uint8_t kQueueName = 2;
constexpr std::uint8_t kQueueDate = 3;
// Kinds of dump records; 3 and 4 are IdentifierDate::Of.
constexpr std::uint8_t kServerState = 0;
constexpr std::uint8_t kDumpedHandle = 1;
constexpr std::uint8_t kHomedPrefix = 2;
constexpr std::uint8_t kHandleDate = 3;
constexpr std::uint8_t kPrefixDate = 4;
constexpr std::uint8_t kSourceStates = 5;
constexpr std::uint8_t kDumpEnd = 255;

constexpr std::uint32_t kOneSource = 1;  // TransactionHead::version.

tl::unexpected<Error> malformed(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kMalformed, where});
}

bool has_values(TransactionAction action) {
    return action == TransactionAction::kCreate || action == TransactionAction::kUpdate;
}

Transaction decode_transaction(Reader& in) {
    Transaction transaction;
    transaction.id = in.u64();
    transaction.identifier = in.sized_text();
    transaction.action = static_cast<TransactionAction>(in.u8());
    transaction.date_ms = in.u64();
    if (transaction.action < TransactionAction::kCreate ||
        transaction.action > TransactionAction::kDeleteAll) {
        in.fail();
    }
    if (has_values(transaction.action)) transaction.values = SizedValueList::decode(in);
    return transaction;
}

ServerState decode_server_state(Reader& in) {
    ServerState state;
    state.date_ms = in.u64();
    state.last_transaction_id = in.u64();
    return state;
}

IdentifierDate decode_identifier_date(IdentifierDate::Of of, Reader& in) {
    IdentifierDate date;
    date.of = of;
    date.identifier = in.sized_text();
    date.date_ms = in.u64();
    date.priority = in.u32();
    return date;
}

DumpedHandle decode_dumped_handle(Reader& in) {
    DumpedHandle handle;
    handle.identifier = in.sized_text();
    handle.values = SizedValueList::decode(in);
    return handle;
}

struct TransactionWriter {
    Writer& out;
    std::uint32_t version;

    void operator()(const Transaction& record) const {
        out.u8(kTransaction);
        out.u64(record.id);
        out.sized_text(record.identifier);
        out.u8(static_cast<std::uint8_t>(record.action));
        out.u64(record.date_ms);
        if (has_values(record.action)) record.values.encode(out);
    }
    void operator()(const QueueName& record) const {
        out.u8(kQueueName);
        out.sized_text(record.name);
    }
    void operator()(const QueueDate& record) const {
        out.u8(kQueueDate);
        out.u64(record.date_ms);
    }
    void operator()(const TransactionEnd& record) const {
        out.u8(kTransactionEnd);
        if (version == kOneSource) out.u64(record.date_ms);
    }
};

struct DumpWriter {
    Writer& out;

    void operator()(const ServerState& record) const {
        out.u8(kServerState);
        out.u64(record.date_ms);
        out.u64(record.last_transaction_id);
    }
    void operator()(const DumpedHandle& record) const {
        out.u8(kDumpedHandle);
        out.sized_text(record.identifier);
        record.values.encode(out);
    }
    void operator()(const HomedPrefix& record) const {
        out.u8(kHomedPrefix);
        out.sized_text(record.identifier);
    }
    void operator()(const IdentifierDate& record) const {
        out.u8(static_cast<std::uint8_t>(record.of));
        out.sized_text(record.identifier);
        out.u64(record.date_ms);
        out.u32(record.priority);
    }
    void operator()(const SourceStates& record) const {
        out.u8(kSourceStates);
        out.sized_text(record.text);
    }
    void operator()(const DumpEnd&) const { out.u8(kDumpEnd); }
};

}  // namespace

Result<StreamStart> decode_stream_start(Reader& in) {
    StreamStart start;
    start.form = static_cast<StreamForm>(in.u32());
    switch (start.form) {
        case StreamForm::kSigned:
            start.hash_name = in.sized_text();
            break;
        case StreamForm::kTls:
        case StreamForm::kPlain:
            break;
        default:
            in.fail();
    }
    if (!in.ok()) return malformed("stream start");
    return start;
}

void encode_stream_start(Writer& out, const StreamStart& start) {
    out.u32(static_cast<std::uint32_t>(start.form));
    if (start.form == StreamForm::kSigned) out.sized_text(start.hash_name);
}

Result<TransactionHead> decode_transaction_head(Reader& in) {
    TransactionHead head;
    head.version = in.u32();
    head.status = in.u32();
    if (!in.ok()) return malformed("transaction stream head");
    return head;
}

void encode_transaction_head(Writer& out, const TransactionHead& head) {
    out.u32(head.version);
    out.u32(head.status);
}

Result<TransactionRecord> decode_transaction_record(Reader& in, std::uint32_t version) {
    TransactionRecord record;
    switch (in.u8()) {
        case kTransaction:
            record = decode_transaction(in);
            break;
        case kQueueName:
            record = QueueName{in.sized_text()};
            break;
        case kQueueDate:
            record = QueueDate{in.u64()};
            break;
        case kTransactionEnd:
            record = TransactionEnd{version == kOneSource ? in.u64() : 0};
            break;
        default:
            in.fail();
    }
    if (!in.ok()) return malformed("transaction record");
    return record;
}

void encode_transaction_record(Writer& out, const TransactionRecord& record,
                               std::uint32_t version) {
    std::visit(TransactionWriter{out, version}, record);
}

Result<DumpHead> decode_dump_head(Reader& in) {
    const DumpHead head{in.u32()};
    if (!in.ok()) return malformed("dump stream head");
    return head;
}

void encode_dump_head(Writer& out, const DumpHead& head) { out.u32(head.version); }

Result<DumpRecord> decode_dump_record(Reader& in) {
    DumpRecord record;
    switch (in.u8()) {
        case kServerState:
            record = decode_server_state(in);
            break;
        case kDumpedHandle:
            record = decode_dumped_handle(in);
            break;
        case kHomedPrefix:
            record = HomedPrefix{in.sized_text()};
            break;
        case kHandleDate:
            record = decode_identifier_date(IdentifierDate::Of::kHandle, in);
            break;
        case kPrefixDate:
            record = decode_identifier_date(IdentifierDate::Of::kHomedPrefix, in);
            break;
        case kSourceStates:
            record = SourceStates{in.sized_text()};
            break;
        case kDumpEnd:
            record = DumpEnd{};
            break;
        default:
            in.fail();
    }
    if (!in.ok()) return malformed("dump record");
    return record;
}

void encode_dump_record(Writer& out, const DumpRecord& record) {
    std::visit(DumpWriter{out}, record);
}

}  // namespace idnode::handle
