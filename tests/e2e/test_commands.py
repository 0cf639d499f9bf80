#!/usr/bin/env python3
"""Every command of idnode but import and export: what it prints, and its exit code."""
import json
import os
import socket
import stat
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import node  # noqa: E402

COMMANDS = "init info prefix put get delete list import export verify copy resolve".split()
PREFIX_VERBS = "add set show list suspend resume remove home unhome".split()
DONE, NEGATIVE, USAGE, TROUBLE, DENIED, NO_ANSWER = range(6)
SN1 = "88.118.8/SN2023A000123456"
URL = "URL@1=https://example.org/SN1"


class Case(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.do = self.registry.do

    def assert_says(self, outcome, *words):
        for word in words:
            self.assertIn(word, outcome.err)


class CommandLine(unittest.TestCase):
    def test_help_lists_every_command_and_each_has_an_example(self):
        whole = node.run("--help")
        self.assertEqual(whole.code, DONE)
        paths = [[name] for name in COMMANDS] + [["prefix", verb] for verb in PREFIX_VERBS]
        for path in paths:
            with self.subTest(path):
                if len(path) == 1:
                    self.assertRegex(whole.out, rf"(?m)^ +{path[0]} ")
                outcome = node.run(*path, "--help")
                self.assertEqual(outcome.code, DONE)
                self.assertIn(f"Example:\n  idnode {' '.join(path)}", outcome.out)

    def test_mistyped_words_get_a_suggestion(self):
        cases = {("improt", "x"): '"import"', ("prefix", "supsend"): '"suspend"',
                 ("verfy",): '"verify"', ("info", "--registy", "x"): '"--registry"',
                 ("import", "x", "--sortd"): '"--sorted"',
                 ("put", "x", "--replac"): '"--replace"',
                 ("resolve", "x", "--transprot=udp"): '"--transport"'}
        for words, nearest in cases.items():
            with self.subTest(words):
                outcome = node.run(*words)
                self.assertEqual((outcome.code, outcome.out), (USAGE, ""))
                self.assertIn(f"did you mean {nearest}?", outcome.err)
                self.assertEqual(outcome.err.count("\n"), 1)

    def test_words_far_from_all_get_none(self):
        outcome = node.run("frobnicate")
        self.assertEqual(outcome.code, USAGE)
        self.assertIn('unknown command "frobnicate"', outcome.err)
        self.assertNotIn("did you mean", outcome.err)

    def test_wrong_use_ends_with_2(self):
        for words in ([], ["get"], ["get", "a", "b"], ["prefix"], ["list"], ["import"],
                      ["import", "x", "--duplicates", "all"], ["import", "x", "--fill", "x"],
                      ["init", "--map-size", "12Q"], ["prefix", "suspend", "88.1"],
                      ["resolve", "x", "--transport", "carrier-pigeon"]):
            with self.subTest(words):
                outcome = node.run(*words)
                self.assertEqual((outcome.code, outcome.out), (USAGE, ""))
                self.assertTrue(outcome.err.startswith("idnode: "))

    def test_version_of_both_programs(self):
        self.assertRegex(node.run("--version").out, r"^idnode \d+\.\d+\.\d+\n$")
        other = subprocess.run([node.IDNODED, "--version"], capture_output=True, text=True,
                               check=True)
        self.assertRegex(other.stdout, r"^idnoded \d+\.\d+\.\d+\n$")

    def test_registry_comes_from_the_configuration_too(self):
        registry = node.Registry()
        registry.do("prefix", "add", "88.118.8")
        config = node.folder() / "node.toml"
        config.write_text(f"[registry]\npath = {node.toml(str(registry.path))}\n")
        outcome = node.run("prefix", "show", "88.118.8", "--config", config)
        self.assertEqual((outcome.code, outcome.out), (DONE, "88.118.8  active  0 identifiers\n"))
        config.write_text("[registry\n")
        outcome = node.run("info", "--config", config)
        self.assertEqual(outcome.code, USAGE)
        self.assertIn(f"{config}:1:", outcome.err)


class Init(Case):
    def test_makes_files_for_owner_and_group(self):
        for name in ("data.mdb", "lock.mdb"):
            mode = (self.registry.path / name).stat().st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o660, name)

    def test_gives_the_files_the_owner_of_the_directory(self):
        if os.geteuid() != 0:
            self.skipTest("only root gives files away")
        place = node.folder()
        os.chown(place, 12345, 12346)
        node.Registry(path=place)
        status = (place / "data.mdb").stat()
        self.assertEqual((status.st_uid, status.st_gid), (12345, 12346))

    def test_refuses_what_is_there(self):
        self.assert_says(self.do("init", code=TROUBLE), "there is a registry already")
        self.assert_says(node.run("init", "--registry", "/dev/null"), "not a directory")

    def test_enlarges_the_map_of_a_closed_registry(self):
        place = node.Registry("--map-size", "64M")
        self.assertEqual(place.do("info", "--json").json()["mapBytes"], 64 << 20)
        place.do("init", "--map-size", "1G")
        self.assertEqual(place.do("info", "--json").json()["mapBytes"], 1 << 30)
        self.assert_says(place.do("init", "--map-size", "64M", code=TROUBLE), "only grow")
        self.assert_says(place.do("init", "--map-size", "1K", code=TROUBLE), "out of range")
        with node.Node(place) as running:  # It has not even read anything yet.
            self.assert_says(place.do("init", "--map-size", "2G", code=TROUBLE),
                             f"process {running.process.pid} has the registry open")
        place.do("init", "--map-size", "2G")

    def test_no_command_makes_a_registry_by_the_way(self):
        nowhere = node.folder() / "nothing"
        for words in (["info"], ["get", SN1], ["verify"], ["export"], ["copy", "x"],
                      ["put", SN1, "--value", URL], ["prefix", "list"], ["list", "88.118.8"]):
            outcome = node.run(*words, "--registry", nowhere)
            self.assertEqual(outcome.code, TROUBLE, words)
            self.assertIn("there is no registry", outcome.err)
            self.assertIn("idnode init --registry", outcome.err)
        self.assertFalse(nowhere.exists())

    def test_other_files_are_no_registry(self):
        place = node.folder()
        for content in (b"", b"hello", bytes(8192), os.urandom(20_000)):
            (place / "data.mdb").write_bytes(content)
            outcome = node.run("info", "--registry", place)
            self.assertEqual(outcome.code, TROUBLE, content[:8])
            self.assertIn("not a registry", outcome.err)

    def test_files_of_others_are_named_with_user_and_remedy(self):
        if os.geteuid() != 0:
            self.skipTest("needs another user")
        os.chmod(self.registry.path, 0o755)
        os.chmod(self.registry.path.parent, 0o755)
        try:
            outcome = self.registry.run("info", user=65534, group=65534, extra_groups=[])
        except PermissionError:
            self.skipTest("another user cannot reach the program")
        self.assertEqual(outcome.code, DENIED)
        self.assert_says(outcome, "data.mdb", "may not open it (owner root, mode 0660)", "run as")
        # Readers too write into the lock file.
        os.chmod(self.registry.path / "data.mdb", 0o644)
        os.chmod(self.registry.path / "lock.mdb", 0o644)
        outcome = self.registry.run("info", user=65534, group=65534, extra_groups=[])
        self.assertEqual(outcome.code, DENIED)
        self.assert_says(outcome, "lock.mdb", "may not open it (owner root, mode 0644)")
        for below in ("new", "far/new"):
            outcome = node.run("init", "--registry", self.registry.path / below, user=65534,
                               group=65534, extra_groups=[])
            self.assertEqual(outcome.code, DENIED)
            self.assert_says(outcome, "user nobody may not make it")


