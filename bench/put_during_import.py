#!/usr/bin/env python3
"""How long a single change takes while an import holds most of the writer's lock.

    bench/put_during_import.py [--build DIR] [--puts N] [--count N] [--result FILE]

Starts a sorted import of COUNT rows of mix 0 into an empty registry under TMPDIR, does N
`idnode put` in a row beside it, each with its start, its wait for the lock and its flush, and
prints their times as JSON. The registry is gone afterwards.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--puts", type=int, default=20)
    parser.add_argument("--count", type=int, default=10_000_000, help="rows of the import")
    parser.add_argument("--result", type=Path, help="also write the JSON document to this file")
    return parser.parse_args()


def text_of(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def timed_put(idnode, registry, number):
    start = time.monotonic()
    text_of(idnode, "put", f"77.1/{number}", "--value", "N@1=x", "--registry", registry)
    return time.monotonic() - start


def journal_head(idnode, registry):
    return json.loads(text_of(idnode, "info", "--registry", registry, "--json"))["journalHead"]


def measure(options, registry):
    idnode = options.build / "admin-cli" / "idnode"
    idgen = options.build / "bench" / "idgen"
    text_of(idnode, "init", "--registry", registry)
    text_of(idnode, "prefix", "add", "77.1", "--registry", registry)
    maps = text_of(idgen, "--mix", 0, "--map").splitlines()
    begun = journal_head(idnode, registry)
    rows = subprocess.Popen([idgen, "--mix", "0", "--count", str(options.count)],
                            stdout=subprocess.PIPE)
    loading = subprocess.Popen(
        [idnode, "import", "-", "--registry", registry, "--format", "csv", "--sorted",
         "--add-prefixes", *maps], stdin=rows.stdout, stdout=subprocess.DEVNULL)
    rows.stdout.close()
    try:
        while journal_head(idnode, registry) == begun:
            time.sleep(0.01)
        times = [timed_put(idnode, registry, i) for i in range(options.puts)]
        if loading.poll() is not None:
            raise SystemExit("the import ended before the puts: give a larger --count")
    finally:
        rows.kill()
        rows.wait()
        loading.wait()
    return {"what": "idnode put beside a sorted import", "puts": options.puts,
            "seconds": {"min": round(min(times), 4), "median": round(statistics.median(times), 4),
                        "max": round(max(times), 4)}}


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="idnode-bench-") as folder:
        document = json.dumps(measure(options, Path(folder) / "registry"))
    print(document)
    if options.result:
        options.result.write_text(document + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
