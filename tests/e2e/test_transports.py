#!/usr/bin/env python3
"""A node asked by the client of tests/e2e through every transport, in good order and in bad."""
import contextlib
import itertools
import random
import socket
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_client as client  # noqa: E402
import handle_wire as wire  # noqa: E402
import node  # noqa: E402
from vector_files import vectors  # noqa: E402

NOTE = "标识 of a part\u2003"
LONG, TOO_LONG = 3000, 40_000  # Octets of values: several packets; above what UDP answers.
RECORDS = [
    {"handle": "88.118.8/SN1", "values": [
        {"index": 1, "type": "URL", "data": "https://example.org/SN1", "timestamp": 1_700_000_000},
        {"index": 2, "type": "NOTE", "data": NOTE, "timestamp": 1_700_000_000}]},
    {"handle": "88.118.8/long", "values": [
        {"index": 1, "type": "TEXT", "data": "x" * LONG, "timestamp": 1_700_000_000}]},
    {"handle": "88.118.8/longer", "values": [
        {"index": 1, "type": "TEXT", "data": "y" * TOO_LONG, "timestamp": 1_700_000_000}]},
] + [{"handle": f"88.118.8/n{i}", "values": [
    {"index": 1, "type": "N", "data": str(i), "timestamp": 1_700_000_000}]} for i in range(300)]


def setUpModule():
    global registry, running
    registry = node.Registry()
    registry.load(RECORDS, "--add-prefixes")
    running = node.Node(registry, server_workers=1)
    running.start()
    unittest.addModuleCleanup(running.stop)


class Case(unittest.TestCase):
    def assert_is_sn1(self, reply):
        self.assertEqual(reply.code, wire.SUCCESS)
        self.assertEqual(reply.answer.handle, "88.118.8/SN1")
        self.assertEqual([(one.index, one.type, one.data.decode()) for one in reply.answer.values],
                         [(1, "URL", "https://example.org/SN1"), (2, "NOTE", NOTE)])
        self.assertEqual({one.timestamp for one in reply.answer.values}, {1_700_000_000})

    def assert_refused(self, reply, code, text=None):
        self.assertEqual(reply.code, code)
        if text is not None:
            self.assertEqual(reply.answer.text, text)


