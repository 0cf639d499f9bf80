#!/usr/bin/env python3
"""A node in operation: signals, changes made beside it, and what happens when things break."""
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_client as client  # noqa: E402
import handle_wire as wire  # noqa: E402
import node  # noqa: E402

SN1 = "88.118.8/SN1"
DONE, NEGATIVE, USAGE, TROUBLE = range(4)


def record(identifier, text):
    return {"handle": identifier, "values": [
        {"index": 1, "type": "N", "data": text, "timestamp": 1_700_000_000}]}


def small_registry(*init):
    registry = node.Registry(*init)
    registry.load([record(SN1, "one"), record("88.118.8/long", "x" * 40_000),
                   record("88.2/x", "two")], "--add-prefixes")
    return registry


class Case(unittest.TestCase):
    def assert_answers(self, running, identifier=SN1, text=b"one"):
        reply = running.ask(identifier)
        self.assertEqual(reply.code, wire.SUCCESS, reply.answer.text)
        self.assertEqual(reply.value(1).data, text)


class Start(Case):
    def daemon(self, *words, config=None):
        if config is not None:
            place = node.folder() / "idnoded.toml"
            place.write_text(config)
            words = ("--config", str(place), *words)
        process = subprocess.run([node.IDNODED, *words], capture_output=True, text=True,
                                 timeout=node.SECONDS_MAX, check=False)
        node.assert_no_report(process.stderr)
        return process

    def test_on_a_port_that_is_taken_ends_with_one_line(self):
        registry = small_registry()
        with node.Node(registry) as first:
            for transport, port in (("udp", first.udp_port), ("tcp", first.tcp_port)):
                other = "tcp" if transport == "udp" else "udp"
                second = self.daemon(config=f"""
                    [registry]
                    path = {node.toml(str(registry.path))}
                    [listen]
                    {transport} = ["127.0.0.1:{port}"]
                    {other} = []""")
                self.assertEqual(second.returncode, 1)
                self.assertRegex(second.stderr, rf"^idnoded: .*127\.0\.0\.1:{port}.*\n$")
                self.assertIn("in use", second.stderr)
                self.assert_answers(first)

    def test_without_a_registry_ends_with_3_and_the_remedy(self):
        nowhere = node.folder() / "nothing"
        ended = self.daemon(config=f"[registry]\npath = {node.toml(str(nowhere))}\n"
                                   "[listen]\nudp = [\"127.0.0.1:0\"]\ntcp = []\n")
        self.assertEqual(ended.returncode, TROUBLE)
        self.assertIn("idnode init --registry", ended.stderr)

    def test_check_names_file_line_and_what_to_do(self):
        cases = (("[registry]\npath = 5", 2, "must be", "correct"),
                 ("[registry]\npth = \"x\"", 2, "unknown key", 'did you mean "path"?'),
                 ("[lisen]\nudp = []", 1, "unknown section", "did you mean [listen]?"),
                 ("[server]\nworkers = 1000", 2, "0 to 256", "correct"),
                 ("\n\n[listen]\nudp = [\"0.0.0.0:2641\"]", 4, "wildcard", "public"),
                 ("[listen]\ntcp = [\"127.0.0.1\"]", 2, "127.0.0.1", ""),
                 ("[listen]\nudp = []\ntcp = []", 2, "no address", "add one"),
                 ("[site]\npublic = [\"0.0.0.0\"]", 2, "wildcard", "write the address"),
                 ("[site]\nrecord = \"/no/such\"", 0, "/no/such", "HS_SITE"),
                 ("[site]\nrecord = \"/\"", 0, "Is a directory", "HS_SITE"),
                 ("[site]\npublic = [\"192.0.2.1:1\", \"192.0.2.2:2\"]", 0, "other ports",
                  "the same port"),
                 ("[log]\nfile = \"/no/such/log\"", 0, "/no/such/log", "folder"),
                 ("[log]\nlevel = \"loud\"", 2, "level", ""),
                 ("[registry\n", 1, "", "TOML"))
        for text, line, fault, remedy in cases:
            with self.subTest(text):
                checked = self.daemon("--check", config=text + "\n")
                self.assertEqual((checked.returncode, checked.stdout), (USAGE, ""))
                self.assertEqual(checked.stderr.count("\n"), 1)
                self.assertIn(fault, checked.stderr)
                self.assertIn(remedy, checked.stderr)
                if line:
                    self.assertRegex(checked.stderr, rf"idnoded\.toml:{line}:\d+")

    def test_check_is_content_with_a_wildcard_made_public(self):
        registry = small_registry()
        text = (f"[registry]\npath = {node.toml(str(registry.path))}\n"
                '[listen]\nudp = ["0.0.0.0:0"]\ntcp = []\n[site]\npublic = ["192.0.2.1"]\n')
        self.assertEqual(self.daemon("--check", config=text).returncode, DONE)

    def test_check_ends_as_a_start_without_a_registry(self):
        nowhere = node.folder() / "nothing"
        text = f"[registry]\npath = {node.toml(str(nowhere))}\n"
        checked = self.daemon("--check", config=text)
        self.assertEqual((checked.returncode, checked.stdout), (TROUBLE, ""))
        self.assertIn("idnode init --registry", checked.stderr)
        self.assertFalse(nowhere.exists())

    def test_wrong_words_end_with_2(self):
        for words in (["--chek"], ["--config"], ["x"], ["--check", "--version"],
                      ["--config", "/no/such/file"]):
            self.assertEqual(self.daemon(*words).returncode, USAGE, words)


