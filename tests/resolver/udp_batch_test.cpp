#include "resolver/udp_batch.h"

#include <arpa/inet.h>
#include <netinet/udp.h>

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "resolver/fd.h"

namespace idnode::resolver {
namespace {

using Octets = std::vector<std::uint8_t>;

// A socket on a loopback address, and the path of answers to it.
class Peer {
public:
    explicit Peer(int family = AF_INET)
        : fd_(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_storage address{};
        address.ss_family = static_cast<sa_family_t>(family);
        if (family == AF_INET) {
            reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        } else {
            reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
        }
        path_.peer_size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        is_bound_ = bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), path_.peer_size) == 0;
        getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&path_.peer), &path_.peer_size);
    }
    [[nodiscard]] bool is_bound() const { return is_bound_; }
    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const ReturnPath& path() const { return path_; }
    bool set(int level, int name) const {
        const int on = 1;
        return setsockopt(fd_.get(), level, name, &on, sizeof on) == 0;
    }
    // What has come so far, in order of its octets.
    [[nodiscard]] std::vector<Octets> received() const {
        std::vector<Octets> all;
        Octets room(65'536);
        for (;;) {
            const ssize_t size = recv(fd_.get(), room.data(), room.size(), 0);
            if (size < 0) break;
            all.emplace_back(room.begin(), room.begin() + size);
        }
        std::ranges::sort(all);
        return all;
    }

private:
    Fd fd_;
    bool is_bound_ = false;
    ReturnPath path_;
};

Octets answer_of(std::size_t size, std::uint8_t filling) {
    Octets answer(size, filling);
    handle::Envelope envelope;
    envelope.message_length = static_cast<std::uint32_t>(size - handle::kEnvelopeSize);
    handle::store_envelope(answer.data(), envelope);
    return answer;
}

// Sends `answers`, in turn to each of the peers, and holds what comes against what was to come.
void expect_all_arrive(const Peer& from, const std::vector<Peer>& peers,
                       const std::vector<Octets>& answers) {
    std::vector<std::vector<Octets>> expected(peers.size());
    UdpSender sender;
    sender.begin(from.fd());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const std::size_t to = i % peers.size();
        sender.add(answers[i], peers[to].path());
        const std::size_t packets = handle::packet_count(answers[i]);
        for (std::size_t number = 0; packets > 1 && number < packets; ++number) {
            const auto packet = handle::packet_of(answers[i], number, handle::Direction::kResponse);
            Octets& whole =
                expected[to].emplace_back(packet.envelope.begin(), packet.envelope.end());
            whole.insert(whole.end(), packet.part.begin(), packet.part.end());
        }
        if (packets == 1) expected[to].push_back(answers[i]);
    }
    EXPECT_EQ(sender.finish(), 0U);
    for (std::size_t to = 0; to < peers.size(); ++to) {
        std::ranges::sort(expected[to]);
        EXPECT_TRUE(peers[to].received() == expected[to]) << to;
    }
}

// Of many sizes, equal ones among them, and some of several packets: no more than a socket holds.
std::vector<Octets> mixed_answers(std::size_t count) {
    std::vector<Octets> answers;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = i % 9 == 8 ? 500 + i * 11 : 60 + i * i % 7 * 50;
        answers.push_back(answer_of(size, static_cast<std::uint8_t>(i)));
    }
    return answers;
}

TEST(UdpBatch, EachAnswerArrivesByItself) {
    const Peer from;
    for (const std::size_t peer_count : {1U, 2U, 3U, 60U}) {
        const std::vector<Peer> peers(peer_count);
        for (const std::size_t count : {1U, 2U, 63U, 64U, 65U, 80U}) {
            expect_all_arrive(from, peers, mixed_answers(count));
        }
    }
}

TEST(UdpBatch, EachAnswerArrivesOverIpv6Too) {
    const Peer from(AF_INET6);
    if (!from.is_bound()) GTEST_SKIP() << "no IPv6 loopback";
    std::vector<Peer> peers;
    for (int i = 0; i < 3; ++i) peers.emplace_back(AF_INET6);
    expect_all_arrive(from, peers, mixed_answers(100));
}

