#include "resolver/connection_limits.h"

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"

namespace idnode::resolver {

ConnectionLimits::ConnectionLimits(const TcpLimits& limits)
    : connections_max_(limits.connections_max),
      per_address_max_(limits.connections_per_address_max) {}

ConnectionLimits::Verdict ConnectionLimits::admit(const IpAddress& address) {
    const std::scoped_lock lock(mutex_);
    if (count_ >= connections_max_) return Verdict::kNodeFull;
    std::uint32_t& of_address = by_address_[key_of(address)];
    if (of_address >= per_address_max_) return Verdict::kAddressFull;
    ++of_address;
    ++count_;
    return Verdict::kAdmitted;
}

void ConnectionLimits::release(const IpAddress& address) {
    const std::scoped_lock lock(mutex_);
    const auto of_address = by_address_.find(key_of(address));
    IDN_CHECK(of_address != by_address_.end() && of_address->second > 0 && count_ > 0);
    --count_;
    if (--of_address->second == 0) by_address_.erase(of_address);
}

void ConnectionLimits::set(const TcpLimits& limits) {
    const std::scoped_lock lock(mutex_);
    connections_max_ = limits.connections_max;
    per_address_max_ = limits.connections_per_address_max;
}

std::size_t ConnectionLimits::count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
}

ConnectionLimits::Key ConnectionLimits::key_of(const IpAddress& address) {
    Reader octets(address.octets);
    return {octets.u64(), address.family};
}

}  // namespace idnode::resolver
