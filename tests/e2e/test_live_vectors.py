#!/usr/bin/env python3
"""Live answers equal the recorded ones, with the records of the recordings imported."""
import base64
import json
import sys
import unittest
from dataclasses import astuple
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_wire as wire  # noqa: E402
import node  # noqa: E402
from dump_records import answered_values, dumped_records, seed_of_the_sdks, value_json  # noqa: E402
from vector_files import FOLDER, vector, vectors  # noqa: E402

HANDLE = """found_udp found_tcp not_found case_echo index index_and_type type_exact type_lowercase
    values_not_found zero_values_restricted_only hs_site slashless wrong_prefix restricted_noone
    multipacket_request_udp multipacket_response_udp""".split()
AS_RECORDED = """expired_request no_credential_length recursion_count udp_siteserial_old
    version_1_0 version_3_0""".split()
# Broken or unusual requests that are answered otherwise than by the peer that was recorded.
CODES = {"length_too_big": 4, "short_message": 4, "opcode_unknown": 5, "opcode_zero": 5,
         "udp_admin_create": 5, "verify_auth_bad": 5}
IDIS = {"caict_tcp_0[0-5]": 6, "caict_udp_0[01]": 2, "idp_anonymous_0[0-7]": 8,
        "*_00_site_info": 6}  # How many of each there are.
PRIVATE_BITS = 0x3


def header_of(octets):
    return wire.Header.decode(octets[wire.ENVELOPE.size:])


class Exchange:
    """One recorded exchange: packets to send and the whole answer that came."""

    def __init__(self, name, folder="handle"):
        recorded = vector(folder, name)
        self.name, self.transport = name, recorded.transport
        self.packets = recorded.octets(">", ">|")
        answer = recorded.octets("<")
        self.answer = answer[0] if answer else self.together(recorded.octets("<|"))

    @staticmethod
    def together(packets):
        parts, whole = wire.Reassembly(), None
        for packet in packets:
            whole = parts.add(packet)
        return whole

    @property
    def request_id(self):
        return wire.Envelope.decode(self.packets[0]).request_id

    def live(self, running):
        """The node's answer to the very octets recorded."""
        if self.transport == "tcp":
            with running.tcp() as tcp:
                tcp.send(b"".join(self.packets))
                return tcp.receive()
        with running.udp() as udp:
            for packet in self.packets:
                udp.socket.sendto(packet, udp.address)
            return udp.receive({self.request_id})


class Case(unittest.TestCase):
    def assert_equal_answers(self, exchange, live, sites_too=True):
        """Operation, code, ids, digest and content. Not version, expiration, error text."""
        recorded, live = wire.Message.decode(exchange.answer), wire.Message.decode(live)
        self.assertEqual(live.envelope.request_id, recorded.envelope.request_id)
        self.assertEqual(live.envelope.session_id, recorded.envelope.session_id)
        self.assertFalse(live.envelope.flags & wire.TRUNCATED)
        for field in ("operation", "response_code"):
            self.assertEqual(getattr(live.header, field), getattr(recorded.header, field), field)
        self.assertEqual(live.header.flags & wire.RRDG, recorded.header.flags & wire.RRDG)
        self.assert_equal_bodies(wire.Answer.decode(recorded), wire.Answer.decode(live),
                                 sites_too)

    def assert_equal_bodies(self, recorded, live, sites_too):
        self.assertEqual(live.digest, recorded.digest)
        self.assertEqual(live.handle, recorded.handle)
        self.assertEqual(by_index(live), by_index(recorded))
        if sites_too:
            self.assertEqual(live.site, recorded.site)
        else:
            self.assertEqual(live.site is None, recorded.site is None)


def as_first_recorded(records):
    """The peer changed value 7 of 88/hello between its first recorded answers and its dump."""
    first = next(value for value in answered_values("resolve_found_udp", "handle")
                 if value.index == 7)
    hello = next(record for record in records if record["handle"] == "88/HELLO")
    changed = [value for value in hello["values"] if value["index"] == 7]
    hello["values"] = [value for value in hello["values"] if value["index"] != 7]
    hello["values"].append(value_json(first))
    if changed == [value_json(first)]:
        raise AssertionError("the dump has the value as it was: nothing to set right")
    return records


def by_index(answer):
    if answer.values is None:
        return None
    return {value.index: astuple(value) for value in answer.values}


