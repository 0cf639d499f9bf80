// Messages that the echo service of these tests understands, and reading its answers.
//
// A request is an envelope, a header and a body: its first four octets say how long the answer's
// message shall be (24 at least), the rest is filling.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/handle/envelope.h"
#include "protocol/handle/header.h"
#include "resolver/service.h"

namespace idnode::test {

using Octets = std::vector<std::uint8_t>;

// Operations with a meaning of their own; any other is only echoed.
inline constexpr std::uint32_t kCloseAfterAnswer = 900;
inline constexpr std::uint32_t kCloseWithoutAnswer = 901;
inline constexpr std::uint32_t kNoAnswer = 902;

struct Request {
    std::uint32_t request_id = 1;
    std::uint32_t operation = 1;
    std::uint32_t answer_length = 40;  // Of the answer's message.
    std::size_t length = 40;           // Of the request's message; 28 at least.
    std::uint8_t minor_version = 11;
    std::uint8_t suggested_minor = 11;
};
Octets make_request(const Request& request);

// A request's envelope with any length in it, and nothing behind.
Octets make_envelope(std::uint32_t request_id, std::uint32_t message_length);

struct Answer {
    handle::Envelope envelope;
    std::uint32_t operation = 0;
    std::uint32_t code = 0;
    resolver::ClientFamily family = resolver::ClientFamily::kHandle;  // As the service saw it.
    bool filling_is_right = false;
};
// Nothing unless `octets` are one whole answer.
std::optional<Answer> read_answer(ByteSpan octets);

// What the echo service does with one message; true when it was answered.
bool echo(resolver::Exchange& exchange);

}  // namespace idnode::test
