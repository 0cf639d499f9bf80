// Which answer for which situation and client: the one table of it (docs/protocol-handle.md).
//
// The judgement itself, which situation it is, is lookup.h's and handle_service.h's. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/handle/codes.h"
#include "resolver/service.h"

namespace idnode::resolver {

enum class Situation : std::uint8_t {
    kFound,           // With the values that are wanted and readable.
    kNotFound,        // The identifier is not there.
    kNothingToShow,   // Nothing matches the filters, or nothing readable is left.
    kHidden,          // Wanted values are not public, and the client did not say "public only".
    kNotResponsible,  // The prefix is unknown, removed or not homed here.
    kSuspended,       // The prefix is suspended or being deleted: the text says since when and why.
    kDamaged,         // The stored record contradicts itself.
    kUnreadable,      // The registry cannot be read.
    kBusy,            // A limit is reached.
    kUseTcp,          // The answer is too long for UDP.
    kNotOffered,      // An operation that this node does not have.
    kBadIdentifier,   // Empty, not UTF-8, or above kWireIdentifierSizeMax.
    kUndecodable,     // The envelope could be read, the message could not.
    kUnknownSession,  // A session that this node does not know.
};

inline constexpr int kSituationCount = 14;

struct Answer {
    handle::ResponseCode code;
    std::string_view text;  // Of the error body; for kSuspended the caller's own takes its place.
};

Answer answer_for(Situation situation, ClientFamily family);

}  // namespace idnode::resolver