class Put(Case):
    def setUp(self):
        super().setUp()
        self.do("prefix", "add", "88.118.8")

    def outcome(self, *words, code=DONE):
        return self.do("put", *words, "--json", code=code).json()

    def test_adds_then_finds_the_same_then_refuses_another(self):
        first = self.outcome(SN1, "--value", URL)
        self.assertEqual((first["handle"], first["outcome"]), (SN1, "added"))
        again = self.outcome(SN1, "--value", URL)
        self.assertEqual(again["outcome"], "unchanged")
        other = "URL@1=https://example.org/other"
        self.assertEqual(self.outcome(SN1, "--value", other, code=NEGATIVE)["outcome"], "exists")
        self.assertEqual(self.data(), "https://example.org/SN1")
        replaced = self.outcome(SN1, "--value", other, "--replace")
        self.assertEqual(replaced["outcome"], "replaced")
        self.assertGreater(replaced["sequence"], first["sequence"])
        self.assertEqual(self.data(), "https://example.org/other")

    def data(self):
        return self.do("get", SN1, "--json").json()["values"][0]["data"]["value"]

    def test_takes_values_in_any_order_and_keeps_them_by_index(self):
        self.registry.put(SN1, "B@7=b=c", "A@2=@", "URL.zh@300=零件")
        values = self.do("get", SN1, "--json").json()["values"]
        self.assertEqual([(one["index"], one["type"], one["data"]["value"]) for one in values],
                         [(2, "A", "@"), (7, "B", "b=c"), (300, "URL.zh", "零件")])
        self.assertEqual({(one["ttl"], one.get("permissions", "1110")) for one in values},
                         {(86400, "1110")})

    def test_takes_records_from_file_and_standard_input(self):
        record = {"handle": SN1, "values": [
            {"index": 5, "type": "N", "data": {"format": "base64", "value": "AP8="}, "ttl": 60,
             "permissions": "0111", "timestamp": "2020-02-29T12:00:00Z"}]}
        place = node.folder() / "record.json"
        place.write_text(json.dumps(record))
        self.do("put", SN1, "--record", place)
        self.assertEqual(self.do("get", SN1, "--json").json(), record)
        del record["handle"]
        self.do("put", "88.118.8/SN2", "--record", "-", data=json.dumps(record))
        self.assertEqual(self.do("get", "88.118.8/SN2", "--json").json()["values"],
                         record["values"])

    def test_refuses_bad_words_with_2(self):
        for values, text in (([], "--value or --record"), (["URL"], "is no value"),
                             (["URL@=x"], "is no index"), (["URL@0=x"], "is no index"),
                             (["URL@x=x"], "is no index"), (["@1=x"], "is no value"),
                             (["A@1=x", "B@1=y"], "given twice"),
                             (["A@1=" + "x" * 66_000], "above 65536")):
            self.assert_says(self.registry.put(SN1, *values, code=USAGE), text)
        for identifier in ("88.118.8", "88.118.8/", "88.118.8/ x", "88.118.8/x ", "88..8/x",
                           "88.1#8/x", "88.118.8/a\tb", "88.118.8/" + "x" * 472):
            with self.subTest(identifier[:20]):
                self.assert_says(self.registry.put(identifier, URL, code=USAGE), "idnode: ")
        self.registry.put("88.118.8/" + "x" * 471, URL)

    def test_refuses_bad_records_with_2_and_the_place(self):
        for text, reason in (("{", "not JSON"), ('{"values":[{"index":1}]}', "value 1"),
                             ('{"handle":"88.118.8/other","values":[]}', "88.118.8/other"),
                             ('{"values":[{"index":0,"type":"A","data":"x"}]}', "0 is no index"),
                             ('{"values":[{"index":2147483648,"type":"A","data":"x"}]}',
                              "2147483648 is no index")):
            outcome = self.do("put", SN1, "--record", "-", data=text, code=USAGE)
            self.assert_says(outcome, reason)
        for file in ("/no/such/file", "/"):
            self.do("put", SN1, "--record", file, code=USAGE)
        self.do("get", SN1, code=NEGATIVE)

    def test_refuses_prefixes_that_are_unknown_or_removed_with_1(self):
        self.assertEqual(self.outcome("88.9/x", "--value", URL, code=NEGATIVE)["outcome"],
                         "noPrefix")
        self.do("prefix", "remove", "88.118.8")
        self.assertEqual(self.outcome(SN1, "--value", URL, code=NEGATIVE)["outcome"],
                         "prefixRemoved")


