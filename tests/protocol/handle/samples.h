// Messages made for tests: one request of every kind, one response of every kind, each as its
// octets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/handle/envelope.h"
#include "protocol/handle/request.h"
#include "protocol/handle/response.h"

namespace idnode::test {

using Octets = std::vector<std::uint8_t>;

// A whole message and what it is.
struct Sample {
    std::string name;
    Octets octets;  // Envelope first; the version is the envelope's default.
    // Sizes of the body below its full one that are legal too.
    std::vector<std::size_t> legal_body_sizes = {};
};

std::vector<Sample> request_samples();
std::vector<Sample> response_samples();

// A message with a body of these octets, its lengths right and its credential empty.
Octets message_of(handle::OperationCode operation, handle::ResponseCode code, std::uint32_t flags,
                  const Octets& body);

// Where things stand in a message's octets.
inline constexpr std::size_t kMessageLengthAt = 16;
inline constexpr std::size_t kBodyLengthAt = handle::kEnvelopeSize + 20;
inline constexpr std::size_t kBodyAt = handle::kEnvelopeSize + handle::kHeaderSize;

// The sample with only the first `size` octets of its body, the lengths set to what is left.
Octets with_body_size(const Octets& message, std::size_t size);
std::size_t body_size_of(const Octets& message);
// The message's octets cut at `size`, the envelope's length set to what is left.
Octets cut_at(const Octets& message, std::size_t size);

void put_u32(Octets& octets, std::size_t at, std::uint32_t value);

}  // namespace idnode::test
