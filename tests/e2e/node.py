"""A registry and a node of the test's own, made by the programs under test.

The programs are IDNODE_BIN and IDNODED_BIN, else those of build/release. Directories are
temporary, ports are chosen by the system. Each program that ends is looked at for reports of a
sanitizer.
"""
import atexit
import base64
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

import handle_client as client

ROOT = Path(__file__).resolve().parents[2]
IDNODE = os.environ.get("IDNODE_BIN", str(ROOT / "build/release/admin-cli/idnode"))
IDNODED = os.environ.get("IDNODED_BIN", str(ROOT / "build/release/resolver/idnoded"))
SECONDS_MAX = 120.0  # For one program to end or one line to come; only a fault takes so long.
SKIPPED = 77         # The exit code of a test that could not run here.
SANITIZER_REPORT = re.compile(r"(Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error:")


def is_sanitized():
    """Whether the programs under test carry a sanitizer: they are slower and take more memory."""
    return any(b"__asan_init" in Path(one).read_bytes() for one in (IDNODE, IDNODED))


def folder():
    """A new directory that is gone with the test program."""
    path = Path(tempfile.mkdtemp(prefix="idnode-e2e-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def irregular(i, size=40):
    """A text of number `i` that the registry stores as it is: it shares nothing with others, and is
    not of letters and digits alone."""
    octets = random.Random(i).randbytes(size)
    return base64.b85encode(octets).decode()[:size]


def until(condition, what, seconds=SECONDS_MAX, interval=0.02):
    """The first true result of `condition`; asked again and again, for a bounded time."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        select.select([], [], [], interval)


def assert_no_report(text):
    found = SANITIZER_REPORT.search(text)
    if found:
        raise AssertionError(f"a sanitizer reports:\n{text[-8000:]}")


def json_lines(text):
    """Lines end with a line feed only: JSON may hold what else python takes for a line break."""
    return [json.loads(line) for line in text.split("\n") if line]


@dataclass
class Outcome:
    code: int
    out: str
    err: str
    rss_kib: int = 0

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return json_lines(self.out)


def run(*arguments, data=None, stdin=None, seconds=SECONDS_MAX, **how):
    """Runs idnode to its end. `data` (text or octets) or `stdin` (a file) is its input."""
    data = data.encode() if isinstance(data, str) else data
    if stdin is None and data is None:
        stdin = subprocess.DEVNULL
    process = subprocess.Popen(
        [IDNODE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.PIPE if data is not None else stdin, **how)
    try:
        out, err = process.communicate(data, timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    outcome = Outcome(process.returncode, out.decode(), err.decode(errors="replace"))
    assert_no_report(outcome.err)
    return outcome


def measured(*arguments, stdin=subprocess.DEVNULL):
    """As run(), and tells the peak of its memory. Its output must be small."""
    place = folder()
    with open(place / "out", "wb+") as out, open(place / "err", "wb+") as err:
        process = subprocess.Popen([IDNODE, *map(str, arguments)], stdin=stdin, stdout=out,
                                   stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    outcome = Outcome(process.returncode, (place / "out").read_text(),
                      (place / "err").read_text(errors="replace"), usage.ru_maxrss)
    assert_no_report(outcome.err)
    return outcome


class Registry:
    """A directory with a registry; `run` gives commands that work on it."""

    def __init__(self, *init, path=None):
        self.path = path or folder() / "registry"
        self.do("init", *init)

    def run(self, *arguments, **how):
        return run(*arguments, "--registry", self.path, **how)

    def do(self, *arguments, code=0, **how):
        outcome = self.run(*arguments, **how)
        if outcome.code != code:
            raise AssertionError(f"idnode {' '.join(map(str, arguments))}: code {outcome.code}, "
                                 f"not {code}\n{outcome.out}{outcome.err}")
        return outcome

    def put(self, identifier, *values, **how):
        wanted = [word for value in values for word in ("--value", value)]
        return self.do("put", identifier, *wanted, **how)

    def load(self, records, *options, **how):
        """Imports records in Handle JSON."""
        data = "".join(json.dumps(record) + "\n" for record in records)
        return self.do("import", "-", "--format", "jsonl", *options, data=data, **how)

    def export(self):
        return {record["handle"]: record for record in self.do("export").lines()}


def toml(value):
    """A value as TOML; strings, numbers, booleans and lists are written as in JSON."""
    return json.dumps(value)


class Node:
    """A running idnoded on 127.0.0.1. Use it in a `with`: its end is checked, too."""

    def __init__(self, registry, **settings):
        """Settings by section and key, as listen_udp=["127.0.0.1:0"] or server_workers=2."""
        self.folder = folder()
        self.config = self.folder / "idnoded.toml"
        self.settings = {"registry_path": str(getattr(registry, "path", registry)),
                         "listen_udp": ["127.0.0.1:0"], "listen_tcp": ["127.0.0.1:0"],
                         "server_workers": 2} | settings
        self.write_config()
        self.lines, self.changed = [], threading.Condition()
        self.process = self.udp_port = self.tcp_port = None

    def write_config(self, **settings):
        self.settings |= settings
        sections = {}
        for name, value in self.settings.items():
            section, _, key = name.partition("_")
            sections.setdefault(section, []).append(f"{key} = {toml(value)}\n")
        text = "".join(f"[{name}]\n{''.join(lines)}" for name, lines in sections.items())
        self.config.write_text(text)

    def start(self, *prefix):
        self.process = subprocess.Popen([*prefix, IDNODED, "--config", str(self.config)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.reading = threading.Thread(target=self._read)
        self.reading.start()
        ready = self.wait_for(r"ready .*udp=(\S*) tcp=(\S*)")
        self.udp_port, self.tcp_port = (self._port(ready[i]) for i in (1, 2))
        return self

    @staticmethod
    def _port(addresses):
        return int(addresses.split(",")[0].rpartition(":")[2]) if addresses else None

    def _read(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()

    def wait_for(self, pattern, since=0, seconds=SECONDS_MAX):
        """The match of the first log line from number `since` on that has the pattern."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for line in self.lines[since:]:
                    found = re.search(pattern, line or "")
                    if found:
                        return found
                left = deadline - time.monotonic()
                if left <= 0 or None in self.lines:
                    raise AssertionError(f"no line with {pattern!r} in the log:\n{self.log()}")
                self.changed.wait(left)

    def log(self):
        return "\n".join(line for line in list(self.lines) if line is not None)

    def count(self, pattern):
        return len(re.findall(pattern, self.log()))

    def signal(self, number):
        """Sends a signal; returns the number of the first log line after it."""
        at = len(self.lines)
        os.kill(self.process.pid, number)
        return at

    def stats(self, pattern):
        """The sum of the counters with this pattern, as far as the log has them yet."""
        with self.udp() as udp:
            udp.ask(client.site_request())  # So that there is something to count.
        at = self.signal(signal.SIGUSR1)
        self.wait_for("stats worker=", since=at)
        found = [re.search(pattern + r".*\bcount=(\d+)", line or "") for line in self.lines[at:]]
        return sum(int(one[1]) for one in found if one)

    def wait_for_count(self, pattern, wanted):
        """Asks for the counters until those with the pattern have reached a number."""
        until(lambda: self.stats(pattern) >= wanted, f"{pattern} counted {wanted} times")

    def udp(self, host="127.0.0.1"):
        return client.Udp(host, self.udp_port)

    def tcp(self, host="127.0.0.1", **how):
        return client.Tcp(host, self.tcp_port, **how)

    def ask(self, identifier, **how):
        """One question over UDP on a socket of its own."""
        with self.udp() as udp:
            return udp.ask(client.resolution(identifier, **how))

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        try:
            code = self.process.wait(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.reading.join(timeout=SECONDS_MAX)
            self.process.stderr.close()
        assert_no_report(self.log())
        if code != 0:
            raise AssertionError(f"idnoded ended with {code}:\n{self.log()[-8000:]}")

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, kind, *_):
        try:
            self.stop()
        except AssertionError:
            if kind is None:
                raise


def main():
    """Runs the tests of the calling file; ends with 77 when none of them could run here."""
    program = unittest.main(module="__main__", exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    ran = result.testsRun - len(result.skipped)
    sys.exit(0 if ran > 0 else SKIPPED)
