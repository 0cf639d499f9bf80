#include "protocol/handle/request.h"

#include "protocol/crypto/digest.h"
#include "protocol/handle/frame.h"
#include "protocol/handle/version.h"

namespace idnode::handle {

namespace {

constexpr std::uint8_t kKindOnWireSince = 9;  // Minor version that put the kind into RETRIEVE.

// --- Reading. The order of the fields is that of the wire; `in` remembers any failure. ----------

// In its place: nearly all requests are of this kind.
void decode_resolution_body(Reader& in, ResolutionRequest& body) {
    body.identifier = in.sized_text();
    body.indexes = IndexList::decode(in);
    body.types = TypeList::decode(in);
}

ValuesRequest decode_values(Reader& in) {
    ValuesRequest body;
    body.identifier = in.sized_text();
    body.values = ValueList::decode(in);
    return body;
}

RemoveRequest decode_remove(Reader& in) {
    RemoveRequest body;
    body.identifier = in.sized_text();
    body.indexes = IndexList::decode(in);
    return body;
}

ChallengeAnswer decode_challenge_answer(Reader& in) {
    ChallengeAnswer body;
    body.type = in.sized_text();
    body.user = in.sized_text();
    body.user_index = in.u32();
    body.answer = in.sized_bytes();
    return body;
}

VerifyRequest decode_verify(Reader& in) {
    VerifyRequest body;
    body.user = in.sized_text();
    body.user_index = in.u32();
    body.nonce = in.sized_bytes();
    // In the old form the digest is sized: the top octet of its length is 0, which no type is.
    Reader ahead = in;
    body.digest_type = ahead.u8();
    if (body.digest_type == 0) {
        body.digest = in.sized_bytes();
    } else {
        in.u8();
        const auto size = crypto::digest_size(static_cast<crypto::DigestKind>(body.digest_type));
        if (size == 0) in.fail();
        body.digest = in.bytes(size);
    }
    body.answer = in.sized_bytes();
    return body;
}

LoginRequest decode_login(Reader& in) {
    LoginRequest body;
    body.user = in.sized_text();
    body.user_index = in.u32();
    return body;
}

constexpr bool has_public_key(std::uint16_t mode) { return mode == 1 || mode == 4; }
constexpr bool has_exchange_key(std::uint16_t mode) { return mode == 3; }

SessionSetupRequest decode_session_setup(Reader& in) {
    SessionSetupRequest body;
    body.mode = in.u16();
    body.timeout = in.u32();
    body.identity = in.sized_text();
    body.identity_index = in.u32();
    if (has_public_key(body.mode)) body.public_key = in.sized_bytes();
    if (has_exchange_key(body.mode)) {
        body.exchange_key = in.sized_text();
        body.exchange_index = in.u32();
    }
    return body;
}

RetrieveRequest decode_retrieve(Reader& in, Version version) {
    RetrieveRequest body;
    if (is_at_least(version, kKindOnWireSince)) body.kind = in.u8();
    if (body.kind == 0) {
        body.last_transaction_id = in.u64();
        body.last_query_ms = in.u64();
    } else if (body.kind == 1) {
        body.states = in.sized_text();
    } else {
        in.fail();
    }
    body.hash_option = in.u8();
    body.server_count = in.u32();
    body.server_number = in.u32();
    return body;
}

DumpRequest decode_dump(Reader& in) {
    DumpRequest body;
    body.hash_option = in.u8();
    body.server_count = in.u32();
    body.server_number = in.u32();
    if (in.remaining() != 0) {
        DumpRequest::Start start;
        start.after = in.sized_text();
        start.kind = in.u32();
        body.start = start;
    }
    return body;
}

Result<Done> decode_request_frame(const Envelope& envelope, const Header& header, ByteSpan message,
                                  Frame& frame) {
    auto decoded = decode_frame(envelope, header, message, frame);
    if (decoded && header.response_code != ResponseCode::kNone) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "response instead of request"});
    }
    return decoded;
}

void decode_body(OperationCode operation, Version version, Reader& in, RequestBody& body) {
    switch (operation) {
        case OperationCode::kResolution:
        case OperationCode::kLoginPassword:
            decode_resolution_body(in, body.emplace<ResolutionRequest>());
            break;
        case OperationCode::kGetSiteInfo:
        case OperationCode::kDeleteHandle:
        case OperationCode::kListHandles:
        case OperationCode::kHomePrefix:
        case OperationCode::kUnhomePrefix:
        case OperationCode::kListHomedPrefixes:
        case OperationCode::kSessionTerminate:
        case OperationCode::kGetNextTransactionId:
        case OperationCode::kBackupServer:
            body = IdentifierRequest{in.sized_text()};
            break;
        case OperationCode::kCreateHandle:
        case OperationCode::kAddValue:
        case OperationCode::kModifyValue:
            body = decode_values(in);
            break;
        case OperationCode::kRemoveValue:
            body = decode_remove(in);
            break;
        case OperationCode::kResponseToChallenge:
            body = decode_challenge_answer(in);
            break;
        case OperationCode::kVerifyChallenge:
            body = decode_verify(in);
            break;
        case OperationCode::kLoginIdSystem:
            body = decode_login(in);
            break;
        case OperationCode::kSessionSetup:
            body = decode_session_setup(in);
            break;
        case OperationCode::kSessionExchangeKey:
            body = ExchangeKeyRequest{in.sized_bytes()};
            break;
        case OperationCode::kRetrieveTransactions:
            body = decode_retrieve(in, version);
            break;
        case OperationCode::kDumpHandles:
            body = decode_dump(in);
            break;
        case OperationCode::kReserved:
            break;
    }
}

