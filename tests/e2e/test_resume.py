#!/usr/bin/env python3
"""Sorted imports that are killed and gone on with, and packed input, by the commands themselves.

4 kills for each form of input, or as many more as IDNODE_KILL_ROUNDS says above 20.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import node  # noqa: E402

ROUNDS = max(4, int(os.environ.get("IDNODE_KILL_ROUNDS", "20")) // 5)
ROWS = 50_000 if node.is_sanitized() else 500_000
MAP = ["--map", "identifier=88.118.8/{n}", "--map", "URL@1=https://example.org/{n}",
       "--map", "MODEL@2={m}"]
USAGE = 2


def csv_row(i):
    bad = ",too,many" if i % 1000 == 7 else ""
    return f"{i:08},model {i % 977}{bad}\n"


def json_row(i):
    index = 0 if i % 1000 == 7 else 1
    return json.dumps({"handle": f"88.118.8/{i:08}", "values": [
        {"index": index, "type": "MODEL", "data": f"model {i % 977}", "timestamp": 1}]}) + "\n"


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


class Resume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.csv = ("n,m\n" + "".join(csv_row(i) for i in range(ROWS))).encode()
        cls.json = "".join(json_row(i) for i in range(ROWS)).encode()

    def setUp(self):
        self.registry = node.Registry()
        self.registry.do("prefix", "add", "88.118.8")
        self.place = node.folder()
        self.bad = self.place / "bad.jsonl"

    def write(self, name, data):
        path = self.place / name
        path.write_bytes(data)
        return path

    def start(self, words, stdin):
        with open(stdin or os.devnull, "rb") as data:
            return subprocess.Popen(
                [node.IDNODE, "import", *map(str, words), "--sorted", "--json", "--rejects",
                 str(self.bad), "--registry", str(self.registry.path)], stdin=data,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def unfinished(self):
        return self.registry.do("info", "--json").json().get("import")

    def kill_until_done(self, words, stdin=None):
        draw, kills, resume = random.Random(str(words[0])[-5:]), 0, []
        while True:
            began = time.monotonic()
            process = self.start([*words, *resume], stdin)
            try:
                process.wait(None if kills >= ROUNDS else draw.uniform(0.02, 0.6))
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
            out, err = process.communicate()
            node.assert_no_report(err.decode())
            if process.returncode != -9:
                self.assertEqual(process.returncode, 1, err.decode())
                return json.loads(out)
            self.registry.do("verify")
            state = self.unfinished()
            if state:
                self.assertFalse(state["running"])
            elif len(self.registry.do("list", "88.118.8", "--limit", 1).out) > 0:
                return None  # Killed behind its last commit.
            resume = ["--resume"] if state else []
            self.assertLess(time.monotonic() - began, node.SECONDS_MAX)

    def assert_all_there(self, counts, octets):
        bad = ROWS // 1000
        if counts:
            wanted = {"rows": ROWS, "bytes": octets, "added": ROWS - bad, "rejected": bad,
                      "unchanged": 0}
            self.assertEqual({name: counts[name] for name in wanted}, wanted)
        told = node.json_lines(self.bad.read_text())
        self.assertEqual([one["line"] for one in told], sorted({one["line"] for one in told}))
        self.assertEqual(len(told), bad)
        report = self.registry.do("verify", "--json").json()
        self.assertEqual(report["identifiers"], ROWS - bad)
        self.assertIsNone(self.unfinished())

    def test_csv_files(self):
        self.assert_all_there(self.kill_until_done([self.write("a.csv", self.csv), *MAP]),
                              len(self.csv))

    def test_csv_from_standard_input(self):
        rows = self.write("rows", self.csv)
        self.assert_all_there(self.kill_until_done(["-", *MAP], rows), len(self.csv))

    def test_json_lines_packed_with_zstd(self):
        half = self.json.index(b"\n", len(self.json) // 2)
        packed = zstd(self.json[:half]) + zstd(self.json[half:])
        self.assert_all_there(self.kill_until_done([self.write("a.jsonl.zst", packed)]),
                              len(self.json))

    def test_csv_packed_with_gzip(self):
        packed = self.write("a.csv.gz", gzip.compress(self.csv, 1))
        self.assert_all_there(self.kill_until_done([packed, *MAP]), len(self.csv))


class Packed(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.do("prefix", "add", "88.118.8")
        self.place = node.folder()
        self.rows = "".join(json_row(i) for i in range(100, 107)).encode()

    def test_is_known_by_its_content_on_standard_input_too(self):
        for data in (gzip.compress(self.rows), zstd(self.rows)):
            outcome = self.registry.do("import", "-", "--json", data=data)
            self.assertEqual(outcome.json()["rows"], 7)
        (self.place / "plain.gz").write_bytes(self.rows)
        self.registry.do("import", self.place / "plain.gz")
        self.assertEqual(len(self.registry.export()), 7)

    def test_cut_short_is_one_error_with_the_count_taken_and_can_be_gone_on_with(self):
        rows = "".join(json_row(i) for i in range(20_000) if i % 1000 != 7).encode()
        packed = gzip.compress(rows)
        path = self.place / "rows.jsonl.gz"
        path.write_bytes(packed[:len(packed) // 2])
        outcome = self.registry.run("import", path, "--sorted")
        self.assertEqual(outcome.code, USAGE)
        there = len(self.registry.export())
        self.assertGreater(there, 0)
        self.assertIn(f"{path}: is cut short: the gzip data end in the middle ({there} records "
                      "before it are in the registry)", outcome.err)
        info = self.registry.do("info").out
        self.assertRegex(info, rf"import +of .*rows.jsonl.gz, {there} rows so far: broken off")
        path.write_bytes(packed)
        counts = self.registry.do("import", path, "--sorted", "--resume", "--json").json()
        self.assertEqual((counts["added"], counts["unchanged"]), (19_980, 0))
        outcome = self.registry.run("import", path, "--sorted", "--resume")
        self.assertEqual(outcome.code, USAGE)
        self.assertIn("there is no import to go on with", outcome.err)

    def test_damaged_is_one_error(self):
        path = self.place / "rows.jsonl.zst"
        packed = bytearray(zstd(self.rows))
        packed[-1] ^= 1
        path.write_bytes(packed)
        for options in ([], ["--sorted"]):
            outcome = self.registry.run("import", path, *options)
            self.assertEqual(outcome.code, USAGE)
            self.assertIn("rows.jsonl.zst: the zstd data are damaged", outcome.err)
            self.assertEqual(self.registry.export(), {})


if __name__ == "__main__":
    node.main()
