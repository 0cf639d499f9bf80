// Responses of the Handle protocol (RFC 3652, sections 3.2 to 3.6): written in one pass for the
// server, decoded as views for clients and tests.
//
//     header (24 octets) body (header.body_length octets) [credential length:u32 credential]
//
// The body of any response starts with the request's digest when RRDG is set in it. No allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/envelope.h"
#include "protocol/handle/frame.h"
#include "protocol/handle/header.h"
#include "protocol/handle/list.h"
#include "protocol/handle/version.h"

namespace idnode::handle {

// --- Writing ------------------------------------------------------------------------------------

// What the answering site says of itself in every answer, and the time.
struct AnswerOrigin {
    std::uint16_t site_serial = 1;
    bool is_primary = true;
    std::uint32_t now = 0;  // Seconds since 1970.
};

inline constexpr std::uint32_t kAnswerLifetime = 12 * 60 * 60;  // Seconds.

// All that stands in front of a body. `code` is the meaning; the number written is wire_code's.
struct ResponseHead {
    Version version;
    std::uint32_t session_id = 0;
    std::uint32_t request_id = 0;
    OperationCode operation = OperationCode::kReserved;
    ResponseCode code = ResponseCode::kSuccess;
    std::uint32_t flags = 0;
    std::uint16_t site_serial = 1;
    std::uint8_t recursion_count = 0;
    std::uint32_t expiration = 0;
};

// The head of the answer to a request: version by §14's rule, id, operation and recursion count
// echoed, RECU always set, AUTH at a primary, CACR, PUBL, RRDG and DNRF copied (RRDG from 2.1 on);
// CERT, ENCR and all others cleared: answers are unsigned and plain. Expires at the later of the
// request's time and twelve hours from now. `request` is null when the header could not be read.
ResponseHead make_response_head(const Envelope& envelope, const Header* request,
                                const AnswerOrigin& origin);

// One response into `out`: the constructor writes envelope, header and, when head.flags has RRDG,
// the digest of `request` (what stands behind the request's envelope); the caller writes the body
// to `out`; finish() writes the empty credential and the lengths. When the room does not suffice,
// `out` is not ok.
class ResponseWriter {
public:
    ResponseWriter(Writer& out, const ResponseHead& head, ByteSpan request);
    // False when the room did not suffice.
    [[nodiscard]] bool finish();

private:
    Writer& out_;
    ByteSpan digested_;  // Header and body of the request; empty: no digest is wanted.
    FrameWriter frame_;
};

// A whole response with an error body: a text, which may be empty.
[[nodiscard]] bool write_error(Writer& out, const ResponseHead& head, ByteSpan request,
                               std::string_view text);

// A whole response with body octets as they are: a site record (not framed), or nothing.
[[nodiscard]] bool write_plain(Writer& out, const ResponseHead& head, ByteSpan request,
                               ByteSpan body);

// The code that tells a peer of an error of ours.
ResponseCode response_code_of(ErrorKind kind);

// --- Reading ------------------------------------------------------------------------------------

struct EmptyBody {};

struct ErrorBody {
    std::string_view text;
};

struct ResolutionBody {
    std::string_view identifier;
    ValueList values;
};

// Create: the identifier created (older servers: EmptyBody).
struct IdentifierBody {
    std::string_view identifier;
};

// The site record runs to the end of the body.
struct SiteBody {
    ByteSpan record;
};

struct IdentifierListBody {
    IdentifierList identifiers;
};

struct VerifyBody {
    std::uint8_t valid = 0;
};

struct TransactionIdBody {
    std::uint64_t id = 0;
};

struct SessionSetupBody {
    std::uint16_t mode = 0;
    ByteSpan content;
};

// kRetrieveTransactions: an octet, then the stream (stream.h) behind the message.
struct RetrieveBody {
    std::uint8_t reserved = 0;
};

// From 2.1 on the digest stands in Response::digest; before, an MD5 follows the nonce.
struct ChallengeBody {
    ByteSpan nonce;
    std::optional<ByteSpan> md5;
};

struct ReferralBody {
    std::string_view identifier;
    std::optional<ValueList> values;
};

// An operation not known here: its body stands in Response::tail.
struct UnknownBody {};

using ResponseBody = std::variant<UnknownBody, EmptyBody, ErrorBody, ResolutionBody, IdentifierBody,
                                  SiteBody, IdentifierListBody, VerifyBody, TransactionIdBody,
                                  SessionSetupBody, RetrieveBody, ChallengeBody, ReferralBody>;

struct Response {
    Header header;
    ByteSpan digest;  // Type octet and digest of the request; empty: none.
    ResponseBody body;
    ByteSpan tail;                                    // Behind the last known field of the body.
    std::optional<ByteSpan> credential = ByteSpan{};  // Absent: the message ends with the body.
};

// `message` is what stands behind the envelope, as long as the envelope says. Fails with kMalformed
// as decode_request does; a request (response code 0) is malformed.
Result<Response> decode_response(const Envelope& envelope, ByteSpan message);

// Writes envelope, header, digest, body and credential; message_length and body_length are what is
// written, not what the structs say.
void encode_response(Writer& out, const Envelope& envelope, const Response& response);

}  // namespace idnode::handle
