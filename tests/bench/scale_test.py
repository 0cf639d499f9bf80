#!/usr/bin/env python3
"""bench/scale/run.sh and bench/plot.py, small: tests/bench/scale_test.py BUILD_DIR"""
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else ROOT / "build/release"
COUNT = 20_000
SECONDS_MAX = 120
QUICK = ["--no-dry-run", "--threads", "4", "--settle", "0", "--seconds", "0.1", "--rounds", "1",
         "--queries", "2000"]


class ScaleTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="idnode-scale-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.work = self.folder / "work"
        self.result = self.folder / "result.json"

    def scale(self, *words, count=COUNT):
        return subprocess.run([ROOT / "bench/scale/run.sh", str(count), "--build", BUILD, "--dir",
                               self.work, "--result", self.result, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS_MAX, check=False)

    def check_result(self, result, mix):
        self.assertEqual((result["mix"], result["identifiers"]), (mix, COUNT))
        self.assertEqual(result["size"]["identifiers"], COUNT)
        self.assertAlmostEqual(result["size"]["bytes_per_identifier"],
                               result["size"]["used_bytes"] / COUNT, places=3)
        self.assertTrue(result["verify"]["clean"])
        self.assertGreater(result["lookup_in_memory"]["ns_per_lookup"]["median"], 0)
        self.assertGreaterEqual(result["lookup_in_memory"]["answered"], 1_700)
        readers = result["lookup_many_readers"]
        self.assertEqual(readers["threads"], 4)
        self.assertGreater(readers["per_second"], 0)
        self.assertIn("disk_direct_4k", result)
        for name in ("command", "commit", "machine"):
            self.assertTrue(result[name])

    def test_runs_in_the_background_with_a_dry_run_first(self):
        quick = [word for word in QUICK if word != "--no-dry-run"]
        started = self.scale(*quick)
        self.assertEqual(started.returncode, 0, started.stdout)
        self.assertIn(str(self.work / "log"), started.stdout)
        deadline = time.monotonic() + SECONDS_MAX
        while [file.name for file in self.work.iterdir()] != ["log"]:
            self.assertLess(time.monotonic(), deadline, (self.work / "log").read_text())
            time.sleep(0.05)
        result = json.loads(self.result.read_text())
        self.check_result(result, 0)
        self.assertGreater(result["load"]["rows_per_second"], 0)
        self.assertTrue(result["dry_run"]["verify"]["clean"])

    def load_a_part(self, rows):
        """As a run that was killed leaves it."""
        registry = self.work / "run" / "registry"
        registry.parent.mkdir(parents=True)
        idnode, idgen = BUILD / "admin-cli/idnode", [BUILD / "bench/idgen", "--mix", "3", "--count",
                                                     str(COUNT)]
        subprocess.run([idnode, "init", "--registry", registry], check=True,
                       stdout=subprocess.DEVNULL)
        mapping = subprocess.run([*idgen, "--map"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.splitlines()
        text = subprocess.run([*idgen, "--rows", str(rows)], check=True,
                              stdout=subprocess.PIPE).stdout
        subprocess.run([idnode, "import", "-", "--format", "csv", "--registry", registry,
                        "--sorted", "--add-prefixes", *mapping], check=True, input=text,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return registry

    def test_works_in_slices_and_goes_on_where_a_run_was_broken_off(self):
        registry = self.load_a_part(7_000)
        (registry.parent / "state.json").write_text(json.dumps(
            {"loads": [{"first": 0, "rows": 6_000, "seconds": 1.0, "whole": False}]}))
        done = self.scale(*QUICK, "--foreground", "--mix", "3", "--slice", "6000", "--keep")
        self.assertEqual(done.returncode, 0, done.stdout)
        result = json.loads(self.result.read_text())
        self.check_result(result, 3)
        self.assertEqual((result["load"]["slices"], result["load"]["broken_off"]), (3, 1))
        self.assertGreater(result["load"]["rows_per_second"], 0)
        self.assertGreater(result["load"]["seconds"], 1)
        self.assertTrue((registry / "data.mdb").exists())
        self.check_plot()

    def test_goes_on_when_all_is_loaded_and_nothing_was_noted(self):
        self.load_a_part(COUNT)
        done = self.scale(*QUICK, "--foreground", "--mix", "3")
        self.assertEqual(done.returncode, 0, done.stdout)
        result = json.loads(self.result.read_text())
        self.check_result(result, 3)
        self.assertEqual((result["load"]["slices"], result["load"]["rows_per_second"]), (0, None))

    def check_plot(self):
        picture = self.folder / "plot.svg"
        subprocess.run([ROOT / "bench/plot.py", "--out", picture, self.result], check=True)
        names = [element.tag.rpartition("}")[2] for element in ElementTree.parse(picture).iter()]
        self.assertEqual(names.count("polyline"), 2)

    def test_refuses_without_room_on_the_disk(self):
        refused = self.scale(*QUICK, count=10**15)
        self.assertEqual(refused.returncode, 3, refused.stdout)
        self.assertIn("bytes free", refused.stdout)

    def test_refuses_a_directory_of_another_set_or_in_use(self):
        self.work.mkdir()
        (self.work / "set").write_text("mix 1, 5 identifiers\n")
        refused = self.scale(*QUICK)
        self.assertEqual(refused.returncode, 3, refused.stdout)
        self.assertIn("mix 1, 5 identifiers", refused.stdout)
        lock = os.open(self.work / "lock", os.O_RDWR | os.O_CREAT)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = self.scale(*QUICK)
        self.assertEqual(refused.returncode, 3, refused.stdout)
        self.assertIn("under way", refused.stdout)

    def test_a_wrong_answer_ends_it(self):
        """A registry of another set with as many identifiers."""
        self.assertEqual(self.scale(*QUICK, "--foreground", "--keep").returncode, 0)
        (self.work / "run" / "state.json").write_text('{"loads": [], "verify": {}}')
        (self.work / "set").write_text(f"mix 1, {COUNT} identifiers\n")
        failed = self.scale(*QUICK, "--foreground", "--mix", "1")
        self.assertEqual(failed.returncode, 3, failed.stdout)
        self.assertIn("a wrong answer", failed.stdout)


if __name__ == "__main__":
    unittest.main()