class Signals(Case):
    def setUp(self):
        self.running = self.enterContext(node.Node(small_registry(), server_workers=1))

    def serial(self):
        with self.running.tcp() as tcp:
            return tcp.ask(client.site_request()).answer.site.serial

    def test_hup_takes_a_good_configuration(self):
        self.assertEqual(self.serial(), 1)
        self.running.write_config(site_serial=7, site_description="a node")
        at = self.running.signal(signal.SIGHUP)
        self.running.wait_for("info reloaded", since=at)
        node.until(lambda: self.serial() == 7, "the new serial number")

    def test_hup_keeps_the_old_when_the_new_is_bad(self):
        self.running.write_config(site_serial=0)
        at = self.running.signal(signal.SIGHUP)
        line = self.running.wait_for("reload_refused .*", since=at)[0]
        self.assertIn("idnoded.toml", line)
        self.assertEqual(self.serial(), 1)
        self.running.config.unlink()
        at = self.running.signal(signal.SIGHUP)
        self.running.wait_for("reload_refused", since=at)
        self.assert_answers(self.running)

    def test_hup_names_what_needs_a_restart(self):
        self.running.write_config(server_workers=3, site_serial=2)
        at = self.running.signal(signal.SIGHUP)
        self.running.wait_for("reload_needs_restart key=server.workers", since=at)
        self.running.wait_for("info reloaded", since=at)
        node.until(lambda: self.serial() == 2, "the new serial number")

    def test_usr1_writes_the_counters(self):
        for identifier, count in ((SN1, 5), ("88.118.8/none", 3)):
            for _ in range(count):
                self.running.ask(identifier)
        with self.running.tcp() as tcp:
            tcp.ask(client.resolution(SN1))
        for pattern, count in (("transport=udp operation=1 code=1", 5),
                               ("transport=udp operation=1 code=100", 3),
                               ("transport=tcp operation=1 code=1", 1)):
            node.until(lambda p=pattern, c=count: self.running.stats(rf"worker=0 {p} ") == c,
                       pattern)
        self.running.wait_for(r"transport=udp messages=\d+ batches=\d+ p50_us=[\d.]+ ")

    def test_term_answers_what_was_asked_and_ends_with_0(self):
        requests = [client.resolution("88.118.8/long") for _ in range(60)]
        with self.running.tcp() as tcp:
            tcp.send(b"".join(request.encode() for request in requests))
            first = client.checked(requests[0], tcp.receive())
            self.running.signal(signal.SIGTERM)
            replies = [first]
            for request in requests[1:]:
                try:
                    octets = tcp.receive()
                except EOFError as end:
                    self.assertIn("after 0 of", str(end))  # Between answers, not within one.
                    break
                replies.append(client.checked(request, octets))
        self.assertEqual({len(reply.value(1).data) for reply in replies}, {40_000})
        self.assertEqual(self.running.process.wait(timeout=node.SECONDS_MAX), 0)
        self.running.wait_for("draining signal=SIGTERM")
        self.running.wait_for("stopped")

    def test_term_does_not_wait_for_idle_connections(self):
        with self.running.tcp() as tcp:
            tcp.ask(client.resolution(SN1))
            self.running.signal(signal.SIGINT)
            self.assertTrue(tcp.is_closed_by_peer())
            self.assertEqual(self.running.process.wait(timeout=node.SECONDS_MAX), 0)