class GetDeleteList(Case):
    def setUp(self):
        super().setUp()
        self.do("prefix", "add", "88.118.8")
        for i in range(25):
            self.registry.put(f"88.118.8/sn{i:02}", f"N@1={i}")

    def test_get_shows_the_case_registered(self):
        outcome = self.do("get", "88.118.8/SN07")
        self.assertEqual(outcome.out.splitlines()[0], "88.118.8/sn07")
        self.assertRegex(outcome.out, r"\n +1  N +rwr-  ttl 86400  \S+  7\n$")
        self.assertEqual(self.do("get", "88.118.8/SN07", "--json").json()["handle"],
                         "88.118.8/sn07")

    def test_get_tells_of_a_suspended_prefix(self):
        self.do("prefix", "suspend", "88.118.8", "--reason", "licence expired")
        self.assert_says(self.do("get", "88.118.8/sn07"), "suspended: licence expired")
        self.do("prefix", "suspend", "88.118.8", "--reason", "left \u202e of it")
        self.assertNotIn("\u202e", self.do("get", "88.118.8/sn07").err)
        self.do("prefix", "set", "88.118.8", "--state", "being-deleted", "--reason", "dissolved")
        self.assert_says(self.do("get", "88.118.8/sn07"), "being deleted: dissolved")

    def test_what_is_not_there_ends_with_1(self):
        for identifier in ("88.118.8/sn99", "88.9/x", "x", "88.118.8/" + "x" * 5000):
            self.assertEqual(self.do("get", identifier, code=NEGATIVE).out, "")
            self.do("delete", identifier, code=NEGATIVE)

    def test_delete_takes_one_out(self):
        self.assertIn("deleted", self.do("delete", "88.118.8/SN07").out)
        self.do("get", "88.118.8/sn07", code=NEGATIVE)
        self.assertEqual(self.do("delete", "88.118.8/sn07", "--json", code=NEGATIVE).json(),
                         {"handle": "88.118.8/sn07", "outcome": "absent", "sequence":
                          self.do("info", "--json").json()["journalHead"]})
        self.assertEqual(len(self.do("list", "88.118.8").out.splitlines()), 24)

    def test_list_pages_by_key(self):
        seen, start = [], []
        for _ in range(10):
            lines = self.do("list", "88.118.8", "--limit", 7, "--json", *start).lines()
            following = lines.pop()["next"] if "next" in lines[-1] else None
            seen += [line["handle"] for line in lines]
            if following is None:
                break
            start = ["--from", following]
        self.assertEqual(seen, [f"88.118.8/sn{i:02}" for i in range(25)])
        self.assertEqual(len(lines), 4)

    def test_list_says_when_more_follow_and_only_then(self):
        outcome = self.do("list", "88.118.8", "--limit", 24)
        self.assert_says(outcome, "--from '88.118.8/sn24'")
        self.assertEqual(self.do("list", "88.118.8", "--limit", 25).err, "")
        self.assertEqual(len(self.do("list", "88.118.8", "--limit", 0).out.splitlines()), 25)

    def test_list_with_values_is_what_get_shows(self):
        lines = self.do("list", "88.118.8", "--values", "--json").lines()
        self.assertEqual(lines[3], self.do("get", "88.118.8/sn03", "--json").json())

    def test_list_keeps_prefixes_apart(self):
        self.do("list", "88.118", code=NEGATIVE)
        self.do("prefix", "add", "88.118")
        self.do("prefix", "add", "88.118.80")
        self.registry.put("88.118.80/x", URL)
        self.assertEqual(self.do("list", "88.118").out, "")
        self.assertEqual(self.do("list", "88.118.80").out, "88.118.80/x\n")
        self.assertEqual(len(self.do("list", "88.118.8").out.splitlines()), 25)


