#!/usr/bin/env python3
"""Single changes beside a serving node: each is answered by the next question over UDP.

200 of `idnode put` and `idnode delete` in a row at 100,000 identifiers, half of them dense serial
numbers. IDNODE_PUT_COUNT says how many, IDNODE_PUT_IDENTIFIERS in what registry.
"""
import os
import random
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

COUNT = int(os.environ.get("IDNODE_PUT_COUNT", "200"))
IDENTIFIERS = int(os.environ.get("IDNODE_PUT_IDENTIFIERS", "100000"))
SEED = int(os.environ.get("IDNODE_PUT_SEED", "5"))
SECONDS = 60 + IDENTIFIERS / 20_000  # For the load, at worst.
ROWS_AT_ONCE = 20_000
STEP = 7919
NOT_FOUND = 100
TEXT = "https://e.example/"
MAPS = ("--map", "identifier={id}", "--map", f"URL@1={TEXT}{{id}}", "--map", "NOTE@2={note}")


def dense(i):
    return f"88.118.8/SN2023A{i:09}"


def sparse(i):
    """Ascends with `i`, with gaps that no step explains."""
    return f"88.200.1/{i * STEP + i * i % (STEP - 12):012}"


def rows(form, count):
    """CSV in order; each tenth number stays free, each twentieth record has a value of its own."""
    for first in range(0, count, ROWS_AT_ONCE):
        yield "".join(f"{form(i)},{'own' if i % 20 == 1 else ''}\n"
                      for i in range(first, min(first + ROWS_AT_ONCE, count)) if i % 10)


def write_rows(out, count):
    out.write(b"id,note\n")
    for form in (dense, sparse):
        for text in rows(form, count):
            out.write(text.encode())
    out.close()


def load(registry, identifiers):
    """That many, in order, through a pipe."""
    command = [node.IDNODE, "import", "-", "--format", "csv", "--sorted", "--add-prefixes", *MAPS,
               "--registry", str(registry.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as loading:
        write_rows(loading.stdin, identifiers * 10 // 18)
        if loading.wait(timeout=SECONDS) != 0:
            raise AssertionError(f"the import ended with {loading.returncode}")


class Puts(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        load(self.registry, IDENTIFIERS)
        self.slots = IDENTIFIERS * 10 // 18
        self.draw = random.Random(SEED)
        self.changed = {}  # What was put, by identifier; None: deleted.
        self.took = []

    def test_are_answered_by_the_next_question(self):
        with node.Node(self.registry, registry_index_check=node.is_sanitized()) as running, \
                running.udp() as udp:
            for number in range(COUNT):
                self.change(number)
                self.ask(udp, self.asked)
                self.ask(udp, self.draw.choice((dense, sparse))(self.draw.randrange(self.slots)))
            for identifier in self.changed:
                self.ask(udp, identifier)
        self.registry.do("verify", seconds=SECONDS)
        self.took.sort()
        milliseconds = [f"{1000 * self.took[len(self.took) * part // 100]:.1f}"
                        for part in (50, 99)] + [f"{1000 * self.took[-1]:.1f}"]
        print(f"seed {SEED}: {COUNT} changes at {IDENTIFIERS} identifiers, each answered by the "
              f"next question; a change took {' / '.join(milliseconds)} ms (median / p99 / most)")

    def change(self, number):
        slot = self.draw.randrange(self.slots)
        self.asked = self.draw.choice((dense, sparse))(slot)
        if number % 4 == 3:
            self.asked = self.draw.choice(list(self.changed))
        deletes = number % 8 == 3 and self.changed[self.asked] is not None
        begun = time.monotonic()
        if deletes:
            self.registry.do("delete", self.asked)
        else:
            self.registry.do("put", self.asked, "--replace", "--value", f"URL@1=change {number}",
                             "--value", f"EMAIL@7={self.asked}")
        self.took.append(time.monotonic() - begun)
        self.changed[self.asked] = None if deletes else f"change {number}"

    def ask(self, udp, identifier):
        reply = udp.ask(client.resolution(identifier))
        if identifier in self.changed:
            text = self.changed[identifier]
            self.assertEqual(reply.code, NOT_FOUND if text is None else wire.SUCCESS)
            if text is not None:
                self.assertEqual(reply.value(1).data, text.encode())
                self.assertEqual(reply.value(7).data, identifier.encode())
            return
        there = self.was_loaded(identifier)
        self.assertEqual(reply.code, wire.SUCCESS if there else NOT_FOUND, identifier)
        if there:
            self.assertEqual(reply.value(1).data, (TEXT + identifier).encode())

    def was_loaded(self, identifier):
        """Each tenth number was left out."""
        prefix, _, suffix = identifier.partition("/")
        slot = int(suffix[7:]) if prefix == "88.118.8" else int(suffix) // STEP
        return slot % 10 != 0


if __name__ == "__main__":
    node.main()
