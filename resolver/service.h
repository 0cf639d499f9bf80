// Where transports and protocols meet: a listener turns a transport into whole messages, a Service
// turns messages into answers. Messages that arrived together are answered together.
//
// Threads: a Service belongs to one worker. All views are valid during one answer_batch call only.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/core/bytes.h"

namespace idnode::resolver {

enum class Transport : std::uint8_t { kUdp, kTcp };

// Which client family a connection or datagram belongs to (docs/protocol-handle.md, answers).
enum class ClientFamily : std::uint8_t { kHandle, kCaict, kIdPointer };

// What becomes of the transport after an answer.
enum class AfterAnswer : std::uint8_t {
    kKeep,   // TCP: the connection stays open.
    kClose,  // TCP: closed once the answer is sent. UDP: no meaning.
};

// One message and the room for its answer.
struct Exchange {
    // --- given by the listener ---
    ByteSpan request;       // Whole message: envelope and all that belongs to it.
    MutableByteSpan room;   // For the answer, envelope included.
    Transport transport = Transport::kUdp;
    ClientFamily family = ClientFamily::kHandle;  // TCP: by the connection's first message.
    bool first_message = true;                    // Family is not yet known; the service sets it.
    // --- set by the service ---
    std::size_t answer_size = 0;  // 0: no answer is sent.
    AfterAnswer after = AfterAnswer::kKeep;
};

class Service {
public:
    virtual ~Service() = default;
    // Answers all exchanges under one snapshot of the registry. Must not throw.
    virtual void answer_batch(std::span<Exchange> exchanges) noexcept = 0;
};

}  // namespace idnode::resolver