class Prefix(Case):
    def state(self, name="88.118.8"):
        return self.do("prefix", "show", name, "--json").json()["state"]

    def test_begins_with_the_one_of_prefix_handles(self):
        self.assertEqual([one["prefix"] for one in self.do("prefix", "list", "--json").lines()],
                         ["0.NA"])

    def test_add_keeps_the_case_and_happens_once(self):
        self.do("prefix", "add", "88.abc")
        self.assertEqual(self.do("prefix", "show", "88.ABC", "--json").json()["prefix"], "88.abc")
        self.assert_says(self.do("prefix", "add", "88.ABC", code=NEGATIVE), "there already")
        for name in ("", "88.", ".88", "88..1", "88 1", "88/1", "88.é"):
            with self.subTest(name):
                self.do("prefix", "add", name, code=USAGE)

    def test_shows_counts(self):
        self.do("prefix", "add", "88.118.8")
        for i in range(3):
            self.registry.put(f"88.118.8/{i}", URL)
        self.do("delete", "88.118.8/0")
        shown = self.do("prefix", "show", "88.118.8", "--json").json()
        self.assertEqual((shown["identifiers"], shown["everRegistered"]), (2, 3))
        self.assertIn("88.118.8  active  2 identifiers", self.do("prefix", "list").out)
        self.do("prefix", "show", "88.9", code=NEGATIVE)

    def test_states_follow_the_verbs(self):
        self.do("prefix", "add", "88.118.8")
        self.do("prefix", "suspend", "88.118.8", "--reason", "licence expired")
        shown = self.do("prefix", "show", "88.118.8", "--json").json()
        self.assertEqual((shown["state"], shown["reason"]), ("suspended", "licence expired"))
        self.do("prefix", "resume", "88.118.8")
        self.assertEqual(self.state(), "active")
        self.do("prefix", "set", "88.118.8", "--state", "being-deleted", "--reason", "gone")
        self.assertEqual(self.state(), "being deleted")
        self.do("prefix", "set", "88.118.8", "--state", "asleep", code=USAGE)
        self.do("prefix", "set", "88.118.8", "--state", "active")
        self.do("prefix", "unhome", "88.118.8")
        self.assertFalse(self.do("prefix", "show", "88.118.8", "--json").json()["homed"])
        self.do("prefix", "home", "88.118.8")
        self.assertTrue(self.do("prefix", "show", "88.118.8", "--json").json()["homed"])
        for verb in ("suspend", "resume", "home", "unhome", "remove"):
            more = ["--reason", "x"] if verb == "suspend" else []
            self.do("prefix", verb, "88.9", *more, code=NEGATIVE)

    def test_removes_only_when_empty_and_for_ever(self):
        self.do("prefix", "add", "88.118.8")
        self.registry.put("88.118.8/1", URL)
        self.assert_says(self.do("prefix", "remove", "88.118.8", code=NEGATIVE), "88.118.8")
        self.do("delete", "88.118.8/1")
        self.do("prefix", "remove", "88.118.8")
        self.do("prefix", "add", "88.118.8", code=NEGATIVE)
        names = lambda *more: [one["prefix"] for one in  # noqa: E731
                               self.do("prefix", "list", "--json", *more).lines()]
        self.assertEqual((names(), names("--all")), (["0.NA"], ["0.NA", "88.118.8"]))
        self.do("verify")


