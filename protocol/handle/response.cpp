#include "protocol/handle/response.h"

#include <algorithm>

#include "protocol/handle/frame.h"
#include "protocol/handle/request_digest.h"

namespace idnode::handle {

namespace {

constexpr std::uint32_t kCopiedFlags = kFlagCacr | kFlagPubl | kFlagRrdg | kFlagDnrf;

Envelope envelope_of(const ResponseHead& head) {
    Envelope envelope;
    envelope.major_version = head.version.major;
    envelope.minor_version = head.version.minor;
    envelope.suggested_major = kVersionMax.major;
    envelope.suggested_minor = kVersionMax.minor;
    envelope.session_id = head.session_id;
    envelope.request_id = head.request_id;
    return envelope;
}

Header header_of(const ResponseHead& head) {
    Header header;
    header.operation = head.operation;
    header.response_code = wire_code(head.code, head.version);
    header.flags = head.flags;
    header.site_serial = head.site_serial;
    header.recursion_count = head.recursion_count;
    header.expiration = head.expiration;
    return header;
}

// RRDG promises a digest: not set when there is no whole request to digest.
ResponseHead with_possible_digest(ResponseHead head, ByteSpan digested) {
    if (digested.empty() || !is_at_least(head.version, 1)) head.flags &= ~kFlagRrdg;
    return head;
}

}  // namespace

ResponseHead make_response_head(const Envelope& envelope, const Header* request,
                                const AnswerOrigin& origin) {
    ResponseHead head;
    head.version = answer_version(envelope);
    head.session_id = envelope.session_id;
    head.request_id = envelope.request_id;
    head.flags = kFlagRecu | (origin.is_primary ? kFlagAuth : 0);
    head.site_serial = origin.site_serial;
    head.expiration = origin.now + kAnswerLifetime;
    if (request == nullptr) return head;
    head.operation = request->operation;
    head.flags |= request->flags & kCopiedFlags;
    if (!is_at_least(head.version, 1)) head.flags &= ~kFlagRrdg;
    head.recursion_count = request->recursion_count;
    head.expiration = std::max(head.expiration, request->expiration);
    return head;
}

ResponseWriter::ResponseWriter(Writer& out, const ResponseHead& head, ByteSpan request)
    : out_(out),
      digested_((head.flags & kFlagRrdg) != 0 ? header_and_body(request) : ByteSpan{}),
      frame_(out, envelope_of(head), header_of(with_possible_digest(head, digested_))) {
    if (!digested_.empty()) write_request_digest(out, head.version, digested_);
}

bool ResponseWriter::finish() {
    frame_.finish(ByteSpan{});
    return out_.ok();
}

bool write_error(Writer& out, const ResponseHead& head, ByteSpan request, std::string_view text) {
    ResponseWriter response(out, head, request);
    out.sized_text(text);
    return response.finish();
}

bool write_plain(Writer& out, const ResponseHead& head, ByteSpan request, ByteSpan body) {
    ResponseWriter response(out, head, request);
    out.bytes(body);
    return response.finish();
}

ResponseCode response_code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kMalformed:
            return ResponseCode::kProtocolError;
        case ErrorKind::kUnsupported:
            return ResponseCode::kOperationNotSupported;
        case ErrorKind::kDenied:
            return ResponseCode::kInsufficientPermissions;
        case ErrorKind::kOverloaded:
            return ResponseCode::kServerBusy;
        case ErrorKind::kUnavailable:
            return ResponseCode::kError;
        case ErrorKind::kCorrupt:
            return ResponseCode::kError;
    }
    return ResponseCode::kError;
}

}  // namespace idnode::handle
