// Requests of the Handle protocol (RFC 3652, sections 3.2 to 3.6) as views into the message.
//
//     header (24 octets) body (header.body_length octets) [credential length:u32 credential]
//
// Decoding allocates nothing and checks every length against what is there; what decodes encodes
// again to the same octets. Octets of the body behind the last known field are kept in `tail`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/envelope.h"
#include "protocol/handle/header.h"
#include "protocol/handle/list.h"

namespace idnode::handle {

// kResolution; kLoginPassword has the same body (user, no indexes, the password as type).
struct ResolutionRequest {
    std::string_view identifier;
    IndexList indexes;
    TypeList types;
};

// Operations whose body is one identifier: site information, delete, list, home, unhome, list
// homed, terminate session, next transaction id, backup.
struct IdentifierRequest {
    std::string_view identifier;
};

// Create, add, modify.
struct ValuesRequest {
    std::string_view identifier;
    ValueList values;
};

struct RemoveRequest {
    std::string_view identifier;
    IndexList indexes;
};

struct ChallengeAnswer {
    std::string_view type;  // "HS_PUBKEY" or "HS_SECKEY".
    std::string_view user;
    std::uint32_t user_index = 0;
    ByteSpan answer;
};

struct VerifyRequest {
    std::string_view user;
    std::uint32_t user_index = 0;
    ByteSpan nonce;
    std::uint8_t digest_type = 0;  // 1 MD5, 2 SHA-1, 3 SHA-256; 0: the old form, a sized MD5.
    ByteSpan digest;
    ByteSpan answer;
};

// kLoginIdSystem.
struct LoginRequest {
    std::string_view user;
    std::uint32_t user_index = 0;
};

struct SessionSetupRequest {
    std::uint16_t mode =
        0;  // 1 client key, 2 server key, 3 key of an identifier, 4 Diffie-Hellman.
    std::uint32_t timeout = 0;  // Seconds.
    std::string_view identity;
    std::uint32_t identity_index = 0;
    ByteSpan public_key;               // Modes 1 and 4.
    std::string_view exchange_key;     // Mode 3: the identifier that holds the key …
    std::uint32_t exchange_index = 0;  // … and its value's index.
};

struct ExchangeKeyRequest {
    ByteSpan encrypted_key;
};

// kRetrieveTransactions. From 2.9 on the kind is on the wire; before, it is 0.
struct RetrieveRequest {
    std::uint8_t kind = 0;  // 0: one source, by id and date; 1: all sources, by `states`.
    std::uint64_t last_transaction_id = 0;
    std::uint64_t last_query_ms = 0;  // Since 1970.
    std::string_view states;          // JSON.
    std::uint8_t hash_option = 0;     // These three describe the receiver's site.
    std::uint32_t server_count = 0;
    std::uint32_t server_number = 0;  // From 0.
};

struct DumpRequest {
    struct Start {
        std::string_view after;  // Identifier to go on behind.
        std::uint32_t kind = 0;  // 0 handle dates, 1 prefix dates, 2 handles, 3 homed prefixes.
    };
    std::uint8_t hash_option = 0;
    std::uint32_t server_count = 0;
    std::uint32_t server_number = 0;
    std::optional<Start> start;  // Absent: from the beginning.
};

// An operation not known here: its body stands in Request::tail.
struct UnknownRequest {};

using RequestBody =
    std::variant<UnknownRequest, ResolutionRequest, IdentifierRequest, ValuesRequest, RemoveRequest,
                 ChallengeAnswer, VerifyRequest, LoginRequest, SessionSetupRequest,
                 ExchangeKeyRequest, RetrieveRequest, DumpRequest>;

struct Request {
    Header header;
    RequestBody body;
    ByteSpan tail;
    // Absent: the message ends with the body, as id-pointer-sdk's login does; the same as empty.
    std::optional<ByteSpan> credential = ByteSpan{};
};

// `message` is what stands behind the envelope, as long as the envelope says. Fails with
// kMalformed, `where` naming the part: encrypted, another length than the envelope's or above
// kMessageSizeMax, too short for a header, a body or credential that does not fill the message, a
// broken body. A response (header.response_code not 0) is malformed too; who must keep silent to it
// decodes the header first. An unknown operation is not an error here.
Result<Request> decode_request(const Envelope& envelope, ByteSpan message);
// The same for who has decoded the header already.
Result<Request> decode_request(const Envelope& envelope, const Header& header, ByteSpan message);

// The same for a resolution alone, whose body goes where the caller has it: nearly all requests are
// of this kind.
Result<Done> decode_resolution(const Envelope& envelope, const Header& header, ByteSpan message,
                               ResolutionRequest& body);

// Writes envelope, header, body and credential; message_length and body_length are what is written,
// not what the structs say. The envelope's version decides the form of a RetrieveRequest.
void encode_request(Writer& out, const Envelope& envelope, const Request& request);

}  // namespace idnode::handle
