#!/usr/bin/env python3
"""--background: the commands that work long take a processor only while nothing else wants it."""
import contextlib
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

DONE = 0
RECORD = {"handle": "88.118.8/1", "values": [
    {"index": 1, "type": "N", "data": "x", "timestamp": "2023-11-14T22:13:20Z"}]}


class Background(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.do("prefix", "add", "88.118.8")

    def policies(self, *options):
        """How the threads of an import that waits for rows are scheduled."""
        with subprocess.Popen(
                [node.IDNODE, "import", "-", "--format", "jsonl", "--sorted", "--registry",
                 str(self.registry.path), *options], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE) as process:
            tasks = Path(f"/proc/{process.pid}/task")
            node.until(lambda: len(list(tasks.iterdir())) > 1, "a thread that reads ahead")
            found = {os.sched_getscheduler(int(task.name)) for task in tasks.iterdir()}
            process.communicate((json.dumps(RECORD) + "\n").encode())
            self.assertEqual(process.returncode, DONE)
        return found

    def test_lets_everything_else_go_first(self):
        self.assertEqual(self.policies("--background"), {os.SCHED_IDLE})
        self.assertEqual(self.policies("--existing", "keep"), {os.SCHED_OTHER})

    def test_is_there_for_all_that_works_long(self):
        self.registry.load([RECORD])
        for command in (["verify"], ["export"], ["copy", str(node.folder() / "copy")]):
            self.assert_lets_others_go_first(*command, "--background")

    def assert_lets_others_go_first(self, *words):
        """Of a process whose output nobody takes: it waits at its end, and is looked at."""
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(write_end, b"x" * 4096)
        os.set_blocking(write_end, True)
        with subprocess.Popen([node.IDNODE, *words, "--registry", str(self.registry.path)],
                              stdout=write_end, stderr=subprocess.DEVNULL) as process:
            os.close(write_end)
            node.until(lambda: os.sched_getscheduler(process.pid) == os.SCHED_IDLE, words)
            with open(read_end, "rb") as output:
                output.read()
            self.assertEqual(process.wait(), DONE, words)


if __name__ == "__main__":
    node.main()
