#!/usr/bin/env python3
"""Single changes get in while an import runs."""
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

PUTS, COMMITS_MAX = 20, 100
BLOCK, BLOCKS_MAX = 20_000, 10_000  # Rows written at once; an end for the worst case.


class Feed(threading.Thread):
    """Writes sorted rows without end into the standard input of an import."""

    def __init__(self, pipe):
        super().__init__()
        self.pipe, self.ended = pipe, threading.Event()

    def run(self):
        try:
            self.pipe.write(b"n\n")
            for block in range(BLOCKS_MAX):
                if self.ended.is_set():
                    break
                self.pipe.write(b"".join(b"%012d\n" % (block * BLOCK + i) for i in range(BLOCK)))
            self.pipe.close()
        except BrokenPipeError:
            pass  # The import ended; its exit code tells.


class Fairness(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        for prefix in ("88.118.8", "88.2"):
            self.registry.do("prefix", "add", prefix)

    def journal_head(self):
        """Grows by one with each put, and with each commit of an import of one prefix."""
        return self.registry.do("info", "--json").json()["journalHead"]

    def test_twenty_puts_are_done_before_a_hundred_commits_of_an_import(self):
        process = subprocess.Popen(
            [node.IDNODE, "import", "-", "--sorted", "--map", "identifier=88.118.8/{n}",
             "--map", "N@1={n}", "--registry", str(self.registry.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        feed = Feed(process.stdin)
        feed.start()
        try:
            begun = self.journal_head()
            node.until(lambda: self.journal_head() > begun + 1, "the import commits")
            before = self.journal_head()
            for i in range(PUTS):
                self.registry.put(f"88.2/{i}", "N@1=x")
            commits = self.journal_head() - before - PUTS
            self.assertIsNone(process.poll(), "the import has ended")
        finally:
            feed.ended.set()
            feed.join()
        out, err = process.stdout.read(), process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=node.SECONDS_MAX), 0, err)
        self.assertIn(b"added", out)
        self.assertLess(commits, COMMITS_MAX)
        node.until(lambda: self.journal_head() > before + PUTS, "the import went on")
        self.registry.do("verify")
        print(f"{PUTS} puts within {commits} commits of the import")


if __name__ == "__main__":
    node.main()
