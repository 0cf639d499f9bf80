#!/usr/bin/env python3
"""What the same records take as mapped CSV and as plain JSON lines, in order and not.

    bench/json_size.py [--build DIR] [--count N] [--mix K]... [--check] [--result FILE]

Imports COUNT records of each mix into empty registries under TMPDIR: as CSV with a mapping, as JSON
lines, and as JSON lines in random order, and prints one line for each: octets an identifier,
everything counted, and rows a second of CPU time; --result writes them as one JSON document, too.
With --check it fails when JSON lines take more than 10 % beside CSV, another order more than 5 %,
or one of the three holds other records.
"""
import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench" / "scale"))

import machine  # noqa: E402

FORMS_MAX = 1.10
ORDERS_MAX = 1.05


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--count", type=int, default=1_000_000, help="records (default 1000000)")
    parser.add_argument("--mix", type=int, action="append", choices=range(4), help="default: all")
    parser.add_argument("--check", action="store_true", help="fail beyond 10 %% and 5 %%")
    parser.add_argument("--result", type=Path, help="also write a JSON document to this file")
    return parser.parse_args()


def run(*command, output=None):
    subprocess.run([str(word) for word in command], check=True, stdout=output)


def text_of(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Registry:
    """One import into an empty registry, and what it took."""

    def __init__(self, idnode, folder, options, count):
        registry = folder / "registry"
        run(idnode, "init", "--registry", registry, output=subprocess.DEVNULL)
        before = cpu_seconds()
        run(idnode, "import", "--registry", registry, "--add-prefixes", "--temporary", folder,
            *options, output=subprocess.DEVNULL)
        self.rate = count / (cpu_seconds() - before)
        self.size = json.loads(text_of(idnode, "info", "--registry", registry, "--json"))[
            "bytesPerIdentifier"]
        export = subprocess.Popen([idnode, "export", "--registry", registry],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        digest = hashlib.sha256()
        while piece := export.stdout.read(1 << 20):
            digest.update(piece)
        if export.wait() != 0:
            raise RuntimeError("export failed")
        self.records = digest.hexdigest()
        run("rm", "-r", registry)


def shuffled(path):
    lines = path.read_bytes().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    other = path.with_name("shuffled.jsonl")
    other.write_bytes(b"".join(lines))
    return other


def measure(options, mix, folder):
    idgen = options.build / "bench" / "idgen"
    idnode = options.build / "admin-cli" / "idnode"
    made = [idgen, "--mix", mix, "--count", options.count]
    csv, lines = folder / "rows.csv", folder / "rows.jsonl"
    for path, form in ((csv, "csv"), (lines, "jsonl")):
        with open(path, "wb") as output:
            run(*made, "--format", form, output=output)
    maps = text_of(idgen, "--mix", mix, "--map").splitlines()
    ways = {"CSV": [csv, "--sorted", *maps], "JSON lines": [lines, "--sorted"],
            "JSON lines, any order": [shuffled(lines)]}
    return {way: Registry(idnode, folder, words, options.count) for way, words in ways.items()}


def faults_of(mix, found):
    mapped, plain, unordered = found.values()
    if len({registry.records for registry in found.values()}) != 1:
        yield f"mix {mix}: the registries differ"
    if max(mapped.size, plain.size) > FORMS_MAX * min(mapped.size, plain.size):
        yield f"mix {mix}: JSON lines take {plain.size}, CSV {mapped.size}"
    if max(plain.size, unordered.size) > ORDERS_MAX * min(plain.size, unordered.size):
        yield f"mix {mix}: JSON lines take {plain.size}, in another order {unordered.size}"


def document(options, measured):
    return {"command": " ".join(["bench/json_size.py", *sys.argv[1:]]),
            "commit": machine.commit_of(ROOT), "machine": machine.machine_line(),
            "identifiers": options.count, "measured": measured}


def main():
    options = arguments()
    faults = []
    measured = []
    for mix in options.mix or range(4):
        with tempfile.TemporaryDirectory(prefix="idnode-json-size-") as folder:
            found = measure(options, mix, Path(folder))
        for way, registry in found.items():
            print(f"mix {mix}  {way:<22} {registry.size:8.3f} octets  "
                  f"{registry.rate / 1e6:5.2f} M rows/s", flush=True)
            measured.append({"mix": mix, "form": way,
                             "octets_per_identifier": round(registry.size, 3),
                             "rows_per_cpu_second": round(registry.rate)})
        faults += faults_of(mix, found)
    if options.result:
        options.result.write_text(json.dumps(document(options, measured), indent=1) + "\n",
                                  encoding="utf-8")
    for fault in faults:
        print(f"json_size.py: {fault}", file=sys.stderr)
    return 1 if options.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
