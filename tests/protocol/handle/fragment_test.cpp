#include "protocol/handle/fragment.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/codes.h"
#include "tests/protocol/block.h"

namespace idnode::handle {
namespace {

using Octets = std::vector<std::uint8_t>;
using Outcome = Reassembly::Outcome;

// A message of `size` octets behind its envelope; any octets will do.
Octets whole_of(std::size_t size, std::uint32_t request_id = 1) {
    Envelope envelope;
    envelope.request_id = request_id;
    envelope.message_length = static_cast<std::uint32_t>(size);
    Octets whole(kEnvelopeSize + size);
    Writer out(whole);
    encode_envelope(out, envelope);
    for (std::size_t i = 0; i < size; ++i) {
        whole[kEnvelopeSize + i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    }
    return whole;
}

Envelope envelope_of(const Packet& packet) {
    Reader in(packet.envelope);
    return *decode_envelope(in);
}

struct TestSender {
    Reassembly& reassembly;
    std::string_view address = "10.0.0.1:5000";
    std::uint64_t now_ms = 1'000'000;

    Reassembly::Added send(const Octets& whole, std::size_t number) {
        const Packet packet = packet_of(whole, number, Direction::kRequest);
        const test::Block part(packet.part);
        const std::string_view network = address.substr(0, address.find(':'));
        return reassembly.add({to_bytes(address), to_bytes(network)}, envelope_of(packet),
                              part.bytes(), now_ms);
    }
};

// --- Cutting ---

TEST(Packets, AreAsManyAsTheMessageNeeds) {
    EXPECT_EQ(packet_count(whole_of(0)), 1U);
    EXPECT_EQ(packet_count(whole_of(1)), 1U);
    EXPECT_EQ(packet_count(whole_of(492)), 1U);
    EXPECT_EQ(packet_count(whole_of(493)), 2U);
    EXPECT_EQ(packet_count(whole_of(984)), 2U);
    EXPECT_EQ(packet_count(whole_of(985)), 3U);
}

TEST(Packets, CarryTheirNumberTheWholeLengthAndTheTruncatedBitOnRequestsOnly) {
    const Octets whole = whole_of(1000);
    for (std::size_t i = 0; i < 3; ++i) {
        const Envelope request = envelope_of(packet_of(whole, i, Direction::kRequest));
        const Packet packet = packet_of(whole, i, Direction::kResponse);
        EXPECT_EQ(request.sequence_number, i);
        EXPECT_EQ(request.message_length, 1000U);
        EXPECT_EQ(request.flags, kEnvelopeTruncated);
        EXPECT_EQ(envelope_of(packet).flags, 0U);
        EXPECT_EQ(packet.part.size(), i < 2 ? 492U : 16U);
        EXPECT_EQ(packet.part.data(), whole.data() + kEnvelopeSize + i * 492);
    }
}

TEST(Packets, OfAShortMessageAreNotTruncated) {
    EXPECT_EQ(envelope_of(packet_of(whole_of(492), 0, Direction::kRequest)).flags, 0U);
}

TEST(Packets, LengthAboveOnePartIsTheSign) {
    Envelope envelope;
    envelope.message_length = 492;
    EXPECT_FALSE(is_fragmented(envelope));
    envelope.message_length = 493;
    EXPECT_TRUE(is_fragmented(envelope));
}

// --- Putting together ---

TEST(Reassembly, PutsPartsTogetherInAnyOrder) {
    std::mt19937 random(1);
    for (const std::size_t size : {493U, 984U, 985U, 5000U, 65'535U, 65'536U}) {
        Reassembly reassembly;
        TestSender sender{reassembly};
        const Octets whole = whole_of(size);
        std::vector<std::size_t> order(packet_count(whole));
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), random);
        for (std::size_t i = 0; i + 1 < order.size(); ++i) {
            ASSERT_EQ(sender.send(whole, order[i]).outcome, Outcome::kIncomplete);
        }
        const Reassembly::Added last = sender.send(whole, order.back());
        ASSERT_EQ(last.outcome, Outcome::kComplete);
        EXPECT_EQ(last.message, whole) << "the envelope is that of an undivided message";
        EXPECT_EQ(reassembly.message_count(), 0U);
        EXPECT_EQ(reassembly.memory(), 0U);
        EXPECT_EQ(reassembly.counters().completed, 1U);
    }
}

TEST(Reassembly, ToleratesDuplicates) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(1000);
    for (const std::size_t number : {0U, 0U, 2U, 0U, 2U}) {
        EXPECT_EQ(sender.send(whole, number).outcome, Outcome::kIncomplete);
    }
    EXPECT_EQ(sender.send(whole, 1).message, whole);
}