// How large the datagrams are that a train is cut into; 0: what came is no train.
std::size_t cut_size_of(const Peer& peer, std::size_t& size) {
    Octets room(65'536);
    iovec piece{room.data(), room.size()};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t received = recvmsg(peer.fd(), &header, 0);
    size = received < 0 ? 0 : static_cast<std::size_t>(received);
    const cmsghdr* const first = CMSG_FIRSTHDR(&header);
    if (first == nullptr || first->cmsg_type != UDP_GRO) return 0;
    int cut = 0;
    std::memcpy(&cut, CMSG_DATA(first), sizeof cut);
    return static_cast<std::size_t>(cut);
}

TEST(UdpBatch, AnswersToOnePeerLeaveAsTrains) {
    const Peer from;
    const Peer peer;
    if (!peer.set(IPPROTO_UDP, UDP_GRO)) GTEST_SKIP() << "the kernel joins no datagrams";
    const std::vector<Octets> answers = {answer_of(100, 1), answer_of(60, 2), answer_of(100, 3),
                                         answer_of(40, 4), answer_of(100, 5)};
    UdpSender sender;
    sender.begin(from.fd());
    for (const Octets& answer : answers) sender.add(answer, peer.path());
    EXPECT_EQ(sender.finish(), 0U);
    std::size_t size = 0;
    EXPECT_EQ(cut_size_of(peer, size), 100U);
    EXPECT_EQ(size, 360U);
    EXPECT_EQ(cut_size_of(peer, size), 0U);
    EXPECT_EQ(size, 40U);
}

// The path of what was asked at this address of ours.
ReturnPath asked_at(const Peer& peer, const char* address) {
    ReturnPath path = peer.path();
    in_pktinfo info{};
    inet_pton(AF_INET, address, &info.ipi_spec_dst);
    cmsghdr control{};
    control.cmsg_level = IPPROTO_IP;
    control.cmsg_type = IP_PKTINFO;
    control.cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(path.control.data(), &control, sizeof control);
    std::memcpy(path.control.data() + CMSG_LEN(0), &info, sizeof info);
    path.control_size = CMSG_SPACE(sizeof info);
    return path;
}

TEST(UdpBatch, TrainsLeaveFromTheAddressAsked) {
    const Fd wildcard(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const Peer peer;
    const ReturnPath first = asked_at(peer, "127.0.0.2");
    const ReturnPath second = asked_at(peer, "127.0.0.3");
    const Octets answer = answer_of(80, 1);
    UdpSender sender;
    sender.begin(wildcard.get());
    for (const ReturnPath* path : {&first, &second, &first, &second, &second}) {
        sender.add(answer, *path);
    }
    EXPECT_EQ(sender.finish(), 0U);
    std::vector<in_addr_t> sources;
    Octets room(1'000);
    for (;;) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        if (recvfrom(peer.fd(), room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&from),
                     &size) != 80) {
            break;
        }
        sources.push_back(ntohl(from.sin_addr.s_addr));
    }
    EXPECT_EQ(std::ranges::count(sources, 0x7F00'0002U), 2);
    EXPECT_EQ(std::ranges::count(sources, 0x7F00'0003U), 3);
}

TEST(UdpBatch, WhereTrainsAreRefusedEachLeavesAlone) {
    const Peer from;
    ASSERT_TRUE(from.set(SOL_SOCKET, SO_NO_CHECK));  // The kernel makes no trains without sums.
    const std::vector<Peer> peers(2);
    expect_all_arrive(from, peers, mixed_answers(100));
}

// Whether two answers of one batch come as a train.
bool comes_as_train(UdpSender& sender, const Peer& from, const Peer& peer) {
    const Octets answer = answer_of(90, 1);
    sender.begin(from.fd());
    sender.add(answer, peer.path());
    sender.add(answer, peer.path());
    EXPECT_EQ(sender.finish(), 0U);
    std::size_t size = 0;
    const bool is_train = cut_size_of(peer, size) == 90;
    while (size != 0) cut_size_of(peer, size);
    return is_train;
}

TEST(UdpBatch, TrainsGoOnAfterAPeerThatNothingCanBeSentTo) {
    const Peer from;
    const Peer peer;
    if (!peer.set(IPPROTO_UDP, UDP_GRO)) GTEST_SKIP() << "the kernel joins no datagrams";
    ReturnPath nobody = peer.path();
    reinterpret_cast<sockaddr_in&>(nobody.peer).sin_port = 0;
    UdpSender sender;
    EXPECT_TRUE(comes_as_train(sender, from, peer));
    const Octets answer = answer_of(80, 7);
    sender.begin(from.fd());
    for (int i = 0; i < 2; ++i) sender.add(answer, nobody);
    EXPECT_EQ(sender.finish(), 2U);
    EXPECT_TRUE(comes_as_train(sender, from, peer));
}

TEST(UdpBatch, TrainsRestWhereTheyAreRefusedForBeingTrains) {
    const Peer from;
    const Peer peer;
    if (!peer.set(IPPROTO_UDP, UDP_GRO)) GTEST_SKIP() << "the kernel joins no datagrams";
    UdpSender sender;
    const Peer without_sums;
    ASSERT_TRUE(without_sums.set(SOL_SOCKET, SO_NO_CHECK));
    EXPECT_FALSE(comes_as_train(sender, without_sums, peer));
    EXPECT_FALSE(comes_as_train(sender, from, peer));
    bool is_train = false;
    for (int batch = 0; batch < 2'000 && !is_train; ++batch) {
        is_train = comes_as_train(sender, from, peer);
    }
    EXPECT_TRUE(is_train);
}

TEST(UdpBatch, PassesOverWhatTheKernelRefuses) {
    const Peer from;
    const Peer peer;
    ReturnPath nobody = peer.path();
    reinterpret_cast<sockaddr_in&>(nobody.peer).sin_port = 0;
    UdpSender sender;
    sender.begin(from.fd());
    const Octets answer = answer_of(80, 7);
    for (int i = 0; i < 3; ++i) {
        sender.add(answer, nobody);
        sender.add(answer, peer.path());
    }
    EXPECT_EQ(sender.finish(), 3U);
    EXPECT_EQ(peer.received().size(), 3U);
}

}  // namespace
}  // namespace idnode::resolver
