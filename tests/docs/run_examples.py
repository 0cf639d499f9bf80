#!/usr/bin/env python3
"""Runs every example of the documents as a reader would type it, and compares what it prints.

    tests/docs/run_examples.py BUILD_DIR [DOCUMENT…]  (after tests/deploy/release_copy.py BUILD_DIR)

All run in a network namespace of their own, so that port 2641 is free; deploy/run.sh has been
started once, in a home directory of its own. Each document's examples run in order in one
empty directory with the programs on the PATH. A command that ends in `&` is a node: it is waited
for until it serves, and ended behind the document.
"""
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "deploy"))

from examples import examples_in, matches  # noqa: E402
from release_copy import copy_of  # noqa: E402

SECONDS_MAX = 120
IN_NAMESPACE = "IDNODE_EXAMPLES_NAMESPACE"
SERVING = " info ready "


def enter_namespace():
    """Starts this program again where nothing else listens; comes back only if it is there."""
    if IN_NAMESPACE in os.environ:
        return
    os.environ[IN_NAMESPACE] = "1"
    command = 'ip link set lo up && "$@"'
    done = subprocess.run(["unshare", "--map-root-user", "--net", "sh", "-c", command, "sh",
                           sys.executable, *sys.argv], check=False)
    sys.exit(done.returncode)


class Reader:
    """One reader of one document: a directory and the nodes that were started in it."""

    def __init__(self, env):
        self.folder = tempfile.TemporaryDirectory(prefix="idnode-docs-")
        self.env = env
        self.nodes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.terminate()
            node.wait(timeout=30)
        self.folder.cleanup()

    def run(self, example):
        """Gives what is wrong with the example, or nothing."""
        if example.command.endswith("&"):
            return self.start_node(example.command.rstrip("& "))
        done = subprocess.run(["bash", "-o", "pipefail", "-c", example.command], env=self.env,
                              cwd=self.folder.name, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS_MAX, check=False)
        if example.expected and not matches(example.expected, done.stdout):
            return "prints something else:\n" + done.stdout
        if not example.expected and done.returncode != 0:
            return f"ends with {done.returncode}:\n" + done.stdout
        return ""

    def start_node(self, command):
        log = Path(self.folder.name, f"node{len(self.nodes)}.log")
        with log.open("w") as out:
            self.nodes.append(subprocess.Popen(["bash", "-c", "exec " + command], env=self.env,
                                               cwd=self.folder.name, stdout=out, stderr=out))
        deadline = time.monotonic() + 30
        while SERVING not in log.read_text():
            if self.nodes[-1].poll() is not None or time.monotonic() > deadline:
                return "does not serve:\n" + log.read_text()
            time.sleep(0.05)
        return ""


def failures_of(document, env):
    with Reader(env) as reader:
        for example in examples_in(document.read_text()):
            if not example.skipped:
                wrong = reader.run(example)
                if wrong:
                    yield f"{document}:{example.line}: $ {example.command}\n{wrong}"


def environment(copy, home):
    bins = [copy / "build/release" / part for part in ("admin-cli", "resolver", "bench")]
    env = {**os.environ, "HOME": home, "PATH": ":".join([*map(str, bins), os.environ["PATH"]])}
    for name in ("IDNODE_STATE", "XDG_STATE_HOME"):
        env.pop(name, None)
    return env


def main():
    enter_namespace()
    copy = copy_of(sys.argv[1])
    documents = [Path(d) for d in sys.argv[2:]] or sorted(
        d for d in copy.rglob("*.md") if "build" not in d.relative_to(copy).parts)
    failures, count = [], 0
    with tempfile.TemporaryDirectory(prefix="idnode-home-") as home:
        env = environment(copy, home)
        subprocess.run([copy / "deploy/run.sh"], env=env, check=True, stdout=subprocess.DEVNULL)
        try:
            for document in documents:
                count += sum(not e.skipped for e in examples_in(document.read_text()))
                failures += failures_of(document, env)
        finally:
            subprocess.run([copy / "deploy/run.sh", "--stop"], env=env, check=True,
                           stdout=subprocess.DEVNULL)
    print(*failures, f"{count - len(failures)} of {count} examples hold", sep="\n")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