class Changes(Case):
    def setUp(self):
        self.registry = small_registry()
        self.running = self.enterContext(node.Node(self.registry))

    def test_of_the_prefix_show_in_the_next_answer(self):
        self.registry.do("prefix", "suspend", "88.118.8", "--reason", "licence expired")
        reply = self.running.ask(SN1)
        self.assertEqual(reply.code, 401)
        self.assertRegex(reply.answer.text, r"^suspended; since=\S+; reason=licence expired$")
        self.assert_answers(self.running, "88.2/x", b"two")
        self.registry.do("prefix", "resume", "88.118.8")
        self.assert_answers(self.running)
        self.registry.do("prefix", "unhome", "88.118.8")
        self.assertEqual(self.running.ask(SN1).code, 301)
        self.assertEqual(self.running.ask(SN1, family="caict").code, 100)
        self.registry.do("prefix", "home", "88.118.8")
        self.assert_answers(self.running)
        self.registry.do("delete", "88.2/x")
        self.registry.do("prefix", "remove", "88.2")
        self.assertEqual(self.running.ask("88.2/x").code, 301)

    def test_prefix_handles_stay_when_their_prefix_is_suspended(self):
        self.registry.load([record("0.NA/88.118.8", "about")])
        self.registry.do("prefix", "suspend", "88.118.8", "--reason", "x")
        self.assert_answers(self.running, "0.NA/88.118.8", b"about")
        self.assert_answers(self.running, "88.118.8", b"about")

    def test_of_200_puts_each_show_in_the_next_answer(self):
        for i in range(200):
            identifier = f"88.118.8/put{i % 50}"
            self.registry.do("put", identifier, "--value", f"N@1={i}", "--replace")
            self.assert_answers(self.running, identifier, str(i).encode())
        self.registry.do("delete", "88.118.8/put7")
        self.assertEqual(self.running.ask("88.118.8/put7").code, 100)

    def test_by_an_import_show_when_it_has_ended(self):
        self.registry.load([record(f"88.3/{i:05}", str(i)) for i in range(5000)],
                           "--add-prefixes")
        for i in (0, 77, 4999):
            self.assert_answers(self.running, f"88.3/{i:05}", str(i).encode())


class Trouble(Case):
    def test_a_vanished_directory_is_said_and_serving_goes_on(self):
        registry = small_registry()
        with node.Node(registry) as running:
            elsewhere = registry.path.with_name("elsewhere")
            registry.path.rename(elsewhere)
            running.wait_for("error registry vanished")
            self.assert_answers(running)
            elsewhere.rename(registry.path)
            self.assert_answers(running)
        self.assertEqual(running.count("registry vanished"), 1)

    def fill(self, registry, running, words):
        """Puts records until one fails; it must be a clean failure. How many were taken."""
        for i in range(5000):
            outcome = registry.run("put", f"88.118.8/fill{i}", "--record", "-", data=self.big(i))
            if outcome.code != DONE:
                break
            if i % 50 == 0:
                self.assert_answers(running)
        self.assertEqual(outcome.code, TROUBLE, outcome.err)
        self.assertEqual(outcome.err.count("\n"), 1)
        self.assertIn(words, outcome.err)
        return i

    @staticmethod
    def big(i):
        return f'{{"values":[{{"index":1,"type":"N","data":"{i:05}{"x" * 30_000}"}}]}}'

    def assert_holds(self, registry, running, count):
        self.assertGreater(count, 0)
        self.assert_answers(running)
        for i in {0, count // 2, count - 1}:
            self.assert_tcp(running, i)
        with running.udp() as udp:
            self.assertEqual(udp.ask(client.resolution(f"88.118.8/fill{count}")).code, 100)
        registry.do("verify")

    def assert_tcp(self, running, i):
        with running.tcp() as tcp:
            reply = tcp.ask(client.resolution(f"88.118.8/fill{i}"))
        self.assertEqual(reply.value(1).data, f"{i:05}{'x' * 30_000}".encode())

    def test_a_full_map_is_a_clean_error_and_lookups_go_on(self):
        registry = small_registry("--map-size", "4M")
        with node.Node(registry) as running:
            count = self.fill(registry, running, "map of the registry is full")
            self.assert_holds(registry, running, count)
            warnings = registry.do("info", "--json").json()["warnings"]
            self.assertTrue(warnings)
        registry.do("init", "--map-size", "64M")
        registry.do("put", "88.118.8/more", "--value", "N@1=x")
        self.assertEqual(registry.do("info", "--json").json()["warnings"], [])

    def test_a_full_map_ends_an_import_and_what_is_committed_stays(self):
        registry = small_registry("--map-size", "4M")
        rows = [record(f"88.118.8/{i:06}", node.irregular(i, 3000)) for i in range(3000)]
        with node.Node(registry) as running:
            outcome = registry.load(rows, "--sorted", code=TROUBLE)
            self.assertIn("map of the registry is full", outcome.err)
            self.assert_answers(running)
        registry.do("verify")

    def test_a_full_disk_is_a_clean_error_and_lookups_go_on(self):
        disk = node.folder()
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "idnode-e2e", disk],
            stderr=subprocess.DEVNULL, check=False).returncode == 0
        if not mounted:
            self.skipTest("may not mount a small file system")
        self.addCleanup(subprocess.run, ["umount", "--lazy", disk], check=True)
        registry = node.Registry(path=disk / "registry")
        registry.load([record(SN1, "one"), record("88.118.8/long", "x")], "--add-prefixes")
        with node.Node(registry) as running:
            count = self.fill(registry, running, "")
            self.assert_holds(registry, running, count)


