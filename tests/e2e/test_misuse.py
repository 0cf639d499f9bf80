#!/usr/bin/env python3
"""idnode used wrongly, started oddly, or on a damaged registry: what it says and what it spares."""
import json
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

DONE, NEGATIVE, USAGE, TROUBLE, DENIED, NO_ANSWER = range(6)
SN1 = "88.118.8/SN2023A000123456"
URL = "URL@1=https://example.org/SN1"


class Case(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.do = self.registry.do
        self.do("prefix", "add", "88.118.8")

    def assert_says(self, outcome, *words):
        for word in words:
            self.assertIn(word, outcome.err)


class Descriptors(Case):
    def test_a_message_never_goes_into_the_registry(self):
        self.registry.put(SN1, URL)
        for closed in ("<&- >&- 2>&-", ">&-", "2>&-", "<&- >&-"):
            done = subprocess.run(
                ["sh", "-c", f'exec "$0" "$@" {closed}', node.IDNODE, "put", SN1, "--value",
                 "URL@1=other", "--registry", str(self.registry.path)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            self.assertEqual(done.returncode, NEGATIVE, closed)
            self.do("verify")
        self.assertIn("example.org/SN1", self.do("get", SN1).out)

    def test_nor_does_the_daemon_write_into_it(self):
        config = node.folder() / "node.toml"
        config.write_text(f"[registry]\npath = {node.toml(str(self.registry.path))}\n"
                          '[listen]\nudp = ["192.0.2.1:1"]\n')  # Nobody's address here.
        for closed in ("<&- >&- 2>&-", ">&- 2>&-", "2>&-"):
            done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {closed}', node.IDNODED,
                                   "--config", str(config)], check=False)
            self.assertNotEqual(done.returncode, 0)
            for name in ("lock.mdb", "data.mdb"):
                self.assertNotIn(b"idnoded", (self.registry.path / name).read_bytes(), closed)


class Full(Case):
    def test_what_cannot_be_printed_is_no_success(self):
        config = node.folder() / "node.toml"
        config.write_text(f"[registry]\npath = {node.toml(str(self.registry.path))}\n")
        for command in ([node.IDNODE, "--help"], [node.IDNODE, "--version"],
                        [node.IDNODE, "put", "--help"], [node.IDNODED, "--help"],
                        [node.IDNODED, "--version"],
                        [node.IDNODED, "--check", "--config", str(config)]):
            with self.subTest(command), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False)
                self.assertEqual(done.returncode, TROUBLE)
                self.assertRegex(done.stderr, r"\Aidnoded?: cannot write to standard output\n\Z")