// --- Writing ------------------------------------------------------------------------------------

struct BodyWriter {
    Writer& out;
    Version version;

    void operator()(const UnknownRequest&) const {}
    void operator()(const ResolutionRequest& body) const {
        out.sized_text(body.identifier);
        body.indexes.encode(out);
        body.types.encode(out);
    }
    void operator()(const IdentifierRequest& body) const { out.sized_text(body.identifier); }
    void operator()(const ValuesRequest& body) const {
        out.sized_text(body.identifier);
        body.values.encode(out);
    }
    void operator()(const RemoveRequest& body) const {
        out.sized_text(body.identifier);
        body.indexes.encode(out);
    }
    void operator()(const ChallengeAnswer& body) const {
        out.sized_text(body.type);
        out.sized_text(body.user);
        out.u32(body.user_index);
        out.sized_bytes(body.answer);
    }
    void operator()(const VerifyRequest& body) const {
        out.sized_text(body.user);
        out.u32(body.user_index);
        out.sized_bytes(body.nonce);
        if (body.digest_type == 0) {
            out.sized_bytes(body.digest);
        } else {
            out.u8(body.digest_type);
            out.bytes(body.digest);
        }
        out.sized_bytes(body.answer);
    }
    void operator()(const LoginRequest& body) const {
        out.sized_text(body.user);
        out.u32(body.user_index);
    }
    void operator()(const SessionSetupRequest& body) const {
        out.u16(body.mode);
        out.u32(body.timeout);
        out.sized_text(body.identity);
        out.u32(body.identity_index);
        if (has_public_key(body.mode)) out.sized_bytes(body.public_key);
        if (has_exchange_key(body.mode)) {
            out.sized_text(body.exchange_key);
            out.u32(body.exchange_index);
        }
    }
    void operator()(const ExchangeKeyRequest& body) const { out.sized_bytes(body.encrypted_key); }
    void operator()(const RetrieveRequest& body) const {
        if (is_at_least(version, kKindOnWireSince)) out.u8(body.kind);
        if (body.kind == 0) {
            out.u64(body.last_transaction_id);
            out.u64(body.last_query_ms);
        } else {
            out.sized_text(body.states);
        }
        out.u8(body.hash_option);
        out.u32(body.server_count);
        out.u32(body.server_number);
    }
    void operator()(const DumpRequest& body) const {
        out.u8(body.hash_option);
        out.u32(body.server_count);
        out.u32(body.server_number);
        if (body.start) {
            out.sized_text(body.start->after);
            out.u32(body.start->kind);
        }
    }
};

}  // namespace

Result<Request> decode_request(const Envelope& envelope, ByteSpan message) {
    Reader in(message);
    const Result<Header> header = decode_header(in);
    if (!header) return tl::unexpected(header.error());
    return decode_request(envelope, *header, message);
}

// One object from start to end, so that it is made where the caller has it.
Result<Request> decode_request(const Envelope& envelope, const Header& header, ByteSpan message) {
    Result<Request> request(tl::in_place);
    Frame frame;
    if (auto decoded = decode_request_frame(envelope, header, message, frame); !decoded) {
        request = tl::unexpected(decoded.error());
        return request;
    }
    Reader in(frame.body);
    request->header = header;
    request->credential = frame.credential;
    decode_body(header.operation, message_version(envelope), in, request->body);
    request->tail = in.rest();
    if (!in.ok()) request = tl::unexpected(Error{ErrorKind::kMalformed, "request body"});
    return request;
}

Result<Done> decode_resolution(const Envelope& envelope, const Header& header, ByteSpan message,
                               ResolutionRequest& body) {
    Frame frame;
    if (auto decoded = decode_request_frame(envelope, header, message, frame); !decoded) {
        return decoded;
    }
    Reader in(frame.body);
    decode_resolution_body(in, body);
    if (!in.ok()) return tl::unexpected(Error{ErrorKind::kMalformed, "request body"});
    return Done{};
}

void encode_request(Writer& out, const Envelope& envelope, const Request& request) {
    FrameWriter frame(out, envelope, request.header);
    std::visit(BodyWriter{out, message_version(envelope)}, request.body);
    out.bytes(request.tail);
    frame.finish(request.credential);
}

}  // namespace idnode::handle
