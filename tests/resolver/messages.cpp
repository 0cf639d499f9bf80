#include "tests/resolver/messages.h"

#include <algorithm>

namespace idnode::test {

namespace {

using handle::OperationCode;
using handle::ResponseCode;

constexpr std::size_t kFrontSize = handle::kEnvelopeSize + handle::kHeaderSize;

std::uint8_t filling_at(std::size_t position, std::uint32_t request_id) {
    return static_cast<std::uint8_t>(position * 7 + request_id);
}

bool write_answer(resolver::Exchange& exchange, const handle::Envelope& asked,
                  OperationCode operation, ResponseCode code, std::uint32_t length) {
    Writer out(exchange.room);
    handle::Envelope envelope = asked;
    envelope.message_length = length;
    envelope.flags = 0;
    handle::encode_envelope(out, envelope);
    handle::Header header;
    header.operation = operation;
    header.response_code = code;
    header.recursion_count = static_cast<std::uint8_t>(exchange.family);
    header.body_length = static_cast<std::uint32_t>(length - handle::kHeaderSize);
    handle::encode_header(out, header);
    for (std::size_t i = kFrontSize; i < handle::kEnvelopeSize + length && out.ok(); ++i) {
        out.u8(filling_at(i, asked.request_id));
    }
    if (out.ok()) exchange.answer_size = out.position();
    return out.ok();
}

}  // namespace

Octets make_request(const Request& request) {
    Octets octets(handle::kEnvelopeSize + request.length);
    Writer out(octets);
    handle::Envelope envelope;
    envelope.minor_version = request.minor_version;
    envelope.suggested_minor = request.suggested_minor;
    envelope.request_id = request.request_id;
    envelope.message_length = static_cast<std::uint32_t>(request.length);
    handle::encode_envelope(out, envelope);
    handle::Header header;
    header.operation = static_cast<OperationCode>(request.operation);
    header.body_length = static_cast<std::uint32_t>(request.length - handle::kHeaderSize);
    handle::encode_header(out, header);
    out.u32(request.answer_length);
    for (std::size_t i = out.position(); i < octets.size(); ++i) {
        out.u8(filling_at(i, request.request_id));
    }
    return octets;
}

Octets make_envelope(std::uint32_t request_id, std::uint32_t message_length) {
    Octets octets(handle::kEnvelopeSize);
    Writer out(octets);
    handle::Envelope envelope;
    envelope.request_id = request_id;
    envelope.message_length = message_length;
    handle::encode_envelope(out, envelope);
    return octets;
}

std::optional<Answer> read_answer(ByteSpan octets) {
    Reader in(octets);
    const auto envelope = handle::decode_envelope(in);
    const auto header = handle::decode_header(in);
    if (!envelope || !header) return std::nullopt;
    if (octets.size() != handle::kEnvelopeSize + envelope->message_length) return std::nullopt;
    Answer answer{*envelope, static_cast<std::uint32_t>(header->operation),
                  static_cast<std::uint32_t>(header->response_code),
                  static_cast<resolver::ClientFamily>(header->recursion_count), true};
    for (std::size_t i = kFrontSize; i < octets.size(); ++i) {
        if (octets[i] != filling_at(i, envelope->request_id)) answer.filling_is_right = false;
    }
    return answer;
}

bool echo(resolver::Exchange& exchange) {
    Reader in(exchange.request);
    const auto envelope = handle::decode_envelope(in);
    const auto header = handle::decode_header(in);
    const auto operation = header ? header->operation : OperationCode::kReserved;
    const auto refuse = [&](ResponseCode code) {
        return write_answer(exchange, *envelope, operation, code, handle::kHeaderSize);
    };
    if (exchange.too_long) return refuse(ResponseCode::kServerBusy);
    if (exchange.request.size() != handle::kEnvelopeSize + envelope->message_length || !header) {
        return refuse(ResponseCode::kProtocolError);
    }
    const auto number = static_cast<std::uint32_t>(operation);
    const bool closes = number == kCloseAfterAnswer || number == kCloseWithoutAnswer;
    if (closes) exchange.after = resolver::AfterAnswer::kClose;
    if (number == kNoAnswer || number == kCloseWithoutAnswer) return false;
    for (std::size_t i = kFrontSize + 4; i < exchange.request.size(); ++i) {
        if (exchange.request[i] != filling_at(i, envelope->request_id)) {
            return refuse(ResponseCode::kProtocolError);
        }
    }
    const std::uint32_t length = in.u32();
    return write_answer(exchange, *envelope, operation, ResponseCode::kSuccess, length) ||
           refuse(ResponseCode::kServerBusy);
}

}  // namespace idnode::test