class Json(Case):
    def test_a_failed_command_gives_a_document_too(self):
        nowhere = node.folder() / "nothing"
        for words, code in ((["get", SN1], NEGATIVE), (["prefix", "show", "88.9"], NEGATIVE),
                            (["list", "88.9"], NEGATIVE), (["put", SN1, "--value", "x"], USAGE),
                            (["prefix", "add", "a b"], USAGE), (["list", "88.9", "--limt"], USAGE),
                            (["import", "/no/such.csv"], USAGE),
                            (["import", "-", "--memory", "-1"], USAGE)):
            with self.subTest(words):
                outcome = self.do(*words, "--json", code=code)
                self.assertEqual(outcome.err, f"idnode: {outcome.json()['error']}\n")
        for words in (["get", SN1], ["info"], ["verify"], ["prefix", "list"], ["copy", "x"]):
            outcome = node.run(*words, "--json", "--registry", nowhere)
            self.assertEqual(outcome.code, TROUBLE)
            self.assertIn("there is no registry", outcome.json()["error"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            outcome = node.run("resolve", SN1, "--server", f"127.0.0.1:{silent.getsockname()[1]}",
                               "--transport", "udp", "--timeout", 1, "--json")
        self.assertEqual(outcome.code, NO_ANSWER)
        self.assertIn("check the address", outcome.json()["error"])

    def test_an_export_that_breaks_off_leaves_nothing_in_the_way(self):
        self.registry.load([{"handle": f"88.118.8/T{i}", "values": [
            {"index": 1, "type": "URL", "data": node.irregular(i)}]} for i in range(2_000)])
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder, "out.jsonl")
            command = [node.IDNODE, "export", "--registry", self.registry.path, "--output", output]
            limited = subprocess.run(["bash", "-c", 'ulimit -f 16; exec "$@"', "bash", *command],
                                     check=False, text=True, stderr=subprocess.PIPE)
            self.assertEqual(limited.returncode, TROUBLE)
            self.assertIn("cannot be written: File too large", limited.stderr)
            self.assertFalse(output.exists())
            self.do("export", "--output", output)

    def test_an_export_puts_nothing_else_among_its_records(self):
        outcome = self.do("export", "--json", "--prefix", "88.9", code=NEGATIVE)
        self.assertEqual(outcome.out, "")


class Words(Case):
    def test_a_file_that_cannot_be_used_gets_one_line_with_what_to_do(self):
        nowhere = node.folder() / "no" / "file"
        csv = node.folder() / "rows.csv"
        csv.write_text("code\n88.118.8/A\n")
        mapped = ["--map", "identifier={code}", "--map", "URL@1=x"]
        for words, code, remedy in (
                (["import", nowhere, *mapped, "--format", "csv"], USAGE, "; check its name"),
                (["import", csv, *mapped, "--rejects", nowhere], TROUBLE, "; make room there, or"),
                (["export", "--output", nowhere], USAGE, "; name a file in a directory"),
                (["export", "--output", csv], USAGE, "; name a file that is not there yet"),
                (["init", "--registry", csv / "registry"], TROUBLE, "; check the path")):
            with self.subTest(words):
                where = () if "--registry" in words else ("--registry", self.registry.path)
                outcome = node.run(*words, *where)
                self.assertEqual((outcome.code, outcome.out), (code, ""))
                self.assertEqual(outcome.err.count("\n"), 1)
                self.assertIn(remedy, outcome.err)

    def test_numbers_below_0_and_empty_texts_are_refused(self):
        for words in (["import", "x", "--memory", "-1"], ["import", "x", "--memory", "99999G"],
                      ["import", "x", "--memory", "257G"], ["import", "x", "--fill", "101"],
                      ["list", "88.1", "--limit", "-1"], ["resolve", "x", "--timeout", "-1"],
                      ["resolve", "x", "--timeout", "0"], ["init", "--map-size", "-1"],
                      ["info", "--registry", ""], ["info", "--config", ""],
                      ["put", "88.1/a", "--value", URL, "--registry="]):
            with self.subTest(words):
                outcome = node.run(*words)
                self.assertEqual((outcome.code, outcome.out), (USAGE, ""))
                self.assertIn(f"idnode: {words[-2] if '=' not in words[-1] else '--registry'}: ",
                              outcome.err)
        self.assertIn("274877906944", node.run("import", "x", "--memory", "257G").err)

    def test_records_end_where_no_client_could_read_them(self):
        def put(count, code):
            values = [{"index": i + 1, "type": "", "data": ""} for i in range(count)]
            return self.do("put", SN1, "--record", "-", data=json.dumps(values), code=code)
        self.assert_says(put(2_049, USAGE), "2049 values", "at most 2048")
        put(2_048, DONE)
        with node.Node(self.registry) as running:
            outcome = node.run("resolve", SN1, "--json", "--transport", "tcp", "--server",
                               f"127.0.0.1:{running.tcp_port}")
        self.assertEqual(len(outcome.json()["values"]), 2_048)

    def test_indexes_have_the_same_bounds_everywhere(self):
        for index, code in ((0, USAGE), (1_000_000_000, DONE), (2_147_483_647, DONE),
                            (2_147_483_648, USAGE), (4_294_967_297, USAGE)):
            name = f"88.118.8/{index}"
            self.registry.put(name, f"A@{index}=x", code=code)
            row = {"handle": name + "j", "values": [{"index": index, "type": "A", "data": "x"}]}
            self.do("import", "-", "--format", "jsonl", data=json.dumps(row),
                    code=NEGATIVE if code == USAGE else DONE)
            self.do("import", "-", "--map", f"identifier={name}{{n}}", "--map", f"A@{index}={{n}}",
                    data="n\nc\n", code=code)
            asked = node.run("resolve", name, "--index", index, "--server", "127.0.0.1:1",
                             "--transport", "tcp", "--timeout", 1)
            self.assertEqual(asked.code, NO_ANSWER if code == DONE else USAGE, index)

    def test_reasons_are_one_line_of_bounded_size(self):
        for bad in ("x" * 1_025, "two\nlines", "\x1b[31m", b"\xff"):
            for words in (["suspend", "88.118.8"],
                          ["set", "88.118.8", "--state", "suspended"]):
                self.assert_says(self.run_prefix(*words, "--reason", bad), "the reason ")
        shown = self.do("prefix", "show", "88.118.8", "--json").json()
        self.assertEqual(shown["state"], "active")
        self.do("prefix", "suspend", "88.118.8", "--reason", "欠" * 341)

    def run_prefix(self, *words):
        command = [node.IDNODE, "prefix", *words, "--registry", str(self.registry.path)]
        done = subprocess.run(command, capture_output=True, check=False)
        self.assertEqual(done.returncode, USAGE, words)
        return node.Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def test_list_shows_no_layout_controls_and_words_that_a_shell_takes(self):
        names = ["88.118.8/t'\u202ea", "88.118.8/t'\u202eb"]
        for name in names:
            self.registry.put(name, URL)
        outcome = self.do("list", "88.118.8", "--from", "88.118.8/t", "--limit", 1)
        self.assertNotIn("\u202e", outcome.out + outcome.err)
        word = outcome.err.partition("--from ")[2].strip()
        read = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
        self.assertEqual(read.stdout.decode(), names[1])
        lines = self.do("list", "88.118.8", "--from", "88.118.8/t", "--json").lines()
        self.assertEqual([one["handle"] for one in lines], names)


class Damage(Case):
    def test_damaged_blocks_are_named_and_passed_over(self):
        self.registry.load([{"handle": f"88.118.8/T{i}", "values": [
            {"index": 1, "type": "URL", "data": node.irregular(i)}]}
            for i in range(10_000, 12_000)])
        data = self.registry.path / "data.mdb"
        octets = bytearray(data.read_bytes())
        for start in range(0, len(octets), 4_096):
            page = octets[start:start + 4_096]
            # A page of its own for the one block: LMDB's head, then the block's kind.
            if page[10] == 4 and page[16:17] == b"B" and node.irregular(11_999).encode() in page:
                octets[start + 16] ^= 0x40
        data.write_bytes(octets)
        for words in (["list", "88.118.8", "--limit", 0], ["export"],
                      ["list", "88.118.8", "--limit", 0, "--values", "--json"]):
            with self.subTest(words):
                outcome = self.do(*words, code=TROUBLE)
                self.assert_says(outcome, "damaged: ", "may be missing", "left out")
                self.assertIn("88.118.8/T10000", outcome.out)
                self.assertNotIn("88.118.8/T11999", outcome.out)

    def test_an_export_that_cannot_read_on_keeps_what_came_before(self):
        self.registry.load([{"handle": f"88.118.8/T{i}", "values": [
            {"index": 1, "type": "URL", "data": node.irregular(i)}]}
            for i in range(10_000, 40_000)])
        data = self.registry.path / "data.mdb"
        octets = bytearray(data.read_bytes())
        leaves = {}  # Of the table of blocks: the last key of each, and where it starts.
        for start in range(0, len(octets), 4_096):
            keys = re.findall(rb"88\.118\.8/T[0-9]{3,5}", octets[start:start + 4_096])
            if octets[start + 10] == 2 and len(keys) > 20:
                leaves[max(keys)] = start
        self.assertGreater(len(leaves), 1)
        start = leaves[max(leaves)]
        octets[start + 8:start + 4_096] = b"\x5A" * 4_088
        data.write_bytes(octets)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder, "out.jsonl")
            self.do("export", "--output", output, code=TROUBLE)
            records = [json.loads(line)["handle"] for line in output.read_text().splitlines()]
        self.assertIn("88.118.8/T10000", records)
        self.assertNotIn("88.118.8/T39999", records)

    def test_a_damaged_registry_is_trouble_and_no_refusal(self):
        data = self.registry.path / "data.mdb"
        octets = bytearray(data.read_bytes())
        at = octets.find(b"\x0888.118.8")
        while at >= 0:  # The kind of the record: 20 octets before its name with its size.
            if octets[at - 21] == 0x50:
                octets[at - 21] ^= 0x40
            at = octets.find(b"\x0888.118.8", at + 1)
        data.write_bytes(octets)
        for verb in ("add", "resume", "unhome", "remove"):
            self.do("prefix", verb, "88.118.8", code=TROUBLE)


if __name__ == "__main__":
    node.main()
