// Asks a node one thing over the Handle protocol, as a client: one message out, one message back.
//
// Over UDP a message above 492 octets goes out in parts, the answer is put together from its parts,
// and the question is repeated after 0.5, 1 and 1.5 seconds, as the protocol's own clients do.
// Blocks until there is an answer or the time is over.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/problem.h"

namespace idnode::cli {

inline constexpr std::uint16_t kHandlePort = 2641;

struct ServerName {
    std::string host;  // A name or an address, IPv6 without brackets.
    std::string port;

    [[nodiscard]] std::string to_string() const;
};

// "HOST:PORT", "HOST" (port 2641), "[IPV6]:PORT" or "[IPV6]".
Checked<ServerName> parse_server_name(std::string_view text);

enum class Via : std::uint8_t { kUdp, kTcp };

// The steps of an exchange with the time each ended at, from its start.
class Trace {
public:
    struct Step {
        std::string text;
        double milliseconds;
    };

    void add(std::string text);
    [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::vector<Step> steps_;
};

// Sends `request` (envelope and message, its request id in place) and gives the answer with the
// same id, envelope included. A Problem when the server cannot be reached or does not answer in
// time.
Checked<std::vector<std::uint8_t>> ask(const ServerName& server, Via via, ByteSpan request,
                                       std::chrono::milliseconds timeout, Trace& trace);

}  // namespace idnode::cli
