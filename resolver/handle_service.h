// Answers Handle protocol messages from the registry (RFC 3652; which answer when: answers.h).
//
// One page, in the order of the wire: envelope, header, body, decide, look up, encode. Messages
// that arrived together are looked up together under one snapshot. Belongs to one worker. Nothing
// is allocated for what is found.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/handle/request.h"
#include "protocol/handle/response.h"
#include "registry/snapshot.h"
#include "resolver/answers.h"
#include "resolver/config.h"
#include "resolver/log.h"
#include "resolver/lookup.h"
#include "resolver/service.h"
#include "resolver/site_record.h"
#include "resolver/stats.h"

namespace idnode::registry {
class Registry;
}

namespace idnode::resolver {

class HandleService final : public Service {
public:
    // What a service works with; all of it outlives the service.
    struct Parts {
        registry::Registry& registry;
        WorkerStats& stats;
        Log& log;
    };

    // `bound`: the endpoints listened on, ports resolved, for a site record made anew on reload.
    HandleService(const Parts& parts, SiteRecord site, ListenConfig bound);
    ~HandleService() override;

    void answer_batch(std::span<Exchange> exchanges) noexcept override;
    void reconfigure(const Config& config) noexcept override;

private:
    static constexpr std::size_t kChunkSize = 32;

    // A message on its way through the steps.
    struct Message {
        Exchange* exchange = nullptr;
        ByteSpan octets;  // Behind the envelope, as long as the envelope says.
        handle::Envelope envelope;
        handle::ResponseHead head;  // Of the answer.
        std::string_view identifier;
        FoldedIdentifier folded;
        Question question;
        // When its lookup found something: what became of writing it.
        Situation written = Situation::kFound;
        std::size_t written_size = 0;
    };

    void answer_chunk(std::span<Exchange> exchanges);
    // True when `message` is a resolution to look up; else it is answered, or never will be.
    bool read(Exchange& exchange, Message& message);
    bool read_body(Message& message, const handle::Header& header);
    bool read_resolution(Message& message, const handle::ResolutionRequest& request);
    [[gnu::noinline]] void answer_other(Message& message, const handle::Header& header);
    void drop_response(Exchange& exchange);
    void write_found(std::span<registry::Lookup> lookups);
    static void write_record(Message& message, const registry::Record& record);
    void answer_looked_up(Message& message, registry::Lookup& lookup);
    void answer_suspended(Message& message, const registry::PrefixView& prefix);
    void answer_site(Message& message);
    [[gnu::noinline]] void answer(Message& message, Situation situation);
    void answer_error(Message& message, handle::ResponseCode code, std::string_view text);
    static std::size_t write_text(const Message& message, std::string_view text);
    void finish(Message& message, std::size_t size);
    void find(std::size_t count);
    void log_trouble(const Message& message, const registry::Lookup& lookup);

    Parts parts_;
    registry::RegistryReader reader_;
    SiteRecord site_;
    ListenConfig bound_;
    handle::AnswerOrigin origin_;
    Seldom damage_line_;
    Seldom trouble_line_;
    std::array<Message, kChunkSize> messages_;
    std::unique_ptr<std::array<registry::Lookup, kChunkSize>> lookups_;
};

}  // namespace idnode::resolver