class InfoVerifyCopy(Case):
    def setUp(self):
        super().setUp()
        self.registry.load(
            [{"handle": f"88.{i % 3}/x{i:05}", "values": [
                {"index": 1, "type": "URL", "data": f"https://example.org/{i}"}]}
             for i in range(3000)], "--add-prefixes")

    def test_info_counts(self):
        info = self.do("info", "--json").json()
        self.assertEqual((info["identifiers"], info["prefixes"], info["warnings"]), (3000, 4, []))
        self.assertEqual(sum(one["identifiers"] for one in info["blocks"]), 3000)
        self.assertEqual(info["fileBytes"], (self.registry.path / "data.mdb").stat().st_size)
        self.assertEqual(info["mapBytes"], 512 << 30)
        self.assertEqual((info["oldestReaderMs"], info["oldestReaderProcess"]), (0, 0))
        self.assertGreater(info["growth"]["bytes"], 0)
        self.assertLessEqual(info["growth"]["bytes"], info["fileBytes"])
        self.assertIn("mapFullSeconds", info["growth"])
        text = self.do("info").out
        self.assertRegex(text, r"(?m)^identifiers +3000$")
        self.assertRegex(text, r"(?m)^growth +[0-9.]+ KiB in \d+ s")
        self.assertRegex(text, r"(?m)^blocks +\S+: \d+ with \d+ identifiers, [0-9.]+ KiB, "
                               r"\d+ % full$")
        self.assertIn(info["uuid"], text)

    def test_verify_is_clean(self):
        report = self.do("verify", "--json").json()
        self.assertEqual((report["clean"], report["identifiers"], report["prefixes"]),
                         (True, 3000, 4))
        self.assertEqual(report["journalEntries"],
                         self.do("info", "--json").json()["journalEntries"])
        self.assertRegex(self.do("verify").out, r"^clean: 3000 identifiers in \d+ blocks")

    def test_copy_holds_the_same(self):
        place = node.folder() / "copy"
        done = self.do("copy", place, "--json").json()
        self.assertEqual(done["bytes"], (place / "data.mdb").stat().st_size)
        self.assertEqual(node.run("verify", "--registry", place).code, DONE)
        self.assertEqual(node.run("export", "--registry", place).out, self.do("export").out)
        self.do("copy", place, code=TROUBLE)
        self.do("copy", "/dev/null", code=TROUBLE)


