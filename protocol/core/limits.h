// Every bound of the wire and the store, in one place, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace idnode {

// --- The Handle protocol -------------------------------------------------------------------------

// Header, body and credential of one message; the peers refuse more (RC 4).
inline constexpr std::size_t kMessageSizeMax = 262'144;
// One length-prefixed byte array inside a message: the peers' own bound.
inline constexpr std::size_t kByteArraySizeMax = 1'048'576;
// An identifier on the wire, as both SDKs and Handle.Net accept it.
inline constexpr std::size_t kWireIdentifierSizeMax = 2'048;
// Items of one list (indexes, types, values, references) of a message: the clients' own bound.
inline constexpr std::size_t kListCountMax = 2'048;
// Octets of a message in one UDP packet behind its 20-octet envelope; 512 with it.
inline constexpr std::size_t kUdpPartSize = 492;

// --- The registry --------------------------------------------------------------------------------

// An identifier in the registry. LMDB's keys end at 511 octets; a lower bound is at most as long as
// the identifier, and some room is left for what keys may need later.
inline constexpr std::size_t kIdentifierSizeMax = 480;
// The values of one identifier in their wire form. An answer must fit a message with room to spare,
// and a block of one record is a run of this many octets in the file.
inline constexpr std::size_t kRecordSizeMax = 65'536;

}  // namespace idnode