class OfHandleNet(Case):
    @classmethod
    def setUpClass(cls):
        registry = node.Registry()
        registry.load(as_first_recorded(dumped_records()), "--add-prefixes")
        cls.running = node.Node(registry)
        cls.running.start()
        cls.addClassCleanup(cls.running.stop)

    def test_resolutions(self):
        for name in HANDLE:
            with self.subTest(name):
                exchange = Exchange(f"resolve_{name}")
                self.assert_equal_answers(exchange, exchange.live(self.running))

    def test_requests_out_of_the_ordinary(self):
        for name in AS_RECORDED:
            with self.subTest(name):
                exchange = Exchange(f"raw_{name}")
                live = exchange.live(self.running)
                self.assert_equal_answers(exchange, live)
                self.assertEqual(live[0], exchange.answer[0])  # The major version is kept.

    def test_broken_requests(self):
        for name, code in CODES.items():
            with self.subTest(name):
                exchange = Exchange(f"raw_{name}")
                live = wire.Message.decode(exchange.live(self.running))
                self.assertEqual(live.header.response_code, code)
                self.assertEqual(live.envelope.request_id, exchange.request_id)
                if name != "short_message":
                    self.assertEqual(live.header.operation,
                                     header_of(exchange.packets[0]).operation)
                self.assertNotEqual(live.envelope.request_id, 0xFFFFFFFF)

    def test_two_requests_get_two_answers(self):
        exchange = Exchange("raw_keepalive_two_requests")
        self.assertEqual(len(exchange.packets), 2)
        with self.running.tcp() as tcp:
            tcp.send(b"".join(exchange.packets))
            answers = [tcp.receive(), tcp.receive()]
            self.assert_equal_answers(exchange, answers[0])
            self.assertEqual(wire.Envelope.decode(answers[1]).request_id, 2)
            self.assertEqual(wire.Answer.decode(wire.Message.decode(answers[1])).values,
                             wire.Answer.decode(wire.Message.decode(answers[0])).values)

    def test_garbage_is_not_answered(self):
        with self.running.tcp() as tcp:
            tcp.send(Exchange("raw_tcp_garbage").packets[0])
            self.assertTrue(tcp.is_closed_by_peer())

    def test_administration_is_not_offered(self):
        create, *answers = vector("handle", "raw_challenge_answer_replayed").octets(">")
        with self.running.tcp() as tcp:
            tcp.send(create)
            self.assertEqual(header_of(tcp.receive()).response_code, 5)
            for octets in answers:  # In a session that this node never opened.
                tcp.send(octets)
                self.assertEqual(header_of(tcp.receive()).response_code, 500)


class SiteFromAFile(Case):
    def test_is_served_as_it_is(self):
        exchange = Exchange("siteinfo")
        octets = wire.Message.decode(exchange.answer).body
        place = node.folder() / "site.json"
        place.write_text(json.dumps({"handle": "0.NA/88", "values": [
            {"index": 1, "type": "HS_SITE", "data": {
                "format": "base64", "value": base64.b64encode(octets).decode()}}]}))
        with node.Node(node.Registry(), site_record=str(place)) as running:
            live = exchange.live(running)
            self.assert_equal_answers(exchange, live)
            self.assertEqual(wire.Message.decode(live).body, octets)


class OfTheSdks(Case):
    @classmethod
    def setUpClass(cls):
        registry = node.Registry()
        registry.load(seed_of_the_sdks(), "--add-prefixes")
        cls.running = node.Node(registry)
        cls.running.start()
        cls.addClassCleanup(cls.running.stop)

    def names(self):
        counts = {pattern: sorted((FOLDER / "idis").glob(f"{pattern}*.txt")) for pattern in IDIS}
        self.assertEqual([len(found) for found in counts.values()], list(IDIS.values()))
        return sorted({path.stem for found in counts.values() for path in found})

    def test_answers(self):
        for name in self.names():
            with self.subTest(name):
                exchange = Exchange(name, "idis")
                self.assert_equal_answers(exchange, exchange.live(self.running), sites_too=False)

    def test_private_bits_are_clear(self):
        live = Exchange("caict_tcp_03_resolve_trusted_query", "idis").live(self.running)
        self.assertEqual(header_of(live).flags & PRIVATE_BITS, 0)

    def test_one_connection_is_enough_for_all(self):
        for family in ("caict_tcp", "idp_anonymous"):
            exchanges = [Exchange(name, "idis") for name in self.names()
                         if name.startswith(family)]
            with self.running.tcp() as tcp:
                for exchange in exchanges:
                    tcp.send(exchange.packets[0])
                    self.assert_equal_answers(exchange, tcp.receive(), sites_too=False)


class AllVectors(unittest.TestCase):
    def test_the_lists_name_files_that_are_there(self):
        names = {one.name.replace("-", "_").replace(".", "_") for one in vectors("handle")}
        wanted = ({f"resolve_{name}" for name in HANDLE} |
                  {f"raw_{name}" for name in [*AS_RECORDED, *CODES]})
        self.assertEqual(wanted - names, set())
        others = {name for name in names if name.startswith("raw_")} - wanted
        self.assertEqual(others, {"raw_keepalive_two_requests", "raw_tcp_garbage",
                                  "raw_challenge_answer_replayed"})


if __name__ == "__main__":
    node.main()
