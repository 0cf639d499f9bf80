#!/usr/bin/env python3
"""idnode import and export: forms of input, what makes a row bad, policies, memory, rejects."""
import base64
import contextlib
import json
import os
import pty
import random
import re
import resource
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

DONE, NEGATIVE, USAGE, TROUBLE = range(4)
MAP = ["--map", "identifier=88.118.8/{serial}", "--map", "URL@1=https://example.org/{serial}",
       "--map", "MODEL@2={model}"]
ROW_MAX = 1 << 20
HEAP_MAX = 128 << 20  # Of an import that sorts in 8 MiB.


def record(identifier, text="x", **more):
    return {"handle": identifier, "values": [
        {"index": 1, "type": "N", "data": text, "timestamp": "2023-11-14T22:13:20Z"} | more]}


def plain(exported):
    """index → text of an exported record whose values are all text."""
    return {one["index"]: one["data"]["value"] for one in exported["values"]}


class Case(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.do("prefix", "add", "88.118.8")
        self.place = node.folder()
        self.bad = self.place / "bad.jsonl"

    def csv(self, text, *options, code=DONE):
        """Imports CSV; the counts."""
        data = text.encode() if isinstance(text, str) else text
        return self.registry.do("import", "-", *MAP, "--json", "--rejects", self.bad, *options,
                                data=data, code=code).json()

    def jsonl(self, text, *options, code=DONE):
        return self.registry.do("import", "-", "--format", "jsonl", "--json", "--rejects",
                                self.bad, *options, data=text, code=code).json()

    def rejects(self):
        return node.json_lines(self.bad.read_text())

    def reasons(self):
        return [(one["line"], one["reason"]) for one in self.rejects()]

    def assert_counts(self, counts, **wanted):
        self.assertEqual({name: counts[name] for name in wanted}, wanted, counts)


class Csv(Case):
    def test_maps_columns_and_leaves_out_what_is_empty_or_null(self):
        counts = self.csv("serial,model\nSN1,M100\nSN2,\nSN3,NA\nSN4,na\n", "--null", "NA")
        self.assert_counts(counts, rows=4, added=4, rejected=0)
        found = self.registry.export()
        self.assertEqual(plain(found["88.118.8/SN1"]),
                         {1: "https://example.org/SN1", 2: "M100"})
        for name in ("SN2", "SN3"):
            self.assertEqual(plain(found[f"88.118.8/{name}"]),
                             {1: f"https://example.org/{name}"})
        self.assertEqual(plain(found["88.118.8/SN4"])[2], "na")

    def test_as_it_comes(self):
        text = ('\ufeffserial,"model",note\r\n'
                'SN1,"two\r\nlines, a comma and ""quotes""",x\r\n'
                '\r\n'
                'SN2,M2,y,too many\r\n'
                'SN3,M"3,z\r\n'
                'SN4\r\n'
                'SN5,"M5",""\r\n'
                'SN6,M6,last')
        counts = self.csv(text, code=NEGATIVE)
        self.assert_counts(counts, rows=6, added=4, rejected=2)
        found = {name: plain(one).get(2) for name, one in self.registry.export().items()}
        self.assertEqual(found, {"88.118.8/SN1": 'two\r\nlines, a comma and "quotes"',
                                 "88.118.8/SN3": 'M"3', "88.118.8/SN5": "M5",
                                 "88.118.8/SN6": "M6"})
        self.assertEqual([one["line"] for one in self.rejects()], [5, 7])
        self.assertEqual(self.rejects()[0]["row"], "SN2,M2,y,too many")

    def test_an_unclosed_quote_costs_one_line(self):
        counts = self.csv('serial,model\nSN1,"open\nSN2,M2\nSN3,M3\n', code=NEGATIVE)
        self.assert_counts(counts, added=2, rejected=1)
        self.assertEqual([one["line"] for one in self.rejects()], [2])

    def test_timestamps_are_seconds_or_iso(self):
        text = ("serial,model,when\nSN1,M,1700000000\nSN2,M,2023-11-14T22:13:20Z\n"
                "SN3,M,2023-11-15T06:13:20+08:00\nSN4,M,soon\nSN5,M,\n")
        counts = self.csv(text, "--map", "timestamp={when}")
        self.assert_counts(counts, added=5, timeDefaulted=2)
        found = self.registry.export()
        for name in ("SN1", "SN2", "SN3"):
            self.assertEqual({one["timestamp"] for one in
                              found[f"88.118.8/{name}"]["values"]}, {"2023-11-14T22:13:20Z"})
        self.assertEqual([(one["line"], one["accepted"]) for one in self.rejects()], [(5, True)])

    def test_bad_mappings_and_headers_end_with_2_and_load_nothing(self):
        for mapping in (["URL@1=x"], ["identifier={nothing}"], ["identifier={serial"],
                        ["identifier={serial}", "URL@0=x"], ["identifier={serial}", "URL=x"],
                        ["identifier={serial}", "identifier={model}"], ["nonsense"]):
            words = [word for one in mapping for word in ("--map", one)]
            outcome = self.registry.run("import", "-", *words, data="serial,model\n88.118.8/1,2\n")
            self.assertEqual(outcome.code, USAGE, mapping)
            self.assertTrue(outcome.err.startswith("idnode: "), outcome.err)
        for text in ("", "serial,serial\n1,2\n"):
            self.assertEqual(self.registry.run("import", "-", *MAP, data=text).code, USAGE, text)
        self.assertEqual(self.registry.export(), {})

    def test_rows_of_a_mebibyte_and_more_are_rejected_and_reading_goes_on(self):
        long = "M" * ROW_MAX
        text = f"serial,model\nSN1,{long}\nSN2,M2\n\"SN3\",\"{long}\n\"\nSN4,M4\n"
        counts = self.csv(text, code=NEGATIVE)
        self.assertIn("88.118.8/SN2", self.registry.export())
        self.assertIn("88.118.8/SN4", self.registry.export())
        self.assert_counts(counts, added=2)
        first = self.rejects()[0]
        self.assertEqual((first["line"], first["truncated"], len(first["row"])), (2, True, 4096))

    def test_values_above_64_kib_are_rejected(self):
        fits = "M" * 60_000
        counts = self.csv(f"serial,model\nSN1,{fits}\nSN2,{'M' * 66_000}\n", code=NEGATIVE)
        self.assert_counts(counts, added=1, rejected=1)
        self.assertEqual(plain(self.registry.export()["88.118.8/SN1"])[2], fits)

    def test_a_line_of_64_mebibytes_takes_bounded_memory(self):
        def line(octets):
            with open(self.place / f"{octets}.csv", "wb") as out:
                out.write(b"serial,model\nSN1,M1\nSN2,")
                for _ in range(octets >> 20):
                    out.write(b"x" * (1 << 20))
                out.write(b"\nSN3,M3\n")
            outcome = node.measured("import", self.place / f"{octets}.csv", *MAP, "--sorted",
                                    "--json", "--existing", "keep",
                                    "--registry", self.registry.path)
            self.assertEqual(outcome.code, NEGATIVE, outcome.err)
            self.assertEqual(outcome.json()["rejected"], 1)
            return outcome.rss_kib
        small, large = line(2 << 20), line(64 << 20)
        self.assertLess(large - small, 16 * 1024)
        self.assertEqual(sorted(self.registry.export()), ["88.118.8/SN1", "88.118.8/SN3"])


class Rows(Case):
    BAD = {"88.118.8": "no", "88.118.8/": "empty suffix", "88.118.8/ x": "white space",
           "88.118.8/x ": "white space", " 88.118.8/x": "white space",
           "88..8/x": "segment", "88.1#8/x": "segment", "88.118.8/a\tb": "control character",
           "88.118.8/a\u0085b": "control character", "88.118.8/" + "x" * 472: "480",
           "88.99/x": "prefix"}

    def test_are_rejected_with_line_reason_and_row(self):
        rows = [json.dumps(record(identifier)) for identifier in self.BAD]
        more = ['{"handle":"88.118.8/i","values":[{"index":0,"type":"A","data":"x"}]}',
                '{"handle":"88.118.8/t","values":[{"index":1,"type":"A","data":"x"},'
                '{"index":1,"type":"B","data":"y"}]}',
                '{"handle":"88.118.8/v"}', '{"handle":', "[1]",
                json.dumps(record("88.118.8/big", "x" * 65_536))]
        good = json.dumps(record("88.118.8/good"))
        counts = self.jsonl("\n".join([*rows, *more, good]) + "\n", code=NEGATIVE)
        self.assert_counts(counts, rows=len(rows) + len(more) + 1, added=1,
                           rejected=len(rows) + len(more))
        by_line = {one["line"]: one for one in self.rejects()}
        self.assertEqual(sorted(by_line), list(range(1, len(rows) + len(more) + 1)))
        for line, (identifier, reason) in enumerate(self.BAD.items(), 1):
            with self.subTest(identifier[:20]):
                self.assertIn(reason, by_line[line]["reason"])
                self.assertEqual(by_line[line]["identifier"], identifier)
                self.assertEqual(by_line[line]["row"], rows[line - 1])
        for one in by_line.values():
            self.assertEqual(list(one)[:3], ["line", "identifier", "reason"])
        self.assertEqual(list(self.registry.export()), ["88.118.8/good"])

    def test_invalid_utf8_comes_as_base64(self):
        row = b'{"handle":"88.118.8/\xff","values":[]}'
        self.jsonl(row + b"\n", code=NEGATIVE)
        self.assertEqual(base64.b64decode(self.rejects()[0]["row_base64"]), row)
        self.csv(b"serial,model\n\xff,M\n", code=NEGATIVE)
        self.assertEqual(base64.b64decode(self.rejects()[0]["row_base64"]), b"\xff,M")

    def test_inner_spaces_and_soft_hyphens_are_taken_and_told(self):
        names = ["88.118.8/a b", "88.118.8/a\u00adb", "88.118.8/ab"]
        counts = self.jsonl("".join(json.dumps(record(one)) + "\n" for one in names))
        self.assert_counts(counts, added=3, rejected=0, doubtful=2)
        self.assertEqual([(one["line"], one["accepted"]) for one in self.rejects()],
                         [(1, True), (2, True)])
        self.assertEqual(sorted(self.registry.export()), sorted(names))

    def test_of_480_octets_and_64_kib_are_taken(self):
        longest = "88.118.8/" + "x" * 471
        counts = self.jsonl(json.dumps(record(longest)) + "\n" +
                            json.dumps(record("88.118.8/big", "y" * 65_000)) + "\n")
        self.assert_counts(counts, added=2)
        self.assertEqual(plain(self.registry.export()["88.118.8/big"])[1], "y" * 65_000)

    def test_without_a_file_the_first_ten_are_told(self):
        rows = "".join(json.dumps(record(f"88.99/{i}")) + "\n" for i in range(25))
        outcome = self.registry.do("import", "-", data=rows, code=NEGATIVE)
        self.assertEqual(sum(line.startswith("{") for line in outcome.err.splitlines()), 10)
        self.assertIn("25 rejected", outcome.out)

    def test_prefixes_are_added_when_asked_for_and_never_when_removed(self):
        rows = "".join(json.dumps(record(one)) + "\n" for one in ("88.Ab/1", "88.aB/2", "88.c/1"))
        self.assert_counts(self.jsonl(rows, "--add-prefixes"), added=3, prefixesAdded=2)
        names = [one["prefix"] for one in self.registry.do("prefix", "list", "--json").lines()]
        self.assertEqual(names, ["0.NA", "88.118.8", "88.Ab", "88.c"])
        self.registry.do("delete", "88.c/1")
        self.registry.do("prefix", "remove", "88.c")
        counts = self.jsonl(json.dumps(record("88.c/1")), "--add-prefixes", code=NEGATIVE)
        self.assert_counts(counts, rejected=1)
        self.assertIn("removed", self.rejects()[0]["reason"])

    def test_of_a_suspended_prefix_are_taken(self):
        self.registry.do("prefix", "suspend", "88.118.8", "--reason", "x")
        self.assert_counts(self.jsonl(json.dumps(record("88.118.8/1"))), added=1)


class Policies(Case):
    ROWS = "".join(json.dumps(record(name, text)) + "\n" for name, text in
                   (("88.118.8/a", "1"), ("88.118.8/A", "2"), ("88.118.8/b", "1"),
                    ("88.118.8/a", "3")))

    def value(self, name="88.118.8/a"):
        return self.registry.do("get", name, "--json").json()["values"][0]["data"]["value"]

    def test_between_rows_of_one_input(self):
        cases = {"reject": (NEGATIVE, "1", {"added": 2, "rejected": 2, "duplicates": 0}),
                 "first": (DONE, "1", {"added": 2, "rejected": 0, "duplicates": 2}),
                 "last": (DONE, "3", {"added": 2, "rejected": 0, "duplicates": 2})}
        for policy, (code, value, wanted) in cases.items():
            for options in ([], ["--sorted"]):
                with self.subTest(policy, options=options):
                    self.setUp()
                    rows = self.ROWS if not options else "".join(
                        sorted(self.ROWS.splitlines(True), key=lambda row: json.loads(
                            row)["handle"].upper()))
                    counts = self.jsonl(rows, "--duplicates", policy, *options, code=code)
                    self.assert_counts(counts, rows=4, **wanted)
                    self.assertEqual(self.value(), value)
                    self.assertEqual(self.value("88.118.8/b"), "1")

    def test_rejected_duplicates_are_the_later_ones(self):
        self.jsonl(self.ROWS, code=NEGATIVE)
        self.assertEqual(sorted(one["line"] for one in self.rejects()), [2, 4])

    def test_between_a_row_and_the_registry(self):
        new = json.dumps(record("88.118.8/a", "new")) + "\n" + json.dumps(record("88.118.8/c"))
        cases = {"reject": (NEGATIVE, "old", {"added": 1, "rejected": 1}),
                 "keep": (DONE, "old", {"added": 1, "kept": 1, "rejected": 0}),
                 "replace": (DONE, "new", {"added": 1, "replaced": 1, "rejected": 0})}
        for policy, (code, value, wanted) in cases.items():
            with self.subTest(policy):
                self.setUp()
                self.jsonl(json.dumps(record("88.118.8/a", "old")))
                self.assert_counts(self.jsonl(new, "--existing", policy, code=code), **wanted)
                self.assertEqual(self.value(), value)

    def test_the_same_file_again_changes_nothing_and_rejects_nothing_new(self):
        for policy in ("reject", "keep", "replace"):
            self.csv("serial,model\nSN1,M1\nSN2,M2\n", "--existing", policy)
            before = (self.registry.do("export").out,
                      self.registry.do("info", "--json").json()["journalHead"])
            counts = self.csv("serial,model\nSN1,M1\nSN2,M2\n", "--existing", policy)
            self.assert_counts(counts, added=0, replaced=0, unchanged=2, rejected=0)
            after = (self.registry.do("export").out,
                     self.registry.do("info", "--json").json()["journalHead"])
            self.assertEqual(before, after)
        self.jsonl(self.ROWS, code=NEGATIVE)
        first = self.reasons()
        self.assert_counts(self.jsonl(self.ROWS, code=NEGATIVE), added=0, unchanged=2, rejected=2)
        self.assertEqual(self.reasons(), first)


class Sorting(Case):
    def test_a_row_out_of_order_ends_a_sorted_import_with_its_line(self):
        names = [f"88.118.8/{i:06}" for i in range(5000)]
        rows = [json.dumps(record(name)) + "\n" for name in names]
        rows[3000], rows[3001] = rows[3001], rows[3000]
        outcome = self.registry.run("import", "-", "--sorted", data="".join(rows))
        self.assertEqual(outcome.code, USAGE)
        self.assertIn(":3002:", outcome.err)
        in_order = names[:3000] + names[3001:3002]
        stays = list(self.registry.export())
        self.assertEqual(stays, in_order[:len(stays)])
        self.registry.do("verify")

    def test_is_by_the_folded_identifier(self):
        rows = "".join(json.dumps(record(f"88.118.8/{one}")) + "\n" for one in "aBcD")
        self.assert_counts(self.jsonl(rows, "--sorted"), added=4)

    def test_of_any_order_and_size_within_the_memory_given(self):
        sanitized = node.is_sanitized()
        count = 60_000 if sanitized else 800_000
        names = [f"88.118.8/{i:08x}{'pad' * 20}" for i in range(count)]
        random.Random(5).shuffle(names)
        text = "".join(json.dumps(record(name)) + "\n" for name in names)
        (self.place / "rows.jsonl").write_text(text)
        # Its heap must do with less than the rows take; a sanitizer has a heap of its own.
        self.assertGreater(len(text), 8 << 20 if sanitized else HEAP_MAX)
        limit = None if sanitized else lambda: resource.setrlimit(
            resource.RLIMIT_DATA, (HEAP_MAX, HEAP_MAX))
        counts = self.registry.do("import", self.place / "rows.jsonl", "--memory", "8M",
                                  "--temporary", self.place, "--json", preexec_fn=limit).json()
        self.assert_counts(counts, rows=count, added=count)
        listed = self.registry.do("list", "88.118.8", "--limit", 0).out.split()
        self.assertEqual(listed, sorted(names))
        self.assertEqual(os.listdir(self.place), ["rows.jsonl"])

    def test_goes_through_several_files(self):
        for name, serials in (("1.csv", "SN1,SN3"), ("2.csv", "SN2,SN1")):
            (self.place / name).write_text("serial,model\n" + "".join(
                f"{serial},M\n" for serial in serials.split(",")))
        outcome = self.registry.do("import", self.place / "1.csv", self.place / "2.csv", *MAP,
                                   "--json", "--rejects", self.bad, code=NEGATIVE)
        self.assert_counts(outcome.json(), rows=4, added=3, rejected=1)
        self.assertEqual([(Path(one["file"]).name, one["line"]) for one in self.rejects()],
                         [("2.csv", 3)])


class InputAndOutput(Case):
    def test_a_missing_or_unknown_input_ends_with_2(self):
        for name, options in (("missing.csv", MAP), ("missing.jsonl", [])):
            outcome = self.registry.run("import", self.place / name, *options)
            self.assertEqual(outcome.code, USAGE)
            self.assertIn(name, outcome.err)
        self.assertEqual(self.registry.run("import", self.place, *MAP).code, USAGE)

    def import_until(self, stderr, told, *options):
        """A sorted import whose rows go on coming until `told`; its standard output."""
        process = subprocess.Popen(
            [node.IDNODE, "import", "-", "--format", "jsonl", "--sorted", "--registry",
             str(self.registry.path), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=stderr)
        os.close(stderr)
        for i in range(5_000_000):  # How many it takes depends on the machine.
            if told.is_set():
                break
            process.stdin.write(json.dumps(record(f"88.118.8/{i:08}")).encode() + b"\n")
        out, _ = process.communicate(timeout=node.SECONDS_MAX)
        self.assertEqual(process.returncode, DONE)
        return out.decode()

    @contextlib.contextmanager
    def collected(self, descriptor, sign):
        """What comes from a descriptor, as octets, and an event for the first `sign` in it."""
        octets, told = bytearray(), threading.Event()

        def collect():
            with contextlib.suppress(OSError):  # So ends a terminal whose other side is closed.
                while piece := os.read(descriptor, 65_536):
                    octets.extend(piece)
                    if re.search(sign, octets):
                        told.set()
        reader = threading.Thread(target=collect)
        reader.start()
        yield octets, told
        reader.join()
        os.close(descriptor)

    def test_progress_comes_as_events(self):
        reading, writing = os.pipe()
        with self.collected(reading, rb'"rows":[1-9]') as (octets, told):
            out = self.import_until(writing, told, "--json")
        events = node.json_lines(octets.decode())
        self.assertEqual({one["event"] for one in events}, {"progress"})
        self.assertTrue(all(one["seconds"] >= 0 for one in events))
        self.assertGreater(json.loads(out)["added"], 0)

    def test_progress_shows_on_a_terminal(self):
        reading, terminal = pty.openpty()
        with self.collected(reading, rb"importing [1-9][0-9]* rows, [1-9]") as (octets, told):
            out = self.import_until(terminal, told)
        self.assertRegex(octets.decode(), r"\rimporting \d+ rows, \d+/s")
        self.assertIn("added", out)

    def test_the_rejects_file_must_not_be_an_input(self):
        rows = self.place / "rows.csv"
        rows.write_text("serial,model\nSN1,M1\n")
        other = self.place / "link"
        other.symlink_to(rows)
        for bad in (rows, other):
            outcome = self.registry.run("import", rows, *MAP, "--rejects", bad)
            self.assertEqual(outcome.code, USAGE)
            self.assertIn("rejects file is an input", outcome.err)
        self.assertEqual(rows.read_text(), "serial,model\nSN1,M1\n")

    def test_the_rejects_file_must_not_be_the_registrys(self):
        rows = self.place / "rows.csv"
        rows.write_text("serial,model\nSN1,M1\n")
        for name in ("data.mdb", "lock.mdb"):
            outcome = self.registry.run("import", rows, *MAP, "--rejects",
                                        self.registry.path / name)
            self.assertEqual(outcome.code, USAGE)
            self.assertIn("rejects file belongs to the registry", outcome.err)
        with rows.open() as stdin:
            outcome = self.registry.run("import", "-", *MAP, "--rejects", rows, stdin=stdin)
        self.assertEqual(outcome.code, USAGE)
        self.assertEqual(rows.read_text(), "serial,model\nSN1,M1\n")
        self.registry.do("verify")

    def test_memory_that_the_machine_does_not_give_ends_with_3(self):
        place = node.Registry("--map-size", "64M")
        env, limit = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                      ":allocator_may_return_null=1:max_allocation_size_mb=1024"}, None
        if not node.is_sanitized():
            def limit():
                resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        done = subprocess.run(
            [node.IDNODE, "import", "-", "--format", "jsonl", "--memory", "8G", "--registry",
             place.path], input=json.dumps(record("88.118.8/1")), capture_output=True, text=True,
            env=env, preexec_fn=limit, check=False)
        self.assertEqual(done.returncode, TROUBLE, done.stderr)
        self.assertIn("the machine does not give 8589934592 octets", done.stderr)

    def test_export_into_a_pipe_that_is_closed_says_so(self):
        self.registry.load([record(f"88.118.8/{i}", "x" * 40_000) for i in range(50)])
        process = subprocess.Popen([node.IDNODE, "export", "--registry", self.registry.path],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(), TROUBLE)
        self.assertIn("standard output: its reader has gone", err)
        self.assertNotIn("make room", err)

    def test_export_of_an_unknown_prefix_ends_with_1_and_makes_no_file(self):
        target = self.place / "out.jsonl"
        outcome = self.registry.do("export", "--prefix", "88.9", "--output", target,
                                   code=NEGATIVE)
        self.assertIn("prefix 88.9: not found", outcome.err)
        self.assertFalse(target.exists())

    def test_export_writes_one_prefix_or_all_to_a_new_file(self):
        self.registry.load([record("88.118.8/1"), record("88.2/1"), record("0.NA/88.2")],
                           "--add-prefixes")
        target = self.place / "out.jsonl"
        self.registry.do("export", "--prefix", "88.2", "--output", target)
        self.assertEqual([json.loads(line)["handle"] for line in
                          target.read_text().splitlines()], ["88.2/1"])
        self.registry.do("export", "--output", target, code=USAGE)
        self.assertEqual(list(self.registry.export()), ["0.NA/88.2", "88.118.8/1", "88.2/1"])

    def test_export_to_a_full_disk_ends_with_3(self):
        self.registry.load([record("88.118.8/1")])
        with open("/dev/full", "wb") as full:
            process = subprocess.run([node.IDNODE, "export", "--registry", self.registry.path],
                                     stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(process.returncode, TROUBLE)
        self.assertIn("standard output", process.stderr)


if __name__ == "__main__":
    node.main()
