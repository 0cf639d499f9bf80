#!/usr/bin/env python3
"""Writers killed at random moments: no acknowledged change is lost, none is half there.

20 rounds, or as many as IDNODE_KILL_ROUNDS says; the same moments in every run, as far as the
machine lets them be.
"""
import json
import os
import random
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

ROUNDS = int(os.environ.get("IDNODE_KILL_ROUNDS", "20"))
COUNT = 4000  # Records of an import.


def values_of(generation):
    """Three values that only make sense together."""
    return [f"A@1={generation}", f"B@2={generation}", f"C@3={generation}{'.' * 200}"]


def generation_of(record):
    """Of a record in JSON; fails when its values are of different ones."""
    texts = [one["data"]["value"].rstrip(".") for one in record["values"]]
    if len(texts) != 3 or len(set(texts)) != 1:
        raise AssertionError(f"half a record: {record}")
    return int(texts[0])


class Killed(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.do("prefix", "add", "88.118.8")
        self.file = node.folder() / "rows.csv"
        self.known = {}      # Identifier → generation that was acknowledged.
        self.kills = 0

    def start(self, *words):
        return subprocess.Popen([node.IDNODE, *words, "--registry", str(self.registry.path)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def put(self, identifier, generation):
        words = [word for value in values_of(generation) for word in ("--value", value)]
        return self.start("put", identifier, *words, "--replace")

    def load(self, generation):
        """An import that replaces all records, half of which may be there."""
        rows = [f"{i:05},{generation}\n" for i in range(COUNT)]
        self.file.write_text("n,g\n" + "".join(rows))
        return self.start("import", str(self.file), "--existing", "replace", "--map",
                          "identifier=88.118.8/{n}", "--map", "A@1={g}", "--map", "B@2={g}",
                          "--map", "C@3={g}" + "." * 200)

    def seconds_of(self, start, *arguments):
        began = time.monotonic()
        self.assertTrue(self.ends_well(start(*arguments), None))
        return time.monotonic() - began

    def ends_well(self, process, seconds):
        """Waits so long, then kills; whether the process had acknowledged its work."""
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            self.kills += 1
        out, err = process.communicate()
        self.assertIn(process.returncode, (0, -9), err.decode())
        node.assert_no_report(err.decode())
        return b"added" in out or b"replaced" in out

    def found(self):
        exported = self.registry.do("export").lines()
        return {record["handle"]: generation_of(record) for record in exported}

    def assert_whole(self, names, generation, acknowledged):
        """Names have the generation of this round, or, when it was not acknowledged, the last."""
        found = self.found()
        for name in names:
            states = {generation} if acknowledged else {generation, self.known.get(name)}
            self.assertIn(found.get(name), states, name)
        untouched = self.known.keys() - set(names)
        self.assertEqual({name: found.get(name) for name in untouched},
                         {name: self.known[name] for name in untouched})
        self.known = found
        report = self.registry.run("verify", "--json")
        self.assertEqual(report.code, 0, report.out)
        self.assertEqual(report.json()["identifiers"], len(found))

    def test_puts(self):
        span = self.seconds_of(self.put, "88.118.8/first", 0)
        self.known = self.found()
        draw = random.Random(1)
        for generation in range(1, ROUNDS + 1):
            name = f"88.118.8/{draw.randrange(8)}"
            acknowledged = self.ends_well(self.put(name, generation), draw.uniform(0, span * 1.2))
            self.assert_whole([name], generation, acknowledged)
        self.assertGreater(self.kills, 0)

    def test_imports(self):
        span = self.seconds_of(self.load, 0)
        self.known = self.found()
        self.assertEqual(len(self.known), COUNT)
        names = list(self.known)
        self.assertTrue(self.ends_well(self.put("88.118.8/aside", 7), None))
        self.known["88.118.8/aside"] = 7
        draw = random.Random(2)
        for generation in range(1, ROUNDS + 1):
            acknowledged = self.ends_well(self.load(generation), draw.uniform(0, span * 1.2))
            self.assert_whole(names, generation, acknowledged)
        self.assertGreater(self.kills, 0)
        self.assertTrue(self.ends_well(self.load(ROUNDS + 1), None))
        self.assert_whole(names, ROUNDS + 1, True)

    def test_imports_of_many_transactions(self):
        """Into an empty registry, again and again, until one gets through."""
        rows = 40_000 if node.is_sanitized() else 400_000
        with open(self.file, "w") as out:
            for i in range(rows):
                out.write(json.dumps({"handle": f"88.118.8/{i:07}", "values": [
                    {"index": k, "type": "A", "data": "5", "timestamp": 1} for k in (1, 2, 3)]}))
                out.write("\n")
        self.file = self.file.rename(self.file.with_suffix(".jsonl"))
        draw, before = random.Random(3), 0
        for attempt in range(6):
            process = self.start("import", str(self.file), "--sorted")
            done = self.ends_well(process, None if attempt == 5 else draw.uniform(0.05, 1.5))
            found = self.found()
            self.assertGreaterEqual(len(found), before)  # What was committed stays.
            self.assertEqual(set(found.values()) - {5}, set())
            self.assertEqual(list(found), [f"88.118.8/{i:07}" for i in range(len(found))])
            self.registry.do("verify")
            before = len(found)
            if done:
                break
        self.assertEqual(before, rows)


if __name__ == "__main__":
    node.main()
