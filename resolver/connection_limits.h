// How many TCP connections a node holds, in all and from each address (IPv6: from each /64, which
// one host can fill alone). Shared by all workers: touched when a connection comes or goes, never
// by a message. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "resolver/address.h"
#include "resolver/config.h"

namespace idnode::resolver {

class ConnectionLimits {
public:
    enum class Verdict : std::uint8_t { kAdmitted, kNodeFull, kAddressFull };

    explicit ConnectionLimits(const TcpLimits& limits);

    // An admitted connection must be released.
    Verdict admit(const IpAddress& address);
    void release(const IpAddress& address);
    // New bounds; connections above them stay until they end.
    void set(const TcpLimits& limits);
    [[nodiscard]] std::size_t count() const;

private:
    // The address, or the first half of an IPv6 one, as a number with its family in it.
    struct Key {
        std::uint64_t network = 0;
        AddressFamily family = AddressFamily::kIpv4;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return std::hash<std::uint64_t>{}(key.network * 2 + static_cast<unsigned>(key.family));
        }
    };
    static Key key_of(const IpAddress& address);

    mutable std::mutex mutex_;
    std::uint32_t connections_max_;
    std::uint32_t per_address_max_;
    std::size_t count_ = 0;
    std::unordered_map<Key, std::uint32_t, KeyHash> by_address_;
};

}  // namespace idnode::resolver
