#!/usr/bin/env python3
"""deploy/packages.sh with a dpkg-query and an apt-get of its own in front of the machine's."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


class PackagesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = Path(folder.name)
        self.calls = self.bin / "calls"
        self.program("apt-get", f'printf "%s\\n" "$*" >>"{self.calls}"')
        self.program("sudo", 'exec "$@"')

    def program(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def installed(self, names):
        self.program("dpkg-query",
                     f'for last; do :; done\ncase " {names} " in *" $last "*) printf installed ;;\n'
                     '*) exit 1 ;; esac')

    def run_script(self, *sections):
        env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        return subprocess.run([DEPLOY / "packages.sh", *sections], env=env, capture_output=True,
                              text=True, check=False)

    def listed(self, section):
        text = (DEPLOY / "packages.txt").read_text()
        return re.search(rf"^\[{section}\]\n(.*?)(\n\n|\Z)", text, re.S | re.M).group(1).split()

    def test_asks_apt_nothing_when_nothing_is_missing(self):
        self.installed(" ".join(self.listed("run")))
        self.assertEqual(self.run_script("run").returncode, 0)
        self.assertFalse(self.calls.exists())

    def test_installs_exactly_what_is_missing(self):
        wanted = self.listed("run") + self.listed("build")
        missing = {"libuv1", "cmake"}
        self.installed(" ".join(set(wanted) - missing))
        self.assertEqual(self.run_script("run", "build").returncode, 0)
        install = self.calls.read_text().splitlines()[-1]
        self.assertEqual(set(install.split()) & set(wanted), missing)

    def test_a_failed_installation_is_said_with_the_packages(self):
        self.installed("")
        self.program("apt-get", "exit 100")
        done = self.run_script("run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt could not install: libfmt9", done.stderr)

    def test_an_unknown_or_missing_section_is_refused(self):
        self.assertIn("no section 'tests'", self.run_script("tests").stderr)
        self.assertEqual(self.run_script().returncode, 1)

    def test_no_package_is_listed_twice(self):
        names = [n for s in ("run", "build", "test", "peers") for n in self.listed(s)]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