class Damage(Case):
    COUNT = 20_000

    def setUp(self):
        self.registry = node.Registry()
        self.registry.load([record(self.name(i), self.text(i)) for i in range(self.COUNT)],
                           "--add-prefixes")
        self.data = self.registry.path / "data.mdb"

    @staticmethod
    def name(i):
        return f"88.{'abc'[i % 3]}/{i:06}"

    @staticmethod
    def text(i):
        return f"<{node.irregular(i, 16)}>"

    def answers(self, running):
        """identifier number → code, for all; values that are given must be right."""
        codes = {}
        with running.tcp() as tcp:
            for start in range(0, self.COUNT, 500):
                numbers = range(start, start + 500)
                replies = tcp.ask_all([client.resolution(self.name(i)) for i in numbers])
                for i, reply in zip(numbers, replies):
                    codes[i] = reply.code
                    if reply.code == wire.SUCCESS:
                        self.assertEqual(reply.value(1).data, self.text(i).encode())
        return codes

    def flip_octet_of(self, i):
        content = self.data.read_bytes()
        places = [found.start() for found in re.finditer(re.escape(self.text(i).encode()), content)]
        if not places:  # The octets around it are the pattern's.
            places = [found.start() for found in
                      re.finditer(re.escape(self.text(i)[1:-1].encode()), content)]
        self.assertTrue(places, "the record's text is not in the file")
        with open(self.data, "r+b") as out:
            for place in places:
                out.seek(place + 3)
                out.write(bytes([content[place + 3] ^ 4]))

    def test_of_one_block_concerns_its_identifiers_only(self):
        damaged = self.COUNT // 2
        self.flip_octet_of(damaged)
        with node.Node(self.registry, registry_checksum_sample=1) as running:
            codes = self.answers(running)
        self.assertEqual(codes[damaged], 2)
        broken = [i for i, code in codes.items() if code != wire.SUCCESS]
        self.assertEqual({codes[i] for i in broken}, {2})
        self.assertLess(len(broken), 2000)
        self.assertEqual({self.name(i).split("/")[0] for i in broken},
                         {self.name(damaged).split("/")[0]})
        self.assertGreater(running.count("damaged record"), 0)
        self.assert_is_named(damaged, broken)

    def assert_is_named(self, damaged, broken):
        outcome = self.registry.do("verify", "--json", code=NEGATIVE)
        findings = outcome.json()["findings"]
        name = self.name(damaged)
        concerned = [one for one in findings if one["from"] <= name.upper() < one["to"]]
        self.assertTrue(concerned, findings)
        self.assertEqual(concerned[0]["prefix"].upper(), name.split("/")[0].upper())
        for i in broken:
            self.assertTrue(any(one["from"] <= self.name(i).upper() < one["to"]
                                for one in findings), self.name(i))
        text = self.registry.do("verify", code=NEGATIVE)
        self.assertIn(concerned[0]["from"], text.err)
        exported = self.registry.run("export")
        self.assertEqual(exported.code, TROUBLE)
        self.assertEqual(len(exported.out.splitlines()), self.COUNT - len(broken))

    def test_of_a_file_shortened_while_it_is_read_is_no_crash(self):
        whole = node.folder() / "whole"
        shutil.copyfile(self.data, whole)
        with node.Node(self.registry) as running:
            self.assertEqual(set(self.answers(running).values()), {wire.SUCCESS})
            os.truncate(self.data, self.data.stat().st_size // 3)
            codes = set(self.answers(running).values())
            self.assertIn(2, codes)
            self.assertLessEqual(codes, {wire.SUCCESS, 2})
            self.assertIn(self.registry.run("get", self.name(0)).code, (DONE, TROUBLE))
            failed = [self.registry.run("get", self.name(i)).code
                      for i in range(0, self.COUNT, self.COUNT // 20)]
            self.assertIn(TROUBLE, failed)
            self.assertLessEqual(set(failed), {DONE, TROUBLE})
            content = whole.read_bytes()
            with open(self.data, "r+b") as out:
                out.write(content)
            self.assertEqual(set(self.answers(running).values()), {wire.SUCCESS})
        self.assertGreater(running.count("error (registry unreadable|damaged record)"), 0)
        self.registry.do("verify")


if __name__ == "__main__":
    node.main()