TEST(Reassembly, TellsSendersAndRequestsApart) {
    Reassembly reassembly;
    TestSender one{reassembly, "10.0.0.1:5000"};
    TestSender two{reassembly, "10.0.0.1:5001"};
    const Octets first = whole_of(600, 1);
    const Octets second = whole_of(700, 2);
    EXPECT_EQ(one.send(first, 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(one.send(second, 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(two.send(first, 1).outcome, Outcome::kIncomplete);
    EXPECT_EQ(reassembly.message_count(), 3U);
    EXPECT_EQ(one.send(second, 1).message, second);
    EXPECT_EQ(one.send(first, 1).message, first);
    EXPECT_EQ(two.send(first, 0).message, first);
}

TEST(Reassembly, AddressThatBeginsAnotherIsAnother) {
    Reassembly reassembly;
    TestSender one{reassembly, std::string_view("ab\0", 3)};
    TestSender two{reassembly, "ab"};
    const Octets whole = whole_of(600);
    EXPECT_EQ(one.send(whole, 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(two.send(whole, 1).outcome, Outcome::kIncomplete);
}

TEST(Reassembly, GivesUpAfterFiveSeconds) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(600);
    sender.send(whole, 0);
    sender.now_ms += kReassemblyTimeoutMs - 1;
    reassembly.expire(sender.now_ms);
    EXPECT_EQ(reassembly.message_count(), 1U);
    sender.now_ms += 1;
    EXPECT_EQ(sender.send(whole, 1).outcome, Outcome::kIncomplete) << "the first part is forgotten";
    EXPECT_EQ(reassembly.counters().timed_out, 1U);
    EXPECT_EQ(reassembly.message_count(), 1U);
}

TEST(Reassembly, LastPartJustInTimeCompletes) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(600);
    sender.send(whole, 0);
    sender.now_ms += kReassemblyTimeoutMs - 1;
    EXPECT_EQ(sender.send(whole, 1).message, whole);
}

TEST(Reassembly, ExpiresTheOldestFirstAndKeepsTheRest) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    for (std::uint32_t id = 0; id < 10; ++id) {
        sender.send(whole_of(600, id), 0);
        sender.now_ms += 100;
    }
    // The first four are now five seconds old or more.
    reassembly.expire(1'000'000 + kReassemblyTimeoutMs + 300);
    EXPECT_EQ(reassembly.message_count(), 6U);
    EXPECT_EQ(reassembly.counters().timed_out, 4U);
}

TEST(Reassembly, TellsTheSenderOfATooLongMessageOnceOnItsFirstPart) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(kReassemblyMessageMax + 1);
    EXPECT_EQ(sender.send(whole, 0).outcome, Outcome::kTooLong);
    EXPECT_EQ(sender.send(whole, 1).outcome, Outcome::kDropped);
    EXPECT_EQ(reassembly.message_count(), 0U);
    EXPECT_EQ(reassembly.counters().over_limit, 2U);
}

TEST(Reassembly, HoldsNoMoreThanItsBoundForOneNetwork) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    EXPECT_EQ(sender.send(whole_of(65'036, 1), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(sender.send(whole_of(501, 2), 0).outcome, Outcome::kDropped);
    EXPECT_EQ(sender.send(whole_of(500, 3), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(reassembly.counters().over_limit, 1U);
    TestSender other{reassembly, "10.0.0.2:5000"};
    EXPECT_EQ(other.send(whole_of(501, 2), 0).outcome, Outcome::kIncomplete);
    // What is done with leaves room again.
    EXPECT_EQ(sender.send(whole_of(500, 3), 1).outcome, Outcome::kComplete);
    EXPECT_EQ(sender.send(whole_of(500, 4), 0).outcome, Outcome::kIncomplete);
}

TEST(Reassembly, PortsOfOneAddressShareItsBound) {
    Reassembly reassembly;
    TestSender one{reassembly, "10.0.0.1:5000"};
    TestSender two{reassembly, "10.0.0.1:5001"};
    TestSender other{reassembly, "10.0.0.2:5000"};
    EXPECT_EQ(one.send(whole_of(65'036), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(two.send(whole_of(501), 0).outcome, Outcome::kDropped);
    EXPECT_EQ(other.send(whole_of(501), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(two.send(whole_of(500), 0).outcome, Outcome::kIncomplete);
}

TEST(Reassembly, LateDuplicateOfAFinishedMessageMakesWay) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(60'000, 1);
    for (std::size_t i = 0; i < packet_count(whole); ++i) sender.send(whole, i);
    ASSERT_EQ(reassembly.counters().completed, 1U);
    EXPECT_EQ(sender.send(whole, 7).outcome, Outcome::kIncomplete);
    EXPECT_EQ(sender.send(whole_of(5'000, 2), 0).outcome, Outcome::kIncomplete) << "fits beside it";
    EXPECT_EQ(reassembly.message_count(), 2U);
    EXPECT_EQ(sender.send(whole_of(10'000, 3), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(reassembly.message_count(), 2U) << "the duplicate's room was needed";
    EXPECT_EQ(sender.send(whole_of(60'000, 4), 0).outcome, Outcome::kDropped)
        << "what is new does not make way";
    EXPECT_EQ(reassembly.memory(), 5'000U + 10'000U + 2 * 512U);
}

TEST(Reassembly, RepeatedMessageIsPutTogetherAgain) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    const Octets whole = whole_of(1'000);
    for (int round = 0; round < 3; ++round) {
        for (const std::size_t number : {0U, 2U}) sender.send(whole, number);
        EXPECT_EQ(sender.send(whole, 1).message, whole);
    }
    EXPECT_EQ(reassembly.memory(), 0U);
}

TEST(Reassembly, ForgetsFinishedMessagesInTimeAndAboveTheirBound) {
    const auto makes_way = [](std::uint32_t finished_since, std::uint64_t passed_ms) {
        Reassembly reassembly;
        TestSender sender{reassembly};
        const Octets first = whole_of(600, 0);
        for (const std::size_t number : {0U, 1U}) sender.send(first, number);
        for (std::uint32_t id = 1; id <= finished_since; ++id) sender.send(whole_of(1, id), 0);
        sender.now_ms += passed_ms;
        sender.send(first, 0);
        return sender.send(whole_of(65'000, 9'999), 0).outcome == Outcome::kIncomplete;
    };
    EXPECT_TRUE(makes_way(0, 0));
    EXPECT_TRUE(makes_way(kReassemblyFinishedMax - 1, kReassemblyTimeoutMs - 1));
    EXPECT_FALSE(makes_way(kReassemblyFinishedMax, 0));
    EXPECT_FALSE(makes_way(0, kReassemblyTimeoutMs));
}

TEST(Reassembly, HoldsNoMoreThanItsBoundInAll) {
    Reassembly reassembly;
    const Octets whole = whole_of(kReassemblyMessageMax);
    std::size_t kept = 0;
    for (unsigned i = 0; i < 300; ++i) {
        const std::string address = "sender " + std::to_string(i);
        TestSender sender{reassembly, address};
        const Outcome outcome = sender.send(whole, 0).outcome;
        EXPECT_TRUE(outcome == Outcome::kIncomplete || outcome == Outcome::kDropped);
        kept += outcome == Outcome::kIncomplete ? 1 : 0;
        EXPECT_LE(reassembly.memory(), kReassemblyTotalMax);
    }
    EXPECT_GE(kept, 250U);
    EXPECT_LE(kept, 256U);
    EXPECT_EQ(reassembly.message_count(), kept);
    EXPECT_EQ(reassembly.counters().over_limit, 300 - kept);
    reassembly.expire(2'000'000);
    EXPECT_EQ(reassembly.memory(), 0U);
}

TEST(Reassembly, ManySmallMessagesAreBoundedToo) {
    Reassembly reassembly;
    for (std::uint32_t i = 0; i < 40'000; ++i) {
        const std::string address = std::to_string(i / 100);
        TestSender sender{reassembly, address};
        sender.send(whole_of(493, i), 0);
    }
    EXPECT_LE(reassembly.memory(), kReassemblyTotalMax);
    EXPECT_LE(reassembly.message_count(), kReassemblyTotalMax / (493 + 512));
}

TEST(Reassembly, DropsAMessageWhosePartsTellDifferentLengths) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    EXPECT_EQ(sender.send(whole_of(1000), 0).outcome, Outcome::kIncomplete);
    EXPECT_EQ(sender.send(whole_of(1400), 1).outcome, Outcome::kDropped);
    EXPECT_EQ(reassembly.message_count(), 0U);
    EXPECT_EQ(reassembly.memory(), 0U);
    EXPECT_EQ(reassembly.counters().conflicting, 1U);
}

TEST(Reassembly, DropsAMessageWithTwoContentsOfOnePart) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    Octets whole = whole_of(1000);
    EXPECT_EQ(sender.send(whole, 1).outcome, Outcome::kIncomplete);
    whole[kEnvelopeSize + 492] ^= 1;
    EXPECT_EQ(sender.send(whole, 1).outcome, Outcome::kDropped);
    EXPECT_EQ(reassembly.message_count(), 0U);
    EXPECT_EQ(reassembly.counters().conflicting, 1U);
}

TEST(Reassembly, RefusesPartsThatCannotBe) {
    Reassembly reassembly;
    const Octets part(kUdpPartSize + 1);
    Envelope envelope;
    envelope.message_length = 1000;
    struct Case {
        std::uint32_t number;
        std::size_t size;
    };
    for (const auto& [number, size] :
         {Case{0, 0}, Case{0, 491}, Case{0, 493}, Case{2, 15}, Case{2, 17}, Case{2, 492},
          Case{3, 0}, Case{3, 1}, Case{0x80000000, 492}, Case{0xFFFFFFFF, 492}}) {
        envelope.sequence_number = number;
        const test::Block block(ByteSpan(part).first(size));
        EXPECT_EQ(reassembly.add({}, envelope, block.bytes(), 0).outcome, Outcome::kDropped)
            << number << ' ' << size;
    }
    EXPECT_EQ(reassembly.counters().invalid, 10U);
    EXPECT_EQ(reassembly.message_count(), 0U);
}

TEST(Reassembly, PassesAMessageOfOnePartOn) {
    Reassembly reassembly;
    TestSender sender{reassembly};
    EXPECT_EQ(sender.send(whole_of(492), 0).message, whole_of(492));
    EXPECT_EQ(sender.send(whole_of(0), 0).message, whole_of(0));
}

TEST(Reassembly, GivesNothingForAllButTheLastPartOfEveryLength) {
    for (std::size_t size = 493; size <= 1600; ++size) {
        Reassembly reassembly;
        TestSender sender{reassembly};
        const Octets whole = whole_of(size);
        for (std::size_t i = 0; i < packet_count(whole); ++i) {
            const bool last = i + 1 == packet_count(whole);
            EXPECT_EQ(sender.send(whole, i).outcome,
                      last ? Outcome::kComplete : Outcome::kIncomplete);
        }
    }
}

}  // namespace
}  // namespace idnode::handle
