#!/usr/bin/env python3
"""Real identifiers: the DOIs of IDNODE_DOI_FILE, unpacked into one import, every row checked.

What is taken and what is rejected follows the rule of docs/operations.md, written here once more.
"""
import csv
import json
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_client as client  # noqa: E402
import handle_wire as wire  # noqa: E402
import node  # noqa: E402

FILE = os.environ.get("IDNODE_DOI_FILE")
FITS = re.compile(r"10\.[0-9]{4,9}/[!-~]+")
SEGMENT = re.compile(r"[0-9A-Za-z_-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
DOUBTFUL = (" ", "\u00ad", "\u00a0", "\u3000")
TIME = 1_700_000_000
WINDOW, RETRIES_MAX = 64, 20


def rows_of(text):
    """(line, fields) of each row behind the header; a row may go on over several lines."""
    reader = csv.reader([line + "\n" for line in text.split("\n")])
    header, line = next(reader), reader.line_num + 1
    for fields in reader:
        if fields:
            yield line, dict(zip(header, fields)) if len(fields) == len(header) else None
        line = reader.line_num + 1


def is_bad(doi):
    prefix, slash, suffix = doi.partition("/")
    return (not slash or not suffix or len(doi.encode()) > 480 or bool(CONTROL.search(doi)) or
            prefix != prefix.strip() or suffix != suffix.strip() or
            not all(SEGMENT.fullmatch(one) for one in prefix.split(".")))


def fold(doi):
    return "".join(c.upper() if c.isascii() else c for c in doi)


class Rows:
    """What must become of each row."""

    def __init__(self, text):
        self.rejected, self.doubtful, self.taken = set(), set(), {}
        self.asked, self.count = {}, 0
        for line, row in rows_of(text):
            self.count += 1
            if row is None or is_bad(row["doi"]) or fold(row["doi"]) in self.taken:
                self.rejected.add(line)
            else:
                self.taken[fold(row["doi"])] = row
                if any(sign in row["doi"] for sign in DOUBTFUL):
                    self.doubtful.add(line)
            if row is not None and FITS.fullmatch(row["doi"]):
                self.asked[row["doi"]] = self.taken[fold(row["doi"])]

    def answers(self):
        """The body of the answer to each DOI that fits, by DOI."""
        return {doi: body_of(doi, row) for doi, row in self.asked.items()}


def body_of(doi, row):
    values = [wire.Value(1, TIME, 0, 86400, 0x0E, "URL", b"https://doi.org/" + row["doi"].encode())]
    if row["journal"] not in ("", "NA"):
        values.append(wire.Value(2, TIME, 0, 86400, 0x0E, "JOURNAL", row["journal"].encode()))
    return wire.Answer(handle=doi, values=values).encode()


class Checking:
    """Asks for many identifiers with some outstanding, and compares each answer."""

    def __init__(self, answers, size):
        self.answers, self.size = list(answers.items()), size
        self.template = client.resolution("")
        self.wrong = []

    def request(self, number):
        doi = self.answers[number][0]
        body = wire.ResolutionRequest(doi).encode()
        message = wire.Message(wire.Envelope((2, 3), (2, 11), request_id=number + 1),
                               wire.Header(expiration=self.template.header.expiration), body)
        return client.padded(message, self.size).encode() if self.size else message.encode()

    def check(self, octets):
        """The number of the request that was answered."""
        number = int.from_bytes(octets[8:12], "big") - 1
        body = self.answers[number][1]
        if octets[20:28] != b"\0\0\0\1\0\0\0\1" or octets[44:44 + len(body)] != body or \
                len(octets) != 48 + len(body):
            self.wrong.append((self.answers[number][0], octets[20:].hex()))
        return number

    def over_tcp(self, tcp):
        sent = received = 0
        while received < len(self.answers):
            batch = range(sent, min(sent + WINDOW, len(self.answers)))
            tcp.send(b"".join(self.request(number) for number in batch))
            for number in batch:
                if self.check(tcp.receive()) != number:
                    raise AssertionError("answers out of order")
            sent = received = batch.stop
        return received

    def over_udp(self, udp):
        waiting, parts, answered, retries = set(), {}, 0, 0
        following = iter(range(len(self.answers)))
        udp.socket.settimeout(2.0)
        while True:
            while len(waiting) < WINDOW and (number := next(following, None)) is not None:
                waiting.add(number)
                self.send(udp, number)
            if not waiting:
                return answered
            try:
                octets = self.whole(udp.socket.recv(65_536), parts)
            except TimeoutError:  # The kernel may drop datagrams when the machine is busy.
                retries += 1
                if retries > RETRIES_MAX:
                    raise
                for number in waiting:
                    self.send(udp, number)
                continue
            if octets is not None and (number := self.check(octets)) in waiting:
                waiting.remove(number)
                answered += 1

    def send(self, udp, number):
        for packet in wire.packets_of(self.request(number)):
            udp.socket.sendto(packet, udp.address)

    @staticmethod
    def whole(packet, parts):
        if int.from_bytes(packet[16:20], "big") <= wire.UDP_PART:
            return packet
        request_id = packet[8:12]
        octets = parts.setdefault(request_id, wire.Reassembly()).add(packet)
        if octets is not None:
            del parts[request_id]
        return octets


@unittest.skipUnless(FILE, "IDNODE_DOI_FILE does not name the packed CSV")
class Dois(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        unpacked = subprocess.run(["zstd", "-dc", FILE], stdout=subprocess.PIPE, check=True)
        cls.rows = Rows(unpacked.stdout.decode())
        cls.registry = node.Registry()
        cls.rejects = node.folder() / "rejects.jsonl"
        unpacking = subprocess.Popen(["zstd", "-dc", FILE], stdout=subprocess.PIPE)
        began = time.monotonic()
        with unpacking:
            cls.loaded = cls.registry.run(
                "import", "-", "--map", "identifier={doi}", "--map",
                "URL@1=https://doi.org/{doi}", "--map", "JOURNAL@2={journal}", "--map",
                f"timestamp={TIME}", "--null", "NA", "--add-prefixes", "--rejects", cls.rejects,
                "--json", stdin=unpacking.stdout, seconds=1200)
        print(f"{cls.rows.count} rows loaded in {time.monotonic() - began:.1f} s")

    def test_every_row_is_taken_or_rejected_by_the_rule(self):
        self.assertEqual(self.loaded.code, 1, self.loaded.err)
        counts = self.loaded.json()
        self.assertGreater(self.rows.count, 200_000)
        self.assertEqual((counts["rows"], counts["added"], counts["rejected"]),
                         (self.rows.count, len(self.rows.taken), len(self.rows.rejected)))
        lines = [json.loads(line) for line in self.rejects.read_text().splitlines()]
        self.assertEqual({one["line"] for one in lines if "accepted" not in one},
                         self.rows.rejected)
        self.assertEqual({one["line"] for one in lines if "accepted" in one}, self.rows.doubtful)
        self.assertTrue(all(one["reason"] for one in lines))
        self.registry.do("verify", seconds=1200)

    def test_every_doi_that_fits_resolves(self):
        answers = self.rows.answers()
        self.assertGreater(len(answers), 200_000)
        with node.Node(self.registry) as running:
            for name, size in (("udp", 0), ("tcp", 0), ("fragmented udp", 600)):
                with self.subTest(name), (running.tcp() if name == "tcp" else
                                          running.udp()) as connection:
                    checking, began = Checking(answers, size), time.monotonic()
                    ask = checking.over_tcp if name == "tcp" else checking.over_udp
                    self.assertEqual(ask(connection), len(answers))
                    self.assertEqual(checking.wrong[:5], [])
                    print(f"{len(answers)} answers over {name} right, "
                          f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    node.main()
