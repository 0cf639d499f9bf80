#!/usr/bin/env python3
"""import ∘ export is the identity on every record: a million mixed ones, generated, and some
thousand of every odd form. A sanitized build takes fewer."""
import base64
import itertools
import json
import os
import random
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

IDGEN = os.environ.get("IDGEN_BIN", str(node.ROOT / "build/release/bench/idgen"))
COUNT = 50_000 if node.is_sanitized() else 1_000_000
ODD = 2000
SECONDS = 1200


class Odd:
    """Records with every field at its limits, in every combination that chance brings."""

    TYPES = ("URL", "EMAIL", "URL.zh", "HS_SITE", "HS_ADMIN", "标识", "x" * 60)
    TEXTS = ("", "plain", "零件 🔩", "line\nbreak\t\"quoted\" \\ back", "\u2028\u00ad", "y" * 3000)
    SUFFIXES = ("SN{}", "sn{}", "a/b/{}", "零件{}", "x y{}", "{}" + "z" * 400, "{}é\"\\'{{}}")

    def __init__(self, seed):
        self.draw = random.Random(seed)

    def record(self, i):
        suffix = self.draw.choice(self.SUFFIXES).replace("{}", str(i), 1)
        indexes = sorted(self.draw.sample((1, 2, 3, 100, 300, 65_536, 2_147_483_647),
                                          self.draw.randrange(0, 7)))
        return {"handle": f"88.{self.draw.choice(('odd', 'Odd', '7.x-Y_z'))}/{suffix}",
                "values": [self.value(index) for index in indexes]}

    def value(self, index):
        draw = self.draw
        value = {"index": index, "type": draw.choice(self.TYPES), "data": self.data(),
                 "permissions": draw.choice(("1110", "0000", "1111", "0110", "11110000")),
                 "timestamp": f"20{draw.randrange(10, 38)}-02-28T23:59:{draw.randrange(60):02}Z"}
        value["ttl"] = draw.choice((86400, 0, 1, 4_294_967_295, "2037-01-01T00:00:00Z"))
        if draw.random() < 0.2:
            value["references"] = [{"handle": "88.odd/ü", "index": k} for k in range(3)]
        return value

    def data(self):
        if self.draw.random() < 0.3:
            octets = self.draw.randbytes(self.draw.choice((0, 1, 16, 700)))
            return {"format": "base64", "value": base64.b64encode(octets).decode()}
        return {"format": "string", "value": self.draw.choice(self.TEXTS)}


def octets_of(data):
    """Of a value's data, in whichever form it came."""
    if data["format"] == "base64":
        return base64.b64decode(data["value"])
    return data["value"].encode()


def comparable(record):
    """A record as exported and as made by hand, brought to one form."""
    return record["handle"], [
        (one["index"], one["type"], octets_of(one["data"]),
         int(one.get("permissions", "1110"), 2),
         one["ttl"], one.get("ttlType"), one["timestamp"], one.get("references", []))
        for one in record["values"]]


class Identity(unittest.TestCase):
    def setUp(self):
        self.place = node.folder()

    def loaded(self, name, *options):
        registry = node.Registry()
        outcome = registry.do("import", self.place / name, "--add-prefixes", "--json", *options,
                              seconds=SECONDS)
        return registry, outcome.json()

    def export(self, registry, name):
        registry.do("export", "--output", self.place / name, seconds=SECONDS)
        return (self.place / name).read_bytes()

    def test_on_a_million_generated_records(self):
        if not Path(IDGEN).exists():
            self.skipTest("the generator of bench/ is not built")
        for mix in (0, 3):
            with self.subTest(mix=mix):
                self.generate(mix, COUNT // 2)
                registry, counts = self.loaded("generated.jsonl", "--sorted")
                self.assertEqual(counts["added"], COUNT // 2)
                first = self.export(registry, f"first{mix}.jsonl")
                self.assert_same_records(f"first{mix}.jsonl")
                second, counts = self.loaded(f"first{mix}.jsonl")
                self.assertEqual(counts["added"], COUNT // 2)
                self.assertEqual(self.export(second, f"second{mix}.jsonl"), first)
                again = second.do("import", self.place / "generated.jsonl", "--json",
                                  seconds=SECONDS).json()
                self.assertEqual((again["unchanged"], again["commits"] >= 0), (COUNT // 2, True))
                second.do("verify", seconds=SECONDS)

    def generate(self, mix, count):
        with open(self.place / "generated.jsonl", "wb") as out:
            subprocess.run([IDGEN, "--mix", str(mix), "--count", str(count), "--format", "jsonl"],
                           stdout=out, check=True)

    def assert_same_records(self, name):
        """The export has the records that were generated, in their order."""
        with open(self.place / "generated.jsonl") as made, open(self.place / name) as exported:
            for number, (one, other) in enumerate(itertools.zip_longest(made, exported), 1):
                self.assertIsNotNone(one)
                self.assertIsNotNone(other)
                if one != other:
                    self.assertEqual(self.normal(one), self.normal(other), f"line {number}")

    @staticmethod
    def normal(line):
        record = json.loads(line)
        for value in record["values"]:
            if isinstance(value["data"], str):
                value["data"] = {"format": "string", "value": value["data"]}
            value.setdefault("ttl", 86400)
            value.setdefault("permissions", "1110")
        return record

    def test_on_records_of_odd_form(self):
        odd = Odd(11)
        made = {}
        for i in range(ODD):
            record = odd.record(i)
            made[record["handle"]] = record
        lines = "".join(json.dumps(record, ensure_ascii=i % 2 == 0) + "\n"
                        for i, record in enumerate(made.values()))
        (self.place / "odd.jsonl").write_text(lines)
        registry, counts = self.loaded("odd.jsonl")
        self.assertEqual((counts["added"], counts["rejected"]), (len(made), 0))
        first = self.export(registry, "first.jsonl")
        exported = [json.loads(line) for line in first.decode().split("\n") if line]
        self.assertEqual(len(exported), len(made))
        for record in exported:
            self.assertEqual(comparable(record), comparable(made[record["handle"]]))
        second, _ = self.loaded("first.jsonl", "--sorted")
        self.assertEqual(self.export(second, "second.jsonl"), first)
        registry.do("verify")


if __name__ == "__main__":
    node.main()
