#include "resolver/handle_service.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "protocol/core/check.h"
#include "protocol/handle/timestamp.h"
#include "registry/page_fault_guard.h"
#include "registry/registry.h"
#include "registry/wire_pattern.h"

namespace idnode::resolver {

namespace {

using handle::ResponseCode;

// Encoded lengths that a message may have: a header at least, and what the peers take.
constexpr bool is_length_allowed(std::uint32_t length) {
    return length >= handle::kHeaderSize && length <= kMessageSizeMax;
}

bool is_encrypted(const handle::Envelope& envelope) {
    return (envelope.flags & handle::kEnvelopeEncrypted) != 0;
}

// The first `size` octets of `text` at most, ending with a whole character.
std::string_view shortened(std::string_view text, std::size_t size) {
    if (text.size() <= size) return text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    return text.substr(0, size);
}

// Writes the wanted values behind `out`; nothing when the stored ones are damaged.
std::optional<Tally> write_values(Writer& out, const registry::Record& record,
                                  std::size_t suffix_size, const Question& question) {
    Tally tally;
    const bool is_shared = record.wire && record.fields.own.empty();
    if (is_shared && question.wants_all() && record.wire.is_public()) {
        tally.answered = record.wire.value_count();
        const bool is_whole = record.wire.write(out, record.fields, suffix_size);
        return is_whole ? std::optional(tally) : std::nullopt;
    }
    registry::StoredValue value;
    registry::ValueCursor values = record.values();
    while (values.next(value)) {
        const Verdict verdict = judge_value(value, question);
        if (verdict == Verdict::kHidden) ++tally.hidden;
        if (verdict != Verdict::kAnswer) continue;
        registry::encode_stored_value(out, value);
        ++tally.answered;
    }
    return values.ok() ? std::optional(tally) : std::nullopt;
}

}  // namespace

HandleService::HandleService(const Parts& parts, SiteRecord site, ListenConfig bound)
    : parts_(parts),
      reader_(parts.registry),
      site_(std::move(site)),
      bound_(std::move(bound)),
      lookups_(std::make_unique<std::array<registry::Lookup, kChunkSize>>()) {}

HandleService::~HandleService() = default;

void HandleService::answer_batch(std::span<Exchange> exchanges) noexcept {
    origin_ = {site_.serial, site_.primary, static_cast<std::uint32_t>(std::time(nullptr))};
    while (!exchanges.empty()) {
        const std::size_t count = std::min(exchanges.size(), kChunkSize);
        answer_chunk(exchanges.first(count));
        exchanges = exchanges.subspan(count);
    }
}

void HandleService::reconfigure(const Config& config) noexcept {
    Checked<SiteRecord> site = make_site_record(config.site, bound_);
    if (site) {
        site_ = std::move(*site);
    } else {
        parts_.log.error("site record kept problem={}", log_text(site.error().to_string()));
    }
}

void HandleService::answer_chunk(std::span<Exchange> exchanges) {
    std::size_t count = 0;
    for (Exchange& exchange : exchanges) {
        if (read(exchange, messages_[count])) ++count;
    }
    if (count == 0) return;
    find(count);
}

// Flat, as write_record(), for each is one way through many small functions.
[[gnu::flatten]] bool HandleService::read(Exchange& exchange, Message& message) {
    exchange.answer_size = 0;
    Reader in(exchange.request);
    const Result<handle::Envelope> envelope = handle::decode_envelope(in);
    if (!envelope) return false;
    message.exchange = &exchange;
    message.envelope = *envelope;
    message.octets = in.bytes(std::min<std::size_t>(envelope->message_length, in.remaining()));
    message.question.family = exchange.family;

    Reader header_in(message.octets);
    const Result<handle::Header> header = handle::decode_header(header_in);
    const bool readable = header.has_value() && !is_encrypted(*envelope);
    if (readable && header->response_code != ResponseCode::kNone) {
        return drop_response(exchange), false;
    }
    message.head = handle::make_response_head(*envelope, readable ? &*header : nullptr, origin_);
    if (!is_length_allowed(envelope->message_length)) {
        exchange.after = AfterAnswer::kClose;
        return answer(message, Situation::kUndecodable), false;
    }
    if (exchange.too_long) return answer(message, Situation::kUseTcp), false;
    if (envelope->session_id != 0 && exchange.family == ClientFamily::kHandle) {
        return answer(message, Situation::kUnknownSession), false;
    }
    if (!readable) return answer(message, Situation::kUndecodable), false;
    return read_body(message, *header);
}

// A response must never be answered: two nodes could answer each other for ever.
void HandleService::drop_response(Exchange& exchange) {
    parts_.stats.count(Incident::kResponseReceived);
    exchange.after = AfterAnswer::kClose;
}

bool HandleService::read_body(Message& message, const handle::Header& header) {
    if (header.operation == handle::OperationCode::kResolution) {
        handle::ResolutionRequest request;
        if (handle::decode_resolution(message.envelope, header, message.octets, request)) {
            message.question.public_only = (header.flags & handle::kFlagPubl) != 0;
            return read_resolution(message, request);
        }
        return answer(message, Situation::kUndecodable), false;
    }
    return answer_other(message, header), false;
}

// A request that is no resolution.
void HandleService::answer_other(Message& message, const handle::Header& header) {
    const Result<handle::Request> request =
        handle::decode_request(message.envelope, header, message.octets);
    if (!request) return answer(message, Situation::kUndecodable);
    if (header.operation == handle::OperationCode::kGetSiteInfo) return answer_site(message);
    answer(message, Situation::kNotOffered);
}

bool HandleService::read_resolution(Message& message, const handle::ResolutionRequest& request) {
    const std::string_view identifier = request.identifier;
    message.identifier = identifier;
    message.folded.assign(identifier);
    const bool is_ascii = message.folded.is_ascii() && !message.folded.too_long();
    if (identifier.empty() || identifier.size() > kWireIdentifierSizeMax ||
        (!is_ascii && !is_utf8(identifier))) {
        return answer(message, Situation::kBadIdentifier), false;
    }
    message.question.indexes = request.indexes;
    message.question.types = request.types;
    return true;
}

void HandleService::find(std::size_t count) {
    const std::span<registry::Lookup> lookups(lookups_->data(), count);
    for (std::size_t i = 0; i < count; ++i) {
        lookups[i].identifier = &messages_[i].folded;
    }
    Result<registry::Snapshot> snapshot = reader_.snapshot();
    if (snapshot) {
        snapshot->find_batch(lookups);
    } else {
        for (registry::Lookup& lookup : lookups) {
            lookup.outcome = registry::Outcome::kUnavailable;
            lookup.error = snapshot.error();
        }
    }
    // While the snapshot is open: the values lie in the map.
    write_found(lookups);
    for (std::size_t i = 0; i < count; ++i) answer_looked_up(messages_[i], lookups[i]);
}

// Behind a guard, for writing reads the map: a page that the disk cannot serve costs the message
// concerned its values, and no other message its answer.
void HandleService::write_found(std::span<registry::Lookup> lookups) {
    volatile std::size_t at = 0;  // Read behind the guard's jump.
    auto write_rest = [&] {
        for (std::size_t i = at; i < lookups.size(); ++i) {
            at = i;
            if (lookups[i].outcome != registry::Outcome::kFound) continue;
            write_record(messages_[i], lookups[i].record);
        }
    };
    while (!registry::run_guarded(write_rest)) {
        lookups[at].outcome = registry::Outcome::kUnavailable;  // And so it is not tried again.
        lookups[at].error = registry::kPageReadError;
    }
}

// Only what may be left in the middle (registry/page_fault_guard.h).
[[gnu::flatten]] void HandleService::write_record(Message& message,
                                                  const registry::Record& record) {
    Writer out(message.exchange->room);
    handle::ResponseWriter response(out, message.head, message.octets);
    out.sized_text(message.identifier);
    const std::size_t count_at = out.position();
    out.u32(0);
    const std::optional<Tally> tally =
        write_values(out, record, message.folded.suffix().size(), message.question);
    message.written = tally ? conclude(*tally, message.question) : Situation::kDamaged;
    if (message.written != Situation::kFound) return;
    out.patch_u32(count_at, tally->answered);
    if (response.finish()) {
        message.written_size = out.position();
        return;
    }
    const bool is_udp = message.exchange->transport == Transport::kUdp;
    message.written = is_udp ? Situation::kUseTcp : Situation::kDamaged;
}

void HandleService::answer_looked_up(Message& message, registry::Lookup& lookup) {
    const bool found = lookup.outcome == registry::Outcome::kFound;
    const Situation situation = found ? message.written : situation_of(lookup.outcome);
    if (found && situation == Situation::kDamaged) {
        lookup.error = {ErrorKind::kCorrupt, "values of a record"};
    }
    switch (situation) {
        case Situation::kFound:
            return finish(message, message.written_size);
        case Situation::kSuspended:
            return answer_suspended(message, lookup.prefix);
        case Situation::kDamaged:
        case Situation::kUnreadable:
            log_trouble(message, lookup);
            return answer(message, situation);
        default:
            return answer(message, situation);
    }
}

void HandleService::answer_suspended(Message& message, const registry::PrefixView& prefix) {
    std::string text = prefix.state == registry::PrefixState::kBeingDeleted
                           ? "being deleted; since="
                           : "suspended; since=";
    handle::append_timestamp(text, prefix.since);
    text.append("; reason=").append(prefix.reason);
    answer_error(message, answer_for(Situation::kSuspended, message.question.family).code, text);
}

void HandleService::answer_site(Message& message) {
    Writer out(message.exchange->room);
    if (handle::write_plain(out, message.head, message.octets, to_bytes(site_.octets))) {
        finish(message, out.position());
    } else {
        answer(message, Situation::kUseTcp);
    }
}

void HandleService::answer(Message& message, Situation situation) {
    const Answer found = answer_for(situation, message.question.family);
    answer_error(message, found.code, found.text);
}

void HandleService::answer_error(Message& message, ResponseCode code, std::string_view text) {
    message.head.code = code;
    std::size_t size = write_text(message, text);
    if (size == 0) {
        // What an answer without text leaves of the room is the text's.
        const std::size_t left = message.exchange->room.size() - write_text(message, {});
        size = write_text(message, shortened(text, left));
    }
    if (size > 0) finish(message, size);
}

// The size of the answer; 0: the room did not suffice.
std::size_t HandleService::write_text(const Message& message, std::string_view text) {
    Writer out(message.exchange->room);
    return handle::write_error(out, message.head, message.octets, text) ? out.position() : 0;
}

void HandleService::finish(Message& message, std::size_t size) {
    message.exchange->answer_size = size;
    parts_.stats.count_answer(message.exchange->transport,
                              static_cast<std::uint32_t>(message.head.operation),
                              static_cast<std::uint32_t>(message.head.code));
}

void HandleService::log_trouble(const Message& message, const registry::Lookup& lookup) {
    const bool unreadable = lookup.outcome == registry::Outcome::kUnavailable;
    Seldom& line = unreadable ? trouble_line_ : damage_line_;
    const std::optional<std::uint64_t> held_back = line.due(std::uint64_t{origin_.now} * 1000);
    if (!held_back) return;
    parts_.log.error("{} identifier={} where={} code={} held_back={}",
                     unreadable ? "registry unreadable" : "damaged record",
                     log_text(message.identifier), log_text(lookup.error.where), lookup.error.code,
                     *held_back);
}

}  // namespace idnode::resolver
