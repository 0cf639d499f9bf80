#!/usr/bin/env python3
"""Instructions of one answered lookup, octets in to octets out, against the number that is kept.

    tests/bench/instructions_test.py BUILD_DIR

Counted by callgrind in the release build of tests/deploy, over 100,000 identifiers of mix 0 with a
fixed seed, so that the number does not depend on the machine's speed. More than 5 % beside
bench/results/instructions.json, either way, is a failure: write the new number there, and why it
changed into the commit.
"""
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "deploy"))

from release_copy import copy_of  # noqa: E402

KEPT = ROOT / "bench" / "results" / "instructions.json"
COUNT, QUERIES, WARM_UP, MARGIN = 100_000, 20_000, 256, 0.05


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True, timeout=300, **options)


class Instructions(unittest.TestCase):
    def setUp(self):
        self.release = copy_of(BUILD_DIR) / "build" / "release"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def make_registry(self):
        registry = self.folder / "registry"
        idnode, idgen = self.release / "admin-cli" / "idnode", self.release / "bench" / "idgen"
        # valgrind has no room for the default map.
        run(idnode, "init", "--registry", registry, "--map-size", "1G")
        rows = self.folder / "rows.csv"
        rows.write_text(run(idgen, "--mix", 0, "--count", COUNT).stdout, encoding="utf-8")
        maps = run(idgen, "--mix", 0, "--map").stdout.splitlines()
        run(idnode, "import", rows, "--registry", registry, "--sorted", "--add-prefixes", *maps)
        return registry

    def test_stay_as_they_were(self):
        bench = self.release / "bench" / "answer_bench"
        done = run("valgrind", "--tool=callgrind", f"--callgrind-out-file={self.folder}/counts",
                   "--toggle-collect=*answer_measured*", bench, "--registry",
                   self.make_registry(), "--mix", 0, "--count", COUNT, "--queries", QUERIES,
                   "--warm-up", WARM_UP, "--json")
        answered = json.loads(done.stdout)["answered"]
        collected = int(re.search(r"Collected : (\d+)", done.stderr)[1])
        # The lookups that warm up are counted too, and not among the answered.
        measured = collected / (answered + WARM_UP)
        kept = json.loads(KEPT.read_text(encoding="utf-8"))["instructions_per_lookup"]
        print(f"{measured:.0f} instructions a lookup, {kept} kept")
        self.assertAlmostEqual(measured, kept, delta=MARGIN * kept)


if __name__ == "__main__":
    BUILD_DIR = Path(sys.argv.pop(1))
    unittest.main()
