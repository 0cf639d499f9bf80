// Bodies of responses, both ways; response.cpp has what the server writes in one pass.
#include "protocol/handle/frame.h"
#include "protocol/handle/request_digest.h"
#include "protocol/handle/response.h"

namespace idnode::handle {

namespace {

ResponseBody decode_success(OperationCode operation, Reader& in) {
    switch (operation) {
        case OperationCode::kResolution:
        case OperationCode::kLoginPassword: {
            ResolutionBody body;
            body.identifier = in.sized_text();
            // The password login's answer ends with a zero, which reads as an empty list.
            body.values = ValueList::decode(in);
            return body;
        }
        case OperationCode::kGetSiteInfo:
            return SiteBody{in.rest()};
        case OperationCode::kCreateHandle:
            if (in.remaining() == 0) return EmptyBody{};
            return IdentifierBody{in.sized_text()};
        case OperationCode::kListHandles:
        case OperationCode::kListHomedPrefixes:
            return IdentifierListBody{IdentifierList::decode(in)};
        case OperationCode::kVerifyChallenge:
            return VerifyBody{in.u8()};
        case OperationCode::kGetNextTransactionId:
            return TransactionIdBody{in.u64()};
        case OperationCode::kRetrieveTransactions:
            return RetrieveBody{in.u8()};
        case OperationCode::kSessionSetup: {
            SessionSetupBody body;
            body.mode = in.u16();
            body.content = in.sized_bytes();
            return body;
        }
        case OperationCode::kDeleteHandle:
        case OperationCode::kAddValue:
        case OperationCode::kRemoveValue:
        case OperationCode::kModifyValue:
        case OperationCode::kHomePrefix:
        case OperationCode::kUnhomePrefix:
        case OperationCode::kSessionTerminate:
        case OperationCode::kSessionExchangeKey:
        case OperationCode::kDumpHandles:
        case OperationCode::kBackupServer:
        case OperationCode::kLoginIdSystem:
            return EmptyBody{};
        case OperationCode::kResponseToChallenge:
        case OperationCode::kReserved:
            break;
    }
    return UnknownBody{};
}

ReferralBody decode_referral(Reader& in) {
    ReferralBody body;
    body.identifier = in.sized_text();
    if (in.remaining() != 0) body.values = ValueList::decode(in);
    return body;
}

// A digest in front (from 2.1 on) is already read; else an MD5 stands behind the nonce.
ChallengeBody decode_challenge(bool has_digest, Reader& in) {
    ChallengeBody body;
    body.nonce = in.sized_bytes();
    if (!has_digest) body.md5 = in.sized_bytes();
    return body;
}

ResponseBody decode_body(const Header& header, bool has_digest, Reader& in) {
    switch (header.response_code) {
        case ResponseCode::kSuccess:
            return decode_success(header.operation, in);
        case ResponseCode::kAuthenticationNeeded:
            return decode_challenge(has_digest, in);
        case ResponseCode::kServiceReferral:
        case ResponseCode::kPrefixReferral:
            if (in.remaining() == 0) return EmptyBody{};
            return decode_referral(in);
        default:
            break;
    }
    if (in.remaining() == 0) return EmptyBody{};
    return ErrorBody{in.sized_text()};
}

struct BodyWriter {
    Writer& out;

    void operator()(const UnknownBody&) const {}
    void operator()(const EmptyBody&) const {}
    void operator()(const ErrorBody& body) const { out.sized_text(body.text); }
    void operator()(const ResolutionBody& body) const {
        out.sized_text(body.identifier);
        body.values.encode(out);
    }
    void operator()(const IdentifierBody& body) const { out.sized_text(body.identifier); }
    void operator()(const SiteBody& body) const { out.bytes(body.record); }
    void operator()(const IdentifierListBody& body) const { body.identifiers.encode(out); }
    void operator()(const VerifyBody& body) const { out.u8(body.valid); }
    void operator()(const TransactionIdBody& body) const { out.u64(body.id); }
    void operator()(const SessionSetupBody& body) const {
        out.u16(body.mode);
        out.sized_bytes(body.content);
    }
    void operator()(const RetrieveBody& body) const { out.u8(body.reserved); }
    void operator()(const ChallengeBody& body) const {
        out.sized_bytes(body.nonce);
        if (body.md5) out.sized_bytes(*body.md5);
    }
    void operator()(const ReferralBody& body) const {
        out.sized_text(body.identifier);
        if (body.values) body.values->encode(out);
    }
};

}  // namespace

Result<Response> decode_response(const Envelope& envelope, ByteSpan message) {
    const Result<Frame> frame = decode_frame(envelope, message);
    if (!frame) return tl::unexpected(frame.error());
    if (frame->header.response_code == ResponseCode::kNone) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "request instead of response"});
    }
    Response response;
    response.header = frame->header;
    response.credential = frame->credential;
    Reader in(frame->body);
    const bool has_digest =
        (frame->header.flags & kFlagRrdg) != 0 && is_at_least(message_version(envelope), 1);
    if (has_digest) response.digest = read_request_digest(in);
    response.body = decode_body(frame->header, has_digest, in);
    response.tail = in.rest();
    if (!in.ok()) return tl::unexpected(Error{ErrorKind::kMalformed, "response body"});
    return response;
}

void encode_response(Writer& out, const Envelope& envelope, const Response& response) {
    FrameWriter frame(out, envelope, response.header);
    out.bytes(response.digest);
    std::visit(BodyWriter{out}, response.body);
    out.bytes(response.tail);
    frame.finish(response.credential);
}

}  // namespace idnode::handle
