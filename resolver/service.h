// Where transports and protocols meet: a listener turns a transport into whole messages, a Service
// turns messages into answers. Messages that arrived together are answered together.
//
// Threads: a Service belongs to one worker. All views are valid during one answer_batch call only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/core/bytes.h"
#include "protocol/core/limits.h"

namespace idnode::resolver {

struct Config;

enum class Transport : std::uint8_t { kUdp, kTcp };

// Which client family a connection or datagram belongs to (docs/protocol-handle.md, answers).
enum class ClientFamily : std::uint8_t { kHandle, kCaict, kIdPointer };

// What becomes of the transport after an answer.
enum class AfterAnswer : std::uint8_t {
    kKeep,   // TCP: the connection stays open.
    kClose,  // TCP: closed once the answer is sent. UDP: no meaning.
};

// The longest answer: envelope, header, digest, the identifier as asked, kRecordSizeMax of values
// and the empty credential. TCP always gives so much room; UDP what `udp_answer_max` allows.
inline constexpr std::size_t kAnswerSizeMax =
    20 + 24 + 33 + 4 + kWireIdentifierSizeMax + 4 + kRecordSizeMax + 4;

// One message and the room for its answer.
struct Exchange {
    // --- given by the listener ---
    // Envelope and all that belongs to it; the envelope is usable (decode_envelope takes it). Of a
    // message whose length is refused (below 24 or above kMessageSizeMax): what has come of it.
    ByteSpan request;
    MutableByteSpan room;  // For the answer, envelope included.
    Transport transport = Transport::kUdp;
    // By the datagram, or by the connection's first message (client_family.h).
    ClientFamily family = ClientFamily::kHandle;
    // UDP: the request is the first part of a message too long to be put together. The answer is
    // kServerBusy, with the advice to use TCP.
    bool too_long = false;
    // --- set by the service ---
    std::size_t answer_size = 0;  // 0: no answer is sent.
    AfterAnswer after = AfterAnswer::kKeep;
};

class Service {
public:
    virtual ~Service() = default;
    // Answers all exchanges under one snapshot of the registry. Must not throw.
    virtual void answer_batch(std::span<Exchange> exchanges) noexcept = 0;
    // Takes the reloaded configuration, between two batches. It has been checked.
    virtual void reconfigure(const Config& config) noexcept = 0;
};

}  // namespace idnode::resolver
