#!/usr/bin/env python3
"""What goes on while an import runs: single changes get in, and a copy is of one moment."""
import contextlib
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
    """Writes sorted rows into the standard input of an import until it is told to end."""

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

    @contextlib.contextmanager
    def endless_import(self):
        """An import that has begun to commit, goes on meanwhile and ends well after it."""
        process = subprocess.Popen(
            [node.IDNODE, "import", "-", "--sorted", "--map", "identifier=88.118.8/{n}",
             "--map", "N@1={n}", "--registry", str(self.registry.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        feed, begun = Feed(process.stdin), self.journal_head()
        feed.start()
        try:
            node.until(lambda: self.journal_head() > begun + 1, "the import commits")
            yield
            self.assertIsNone(process.poll(), "the import has ended")
        finally:
            feed.ended.set()
            feed.join()
            out, err = process.communicate(timeout=node.SECONDS_MAX)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn(b"added", out)

    def test_twenty_puts_are_done_before_a_hundred_commits_of_an_import(self):
        with self.endless_import():
            before = self.journal_head()
            for i in range(PUTS):
                self.registry.put(f"88.2/{i}", "N@1=x")
            commits = self.journal_head() - before - PUTS
            node.until(lambda: self.journal_head() > before + PUTS + commits, "it goes on")
        self.assertLess(commits, COMMITS_MAX)
        self.registry.do("verify")
        print(f"{PUTS} puts within {commits} commits of the import")

    def test_a_copy_is_of_one_moment(self):
        place = node.folder() / "copy"
        with self.endless_import():
            before = self.registry.do("info", "--json").json()["identifiers"]
            self.registry.do("copy", place)
            after = self.registry.do("info", "--json").json()["identifiers"]
        self.assertEqual(node.run("verify", "--registry", place).code, 0)
        count = node.run("info", "--registry", place, "--json").json()["identifiers"]
        self.assertTrue(before <= count <= after, (before, count, after))
        listed = node.run("list", "88.118.8", "--limit", "1", "--from",
                          f"88.118.8/{count - 1:012}", "--registry", place)
        self.assertEqual((listed.out, listed.err), (f"88.118.8/{count - 1:012}\n", ""))


if __name__ == "__main__":
    node.main()