class Udp(Case):
    def setUp(self):
        self.udp = self.enterContext(running.udp())

    def test_finds_and_does_not_find(self):
        self.assert_is_sn1(self.udp.ask(client.resolution("88.118.8/SN1")))
        self.assert_refused(self.udp.ask(client.resolution("88.118.8/SN2")), 100)
        self.assert_refused(self.udp.ask(client.resolution("88.118.9/SN1")), 301)

    def test_answers_every_family_of_clients(self):
        for family in client.FAMILIES:
            with self.subTest(family):
                question = client.resolution("88.118.8/SN1", family=family)
                self.assert_is_sn1(self.udp.ask(question))
                self.assertTrue(self.udp.ask(client.site_request(family=family)).answer.site)

    def test_echoes_the_case_asked(self):
        reply = self.udp.ask(client.resolution("88.118.8/sn1"))
        self.assertEqual((reply.code, reply.answer.handle), (wire.SUCCESS, "88.118.8/sn1"))

    def test_takes_requests_in_packets_of_any_order(self):
        shuffled = random.Random(7)
        orders = [None, lambda packets: packets[::-1],
                  lambda packets: shuffled.sample(packets, len(packets)),
                  lambda packets: packets + packets[:1],
                  lambda packets: [packets[0], *packets]]
        for size in (512, 513, 1004, 1005, 5000, 20_000, 60_000):
            for order in orders:
                # A socket of its own: a packet that comes once too often begins a request that
                # is never finished and takes of the room of its address.
                with self.subTest(size=size), running.udp() as udp:
                    request = client.padded(client.resolution("88.118.8/SN1"), size)
                    self.assert_is_sn1(udp.ask(request, order=order))

    def test_takes_long_requests_of_many_indexes(self):
        request = client.padded_by_indexes("88.118.8/SN1", 1500, first=2)
        reply = self.udp.ask(request)
        self.assertEqual([one.index for one in reply.answer.values], [2])

    def test_takes_packets_of_several_requests_mixed(self):
        requests = [client.padded(client.resolution(f"88.118.8/n{i}"), 1600) for i in range(8)]
        packets = [wire.packets_of(request.encode()) for request in requests]
        for row in zip(*packets):
            for packet in row:
                self.udp.socket.sendto(packet, self.udp.address)
        waiting = {request.envelope.request_id: request for request in requests}
        while waiting:
            octets = self.udp.receive(set(waiting))
            request = waiting.pop(wire.Envelope.decode(octets).request_id)
            asked = wire.ResolutionRequest.decode(request.body).handle
            reply = client.checked(request, octets)
            self.assertEqual(reply.value(1).data.decode(), asked.rpartition("n")[2])

    def test_sends_long_answers_in_packets_without_the_truncated_bit(self):
        request = client.resolution("88.118.8/long", flags=wire.STOCK_FLAGS | wire.RRDG)
        self.udp.send(request)
        parts, whole, packets = wire.Reassembly(), None, 0
        self.udp.socket.settimeout(client.SECONDS_MAX)
        while whole is None:
            packet = self.udp.socket.recv(65_536)
            self.assertFalse(wire.Envelope.decode(packet).flags & wire.TRUNCATED)
            self.assertLessEqual(len(packet), wire.ENVELOPE.size + wire.UDP_PART)
            whole, packets = parts.add(packet), packets + 1
        reply = client.checked(request, whole)
        self.assertEqual(reply.value(1).data, b"x" * LONG)
        self.assertEqual(packets, -(-(len(whole) - 20) // wire.UDP_PART))
        self.assertTrue(reply.answer.digest)

    def test_refers_answers_that_are_too_long_to_tcp(self):
        self.assert_refused(self.udp.ask(client.resolution("88.118.8/longer")), 3, "use TCP")
        with running.tcp() as tcp:
            reply = tcp.ask(client.resolution("88.118.8/longer"))
        self.assertEqual(reply.value(1).data, b"y" * TOO_LONG)

    def test_refuses_requests_beyond_its_bound_with_the_first_packet(self):
        request = client.padded(client.resolution("88.118.8/SN1"), 70_000)
        first = lambda packets: packets[:1]  # noqa: E731
        self.assert_refused(self.udp.ask(request, order=first), 3)
        self.assert_is_sn1(self.udp.ask(client.resolution("88.118.8/SN1")))

    def test_drops_and_counts_what_stays_incomplete(self):
        before = running.stats("incident=fragments_expired")
        request = client.padded(client.resolution("88.118.8/SN1"), 1400)
        self.udp.send(request, order=lambda packets: packets[:-1])
        running.wait_for_count("incident=fragments_expired", before + 1)
        self.assert_is_sn1(self.udp.ask(client.resolution("88.118.8/SN1")))

    def test_does_not_answer_what_is_no_request(self):
        question = client.resolution("88.118.8/SN1").encode()
        answer = bytearray(question)
        answer[27] = 1  # The response code.
        for octets in (b"", b"\xff" * 20, question[:19], b"\x04" + question[1:], bytes(answer)):
            self.udp.socket.sendto(octets, self.udp.address)
        good = client.resolution("88.118.8/SN1")
        self.udp.send(good)
        self.udp.socket.settimeout(client.SECONDS_MAX)
        first = self.udp.socket.recv(65_536)  # One worker: answers come in order.
        self.assert_is_sn1(client.checked(good, first))
        running.wait_for_count("incident=response_received", 1)
        running.wait_for_count("incident=datagram_unusable", 4)

    def test_gives_its_site_with_tcp_first(self):
        site = self.udp.ask(client.site_request("88.118.8/whatever")).answer.site
        self.assertEqual([(one.protocol, one.port) for one in site.servers[0].interfaces],
                         [("TCP", running.tcp_port), ("UDP", running.udp_port)])
        self.assertEqual(site.servers[0].address[12:], bytes([127, 0, 0, 1]))
        self.assertEqual(site.protocol_version, (2, 11))

    def test_filters_by_index_and_type(self):
        def found(**how):
            reply = self.udp.ask(client.resolution("88.118.8/SN1", **how))
            return [one.index for one in reply.answer.values or []], reply.code
        self.assertEqual(found(indexes=[2]), ([2], 1))
        self.assertEqual(found(types=["url"]), ([1], 1))
        self.assertEqual(found(indexes=[2], types=["URL"]), ([1, 2], 1))
        self.assertEqual(found(types=["U"]), ([], 200))
        self.assertEqual(found(indexes=[3]), ([], 200))


class Tcp(Case):
    def setUp(self):
        self.tcp = self.enterContext(running.tcp())

    def test_answers_octet_by_octet(self):
        for at_a_time in (1, 2, 19, 20, 21, 44, None):
            reply = self.tcp.ask(client.resolution("88.118.8/SN1"), at_a_time)
            self.assert_is_sn1(reply)

    def test_keeps_the_connection_with_and_without_being_asked_to(self):
        for flags in (wire.STOCK_FLAGS, wire.STOCK_FLAGS | wire.KPAL, 0):
            self.assert_is_sn1(self.tcp.ask(client.resolution("88.118.8/SN1", flags=flags)))
        self.assert_refused(self.tcp.ask(client.resolution("88.118.8/SN2")), 100)
        self.assert_is_sn1(self.tcp.ask(client.resolution("88.118.8/SN1")))

    def test_answers_many_requests_sent_at_once_in_their_order(self):
        requests = [client.resolution(f"88.118.8/n{i}") for i in range(300)]
        self.tcp.send(b"".join(request.encode() for request in requests))
        for i, request in enumerate(requests):
            reply = client.checked(request, self.tcp.receive())
            self.assertEqual(reply.value(1).data, str(i).encode())

    def test_answers_requests_cut_at_any_place(self):
        requests = [client.resolution(f"88.118.8/n{i}") for i in range(20)]
        octets = b"".join(request.encode() for request in requests)
        self.tcp.send(octets, at_a_time=37)
        for i, request in enumerate(requests):
            self.assertEqual(client.checked(request, self.tcp.receive()).value(1).data,
                             str(i).encode())

    def test_mixes_operations_on_one_connection(self):
        requests = [client.site_request(), client.resolution("88.118.8/SN1"),
                    client.resolution("88.118.8/long"), client.make_request(77, b""),
                    client.resolution("88.118.8/SN1")]
        site, found, long, unknown, again = self.tcp.ask_all(requests)
        self.assertTrue(site.answer.site)
        self.assert_is_sn1(found)
        self.assertEqual(len(long.value(1).data), LONG)
        self.assert_refused(unknown, 5)
        self.assert_is_sn1(again)

    def test_answers_what_was_asked_before_the_client_shut_its_side(self):
        request = client.resolution("88.118.8/SN1")
        self.tcp.send(request.encode())
        self.tcp.socket.shutdown(socket.SHUT_WR)
        self.assert_is_sn1(client.checked(request, self.tcp.receive()))
        self.assertTrue(self.tcp.is_closed_by_peer())

    def test_closes_without_answer_what_has_no_envelope(self):
        for octets in (b"\xff" * 20, b"GET / HTTP/1.1\r\n\r\n" + b" " * 20):
            with running.tcp() as tcp:
                tcp.send(octets)
                self.assertTrue(tcp.is_closed_by_peer())

    def test_answers_then_closes_when_the_length_is_wrong(self):
        for length in (0, 23, 262_145, 0x7FFFFFFF):
            with self.subTest(length), running.tcp() as tcp:
                octets = bytearray(client.resolution("88.118.8/SN1").encode())
                octets[16:20] = wire.number(length)
                tcp.send(bytes(octets))
                message = wire.Message.decode(tcp.receive())
                self.assertEqual(message.header.response_code, 4)
                self.assertEqual(message.envelope.request_id, int.from_bytes(octets[8:12], "big"))
                self.assertTrue(tcp.is_closed_by_peer())

    def test_closes_on_a_response(self):
        octets = bytearray(client.resolution("88.118.8/SN1").encode())
        octets[27] = 1
        self.tcp.send(bytes(octets))
        self.assertTrue(self.tcp.is_closed_by_peer())

    def test_answers_what_came_before_the_fault(self):
        request = client.resolution("88.118.8/SN1")
        self.tcp.send(request.encode() + b"\xff" * 20)
        self.assert_is_sn1(client.checked(request, self.tcp.receive()))
        self.assertTrue(self.tcp.is_closed_by_peer())

    def test_goes_on_after_a_body_that_cannot_be_read(self):
        bad = client.make_request(wire.RESOLUTION, wire.number(1000) + b"88.118.8/SN1")
        self.assert_refused(self.tcp.ask(bad), 4)
        self.assert_is_sn1(self.tcp.ask(client.resolution("88.118.8/SN1")))


class SlowPeers(Case):
    def setUp(self):
        self.node = self.enterContext(node.Node(
            registry, server_workers=1, server_tcp_progress_timeout_ms=1500,
            server_tcp_header_timeout_ms=400, server_tcp_idle_timeout_ms=4000,
            server_tcp_connections_per_address_max=3))

    def reader_that_does_not_read(self):
        """A connection whose answers stay where they are, and the requests it could send."""
        tcp = client.Tcp.__new__(client.Tcp)
        tcp.socket = socket.socket()
        tcp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tcp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        tcp.socket.settimeout(client.SECONDS_MAX)
        tcp.socket.connect(("127.0.0.1", self.node.tcp_port))
        return tcp

    def fill(self, tcp):
        """Sends requests until nobody takes them any more; how many were sent whole."""
        tcp.socket.settimeout(0.5)
        for sent in range(200_000):
            try:
                tcp.socket.sendall(client.resolution("88.118.8/longer").encode())
            except (TimeoutError, ConnectionError):  # Or closed already, on a slow machine.
                return sent
        return self.fail("the node reads without end")

    def resident_kib(self):
        status = Path(f"/proc/{self.node.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def test_are_not_read_from_without_end_and_closed_in_the_end(self):
        before = self.resident_kib()
        with self.reader_that_does_not_read() as slow:
            self.assertGreater(self.fill(slow), 20)
            if not node.is_sanitized():
                self.assertLess(self.resident_kib() - before, 16 * 1024)
            with self.node.tcp() as other:
                self.assert_is_sn1(other.ask(client.resolution("88.118.8/SN1")))
            self.node.wait_for_count("incident=closed_slow_reader", 1)

    def test_get_everything_when_they_read_in_time(self):
        with self.reader_that_does_not_read() as slow:
            requests = [client.resolution("88.118.8/longer") for _ in range(100)]
            slow.send(b"".join(request.encode() for request in requests))
            for request in requests:
                reply = client.checked(request, slow.receive())
                self.assertEqual(len(reply.value(1).data), TOO_LONG)

    def test_must_send_the_header_and_the_message_in_time(self):
        octets = client.padded(client.resolution("88.118.8/SN1"), 400).encode()
        for count, incident in ((30, "closed_slow_header"), (300, "closed_slow_message")):
            with self.subTest(incident), self.node.tcp() as tcp:
                tcp.send(octets[:count])
                self.assertTrue(tcp.is_closed_by_peer())
                self.node.wait_for_count(f"incident={incident}", 1)

    def test_are_closed_when_idle(self):
        with self.node.tcp() as tcp:
            self.assert_is_sn1(tcp.ask(client.resolution("88.118.8/SN1")))
            self.assertTrue(tcp.is_closed_by_peer())
        self.node.wait_for_count("incident=closed_idle", 1)

    def test_get_so_many_connections_and_no_more(self):
        held = [self.enterContext(self.node.tcp()) for _ in range(3)]
        for tcp in held:
            self.assert_is_sn1(tcp.ask(client.resolution("88.118.8/SN1")))
        with self.node.tcp() as further:
            self.assertTrue(further.is_closed_by_peer())
        self.node.wait_for_count("incident=connections_over_address_limit", 1)
        self.assert_is_sn1(held[0].ask(client.resolution("88.118.8/SN1")))


class Mutated(Case):
    COUNT = 4000

    def messages(self):
        """Recorded requests, changed, cut or lengthened at random; the same in every run."""
        recorded = [octets for folder in ("handle", "idis") for one in vectors(folder)
                    for octets in one.octets(">", ">|")]
        draw = random.Random(2641)
        for _ in range(self.COUNT):
            octets = bytearray(draw.choice(recorded))
            for _ in range(draw.randrange(5)):
                at = draw.randrange(len(octets))
                octets[at] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, octets[at] ^ 1 << at % 8))
            if draw.random() < 0.2:
                octets = octets[:draw.randrange(len(octets) + 1)]
            yield bytes(octets) + draw.randbytes(draw.choice((0, 0, 0, 7)))

    def test_messages_over_udp_leave_the_node_as_it_was(self):
        with running.udp() as udp:
            for number, octets in enumerate(self.messages()):
                udp.socket.sendto(octets, udp.address)
                if number % 50 == 0:
                    self.assert_is_sn1(udp.ask(client.resolution("88.118.8/SN1")))
        self.assert_is_sn1(running.ask("88.118.8/SN1"))

    def test_messages_over_tcp_leave_the_node_as_it_was(self):
        stream = self.messages()
        while group := list(itertools.islice(stream, 10)):
            with running.tcp() as tcp, contextlib.suppress(ConnectionError):
                tcp.send(b"".join(group))
                tcp.socket.shutdown(socket.SHUT_WR)
                while tcp.socket.recv(65_536):
                    pass
        self.assert_is_sn1(running.ask("88.118.8/SN1"))


class Ipv6(Case):
    def test_answers_like_ipv4(self):
        if not Path("/proc/net/if_inet6").exists() or \
                "00000000000000000000000000000001" not in Path("/proc/net/if_inet6").read_text():
            self.skipTest("this machine has no IPv6 loopback")
        with node.Node(registry, listen_udp=["[::1]:0"], listen_tcp=["[::1]:0"]) as one:
            with one.udp("::1") as udp, one.tcp("::1") as tcp:
                for connection in (udp, tcp):
                    self.assert_is_sn1(connection.ask(client.resolution("88.118.8/SN1")))


if __name__ == "__main__":
    node.main()
