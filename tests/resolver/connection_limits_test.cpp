#include "resolver/connection_limits.h"

#include <gtest/gtest.h>

namespace idnode::resolver {
namespace {

using Verdict = ConnectionLimits::Verdict;

TcpLimits limits_of(std::uint32_t all, std::uint32_t per_address) {
    TcpLimits limits;
    limits.connections_max = all;
    limits.connections_per_address_max = per_address;
    return limits;
}

TEST(ConnectionLimits, HoldsBothBounds) {
    ConnectionLimits limits(limits_of(3, 2));
    const IpAddress one = *parse_address("192.0.2.1");
    const IpAddress two = *parse_address("192.0.2.2");
    EXPECT_EQ(limits.admit(one), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(one), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(one), Verdict::kAddressFull);
    EXPECT_EQ(limits.admit(two), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(two), Verdict::kNodeFull);
    limits.release(one);
    EXPECT_EQ(limits.count(), 2U);
    EXPECT_EQ(limits.admit(two), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(one), Verdict::kNodeFull);
}

TEST(ConnectionLimits, CountsAnIpv6NetworkAsOneAddress) {
    ConnectionLimits limits(limits_of(10, 1));
    EXPECT_EQ(limits.admit(*parse_address("2001:db8:0:1::1")), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(*parse_address("2001:db8:0:1:ffff::2")), Verdict::kAddressFull);
    EXPECT_EQ(limits.admit(*parse_address("2001:db8:0:2::1")), Verdict::kAdmitted);
    EXPECT_EQ(limits.admit(*parse_address("32.1.13.184")), Verdict::kAdmitted);
}

TEST(ConnectionLimits, NewBoundsCountAtOnce) {
    ConnectionLimits limits(limits_of(1, 1));
    const IpAddress one = *parse_address("192.0.2.1");
    EXPECT_EQ(limits.admit(one), Verdict::kAdmitted);
    limits.set(limits_of(5, 2));
    EXPECT_EQ(limits.admit(one), Verdict::kAdmitted);
    limits.set(limits_of(1, 1));
    EXPECT_EQ(limits.admit(one), Verdict::kNodeFull);
    limits.release(one);
    limits.release(one);
    EXPECT_EQ(limits.count(), 0U);
    EXPECT_EQ(limits.admit(one), Verdict::kAdmitted);
}

}  // namespace
}  // namespace idnode::resolver
