#!/usr/bin/env python3
"""Readers ask while records change: each answer is one state or the other, and never goes back.

For 10 seconds, or as many as IDNODE_LOAD_SECONDS says.
"""
import multiprocessing
import os
import random
import sys
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_client as client  # noqa: E402
import handle_wire as wire  # noqa: E402
import node  # noqa: E402

SECONDS = float(os.environ.get("IDNODE_LOAD_SECONDS", "10"))
READERS, COUNT = 4, 600
PUT, DELETED, SUSPENDED = "88.118.8/put{}", "88.118.8/del{}", "88.2/s{}"


def record(identifier, generation):
    """Values of very different sizes that only make sense together."""
    text = str(generation)
    return {"handle": identifier, "values": [
        {"index": 1, "type": "A", "data": text},
        {"index": 2, "type": "B", "data": f"{text}{'.' * (generation % 700)}"},
        {"index": 900, "type": "C", "data": text}]}


def records(generation):
    return [record(PUT.format(i), generation) for i in range(COUNT)]


class Reader:
    """Asks at random until the time is over, over both transports."""

    def __init__(self, ports, seed, ends):
        self.ports, self.draw, self.ends = ports, random.Random(seed), ends
        self.seen, self.counts = {}, {}

    def run(self):
        with client.Udp("127.0.0.1", self.ports[0]) as udp, \
                client.Tcp("127.0.0.1", self.ports[1]) as tcp:
            while time.monotonic() < self.ends:
                for reply in [udp.ask(self.question()),
                              *tcp.ask_all([self.question() for _ in range(16)])]:
                    self.judge(reply)
        return self.counts

    def question(self):
        kind = self.draw.choice((PUT, PUT, DELETED, SUSPENDED))
        count = COUNT if kind == PUT else 5
        self.asked = client.resolution(kind.format(self.draw.randrange(count)))
        return self.asked

    def judge(self, reply):
        self.counts[reply.code] = self.counts.get(reply.code, 0) + 1
        if reply.code == wire.SUCCESS:
            return self.judge_values(reply.answer)
        if reply.code not in (100, 401):
            raise AssertionError(f"code {reply.code}: {reply.answer.text}")
        return None

    def judge_values(self, answer):
        texts = [value.data.decode() for value in answer.values]
        generations = {int(text.rstrip(".")) for text in texts}
        if [value.index for value in answer.values] != [1, 2, 900] or len(generations) != 1:
            raise AssertionError(f"{answer.handle}: half a record: {texts}")
        generation = generations.pop()
        if texts[1].count(".") != generation % 700:
            raise AssertionError(f"{answer.handle}: {texts[1]!r}")
        if generation < self.seen.get(answer.handle, 0):
            raise AssertionError(f"{answer.handle} went back to {generation}")
        self.seen[answer.handle] = generation


def read(ports, seed, ends, results):
    try:
        results.put(Reader(ports, seed, ends).run())
    except (AssertionError, OSError, EOFError, wire.Malformed) as error:
        results.put(f"{type(error).__name__}: {error}")


class UnderLoad(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.load(records(1) + [record(form.format(i), 1) for i in range(5)
                                         for form in (DELETED, SUSPENDED)], "--add-prefixes")

    def test_answers_are_one_state_or_the_other(self):
        with node.Node(self.registry, registry_index_check=True) as running:
            results = multiprocessing.Queue()
            ends = time.monotonic() + SECONDS
            ports = (running.udp_port, running.tcp_port)
            readers = [multiprocessing.Process(target=read, args=(ports, i, ends, results))
                       for i in range(READERS)]
            for one in readers:
                one.start()
            changes = self.write(ends)
            answers = [results.get(timeout=node.SECONDS_MAX) for _ in readers]
            for one in readers:
                one.join(timeout=node.SECONDS_MAX)
        self.assertEqual([one for one in answers if isinstance(one, str)], [])
        counts = {code: sum(one.get(code, 0) for one in answers) for code in (1, 100, 401)}
        print(f"{changes} changes, answers by code: {counts}")
        self.assertGreater(counts[1], 1000 if SECONDS >= 10 else 0)
        self.assertGreater(counts[100], 0)
        self.assertGreater(counts[401], 0)
        self.registry.do("verify")

    def write(self, ends):
        draw, generation = random.Random(99), 1
        while time.monotonic() < ends or generation < 3:
            generation += 1
            self.registry.load(records(generation), "--existing", "replace")
            for _ in range(3):
                generation += 1
                self.registry.load([record(PUT.format(draw.randrange(COUNT)), generation)],
                                   "--existing", "replace")
            name = DELETED.format(draw.randrange(5))
            self.registry.do("delete", name)
            self.registry.do("prefix", "suspend", "88.2", "--reason", "load")
            self.registry.load([record(name, generation)])
            self.registry.do("prefix", "resume", "88.2")
        return generation


if __name__ == "__main__":
    node.main()