class Resolve(Case):
    def setUp(self):
        super().setUp()
        self.do("prefix", "add", "88.118.8")
        self.registry.put(SN1, URL, "NOTE@2=one\x1b[31m", "LONG@3=" + "x" * 20_000)
        self.running = self.enterContext(node.Node(self.registry))

    def ask(self, *words, port=None, code=DONE):
        server = f"127.0.0.1:{port or self.running.udp_port}"
        outcome = node.run("resolve", *words, "--server", server)
        self.assertEqual(outcome.code, code, outcome.err)
        return outcome

    def test_shows_values_for_people_and_for_programs(self):
        text = self.ask(SN1.lower(), "--index", 1).out
        self.assertEqual(text.splitlines()[0], SN1.lower())
        self.assertRegex(text, r"\n +1  URL +rwr-  ttl 86400  \S+  https://example.org/SN1\n$")
        found = self.ask(SN1, "--type", "url", "--json").json()
        self.assertEqual((found["responseCode"], found["handle"]), (1, SN1))
        self.assertEqual([one["data"]["value"] for one in found["values"]],
                         ["https://example.org/SN1"])

    def test_lets_no_control_characters_through(self):
        self.assertNotIn("\x1b", self.ask(SN1, "--index", 2).out)

    def test_asks_over_both_transports(self):
        udp, tcp = self.running.udp_port, self.running.tcp_port
        self.ask(SN1, "--index", 1, "--transport", "udp", port=udp)
        found = self.ask(SN1, "--transport", "tcp", "--json", port=tcp).json()
        self.assertEqual(len(found["values"]), 3)
        self.ask(SN1, "--transport", "udp", port=udp, code=NO_ANSWER)  # Too long an answer.

    def test_goes_on_to_tcp_when_the_answer_is_too_long(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = [f"127.0.0.1:{port}"]
        with node.Node(self.registry, listen_udp=address, listen_tcp=address):
            outcome = self.ask(SN1, "--trace", port=port)
        self.assertIn("x" * 20_000, outcome.out)
        self.assertRegex(outcome.err, r"\d+\.\d{3} ms  ")
        self.assert_says(outcome, "on to TCP")

    def test_traces_each_step_with_its_time(self):
        found = self.ask(SN1, "--index", 1, "--trace", "--json").json()
        self.assertGreater(len(found["trace"]), 1)
        times = [step["milliseconds"] for step in found["trace"]]
        self.assertEqual(times, sorted(times))

    def test_exit_codes_follow_the_answers(self):
        self.assert_says(self.ask("88.118.8/none", code=NEGATIVE), "not found", "100")
        self.assertEqual(self.ask("88.118.8/none", "--json", code=NEGATIVE).json(),
                         {"responseCode": 100, "handle": "88.118.8/none", "values": []})
        self.assert_says(self.ask("88.9/x", code=NEGATIVE), "not responsible")
        self.ask(SN1, "--index", 9, code=NEGATIVE)
        self.do("prefix", "suspend", "88.118.8", "--reason", "licence expired")
        self.assert_says(self.ask(SN1, code=DENIED), "reason=licence expired")

    def test_nobody_there_ends_with_5(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            outcome = self.ask(SN1, "--timeout", 1, "--transport", "udp",
                               port=silent.getsockname()[1], code=NO_ANSWER)
        self.assert_says(outcome, "check the address and that the node runs")
        self.assertEqual(node.run("resolve", SN1, "--server", "host.invalid:2641",
                                  "--timeout", 1).code, NO_ANSWER)

    def test_wrong_words_end_with_2(self):
        for server in ("", ":", "127.0.0.1:x", "127.0.0.1:70000", "[::1"):
            outcome = node.run("resolve", SN1, "--server", server)
            self.assertEqual(outcome.code, USAGE, server)
        self.ask(SN1, "--index", "one", code=USAGE)
        self.ask("", code=USAGE)


if __name__ == "__main__":
    node.main()
