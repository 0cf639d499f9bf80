#!/usr/bin/env python3
"""deploy/run.sh from the first start to the stop, in a path with spaces and Chinese characters.

    tests/deploy/deploy_test.py BUILD_DIR     (after tests/deploy/release_copy.py BUILD_DIR)
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from release_copy import copy_of  # noqa: E402

SHOWN_URL = re.compile(r"URL.*https://\S+", re.I)


def free_port():
    """A port that neither UDP nor TCP uses on loopback."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


def is_running(pid):
    """False also for one that has ended but that nobody asked for: init may be slow at it."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


class DeployTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="idnode deploy 状态 "))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.state = cls.folder / "state 甲"
        cls.port = free_port()
        cls.first = cls.deploy("--port", str(cls.port))
        cls.addClassCleanup(cls.deploy, "--stop")

    @classmethod
    def deploy(cls, *arguments, state=None):
        env = {**os.environ, "IDNODE_STATE": str(state or cls.state)}
        return subprocess.run([COPY / "deploy/run.sh", *arguments], env=env, cwd="/", timeout=600,
                              capture_output=True, text=True, check=False)

    def idnode(self, *arguments):
        return subprocess.run([COPY / "build/release/admin-cli/idnode", *arguments], timeout=60,
                              capture_output=True, text=True, check=False)

    def pid(self):
        return int((self.state / "idnoded.pid").read_text())

    def test_first_start_shows_a_lookup_and_says_how_to_go_on(self):
        self.assertEqual(self.first.returncode, 0, self.first.stderr + self.first.stdout)
        self.assertRegex(self.first.stdout, SHOWN_URL)
        for words in (str(self.state), "ask again:", "--stop"):
            self.assertIn(words, self.first.stdout)

    def test_what_it_says_to_type_works_as_it_stands(self):
        for label in ("ask again", "look in"):
            command = re.search(rf"{label}: +(.*)", self.first.stdout).group(1)
            done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_second_run_reuses_node_and_registry(self):
        pid, made = self.pid(), (self.state / "registry").stat().st_mtime_ns
        second = self.deploy()
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertIn("already runs", second.stdout)
        self.assertRegex(second.stdout, SHOWN_URL)
        self.assertEqual((self.pid(), (self.state / "registry").stat().st_mtime_ns), (pid, made))

    def test_sample_has_fifty_enterprises_a_million_identifiers_and_one_suspended(self):
        listed = self.idnode("prefix", "list", "--registry", self.state / "registry").stdout
        self.assertEqual(len(re.findall(r"^88\.", listed, re.M)), 50)
        suspended = [line for line in listed.splitlines() if "suspended" in line]
        self.assertEqual(len(suspended), 1)
        prefix = suspended[0].split()[0]
        answer = self.idnode("resolve", f"{prefix}/X", "--server", f"127.0.0.1:{self.port}")
        self.assertEqual(answer.returncode, 4, answer.stderr)
        self.assertIn("suspended", answer.stderr)

    def assert_left_nothing(self, state):
        for name in ("idnoded.pid", "idnoded.toml"):
            self.assertFalse((state / name).exists(), name)
        self.assertEqual(self.processes_of(state), [])

    def test_taken_port_gets_one_line_and_leaves_nothing_behind(self):
        other = self.folder / "other"
        other.mkdir()
        shutil.copytree(self.state / "registry", other / "registry")
        for _ in range(3):  # Who is first, the node or the one that looks at its log, is chance.
            (other / "idnoded.log").write_text("… info ready udp=an earlier run's\n")
            done = self.deploy("--port", str(self.port), state=other)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr,
                             rf"\Adeploy: the node did not start: .*{self.port}.*\n\Z")
            self.assert_left_nothing(other)

    def test_a_log_that_cannot_be_written_gets_one_line_and_leaves_nothing_behind(self):
        other = self.folder / "no log"
        (other / "registry").mkdir(parents=True)
        (other / "idnoded.log").mkdir()
        done = self.deploy("--port", str(free_port()), state=other)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Adeploy: cannot write .*/idnoded.log; .*--state DIR\n\Z")
        self.assert_left_nothing(other)

    def test_taken_port_leaves_an_edited_configuration_as_it_was(self):
        other = self.folder / "edited"
        other.mkdir()
        shutil.copytree(self.state / "registry", other / "registry")
        port = free_port()
        edited = (self.state / "idnoded.toml").read_text().replace(str(self.port), str(port))
        edited = edited.replace(str(self.state), str(other)) + "\n[server]\nworkers = 1\n"
        (other / "idnoded.toml").write_text(edited)
        done = self.deploy("--port", str(self.port), state=other)
        self.assertEqual(done.returncode, 1)
        self.assertEqual((other / "idnoded.toml").read_text(), edited)
        self.addCleanup(self.deploy, "--stop", state=other)
        started = self.deploy(state=other)  # On the port of the last start.
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertIn(f"127.0.0.1:{port}", started.stdout)
        self.assertEqual((other / "idnoded.toml").read_text(), edited)
        self.deploy("--stop", state=other)
        moved = free_port()
        self.assertEqual(self.deploy("--port", str(moved), state=other).returncode, 0)
        self.assertEqual((other / "idnoded.toml").read_text(),
                         edited.replace(str(port), str(moved)))
        self.assertEqual(sorted(one.name for one in other.glob("idnoded.toml*")),
                         ["idnoded.toml"])

    def test_a_node_with_a_log_file_of_its_own_and_little_to_say_is_found_ready(self):
        other = self.folder / "quiet"
        other.mkdir()
        shutil.copytree(self.state / "registry", other / "registry")
        config = (self.state / "idnoded.toml").read_text()
        config = config.replace(str(self.port), str(free_port())).replace(
            str(self.state), str(other))
        log = other / "own.log"
        (other / "idnoded.toml").write_text(
            f'{config}\n[log]\nlevel = "error"\n file = "{log}" # Ours.\n')
        self.addCleanup(self.deploy, "--stop", state=other)
        started = self.deploy(state=other)
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertRegex(started.stdout, SHOWN_URL)
        self.assertIn(f"log:        {log}\n", started.stdout)

    def test_another_port_for_a_running_node_is_refused(self):
        done = self.deploy("--port", str(free_port()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("stop it first", done.stderr)

    def test_stop_ends_the_node_and_start_finds_its_port_and_registry_again(self):
        pid = self.pid()
        self.assertIn("stopped", self.deploy("--stop").stdout)
        self.assertFalse(is_running(pid))
        self.assertIn("no node runs", self.deploy("--stop").stdout)
        again = self.deploy()
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(f"127.0.0.1:{self.port}", again.stdout)
        self.assertNotIn("making the sample", again.stdout)

    def test_wrong_arguments_are_named(self):
        for arguments in (["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--sotp"]):
            done = self.deploy(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(arguments[-1], done.stderr)

    @staticmethod
    def processes_of(state):
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(state / "idnoded.toml").encode() in entry.read_bytes():
                    found.append(entry)
            except OSError:
                pass  # It ended meanwhile.
        return found


if __name__ == "__main__":
    COPY = copy_of(sys.argv.pop(1))
    unittest.main()
