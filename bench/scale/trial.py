"""One registry of a generated set: loaded, verified, asked.

A Trial has a folder with the registry and what is known so far (state.json). After a break run()
goes on behind the last identifier that the registry holds, and leaves out what is known.
"""
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import machine

# Bytes per identifier that a registry of each mix is expected to take, everything counted.
EXPECTED_BYTES = {0: 6.5, 1: 0.45, 2: 36.0, 3: 3.8}
FREE_FACTOR = 1.3
SAY_EVERY = 10  # Seconds.
IN_MEMORY_BATCH = 32


class Trouble(Exception):
    """What the run cannot go on from, in a sentence."""


def say(text):
    print(time.strftime("%H:%M:%S ") + text, flush=True)


def span_text(seconds):
    return f"{seconds // 3600:.0f} h {seconds % 3600 / 60:.0f} min" if seconds >= 3600 \
        else f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def check_disk(folder, identifiers, bytes_each):
    """Refuses when so many more identifiers of so many bytes do not fit with room to spare."""
    expected = round(identifiers * bytes_each)
    needed, free = round(expected * FREE_FACTOR), machine.disk_free(folder)
    if free < needed:
        raise Trouble(f"{folder} has {free:,} bytes free; {identifiers:,} identifiers of "
                      f"{bytes_each:.2f} bytes take {expected:,} and need {needed:,}")


def write_json(path, document):
    """In one step: there is the old document or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(document, indent=1) + "\n")
    os.replace(fresh, path)


class Trial:
    def __init__(self, folder, build, mix, count, options):
        self.folder, self.mix, self.count, self.options = Path(folder), mix, count, options
        self.idnode = str(build / "admin-cli/idnode")
        self.bench = build / "bench"
        self.registry = str(self.folder / "registry")
        self.set = ["--mix", str(mix), "--count", str(count)]
        self.cores = machine.two_cores()
        self.state_file = self.folder / "state.json"
        self.state = {}

    def run(self):
        """Gives the results; removes nothing."""
        self.folder.mkdir(exist_ok=True)
        if self.state_file.exists():
            self.state = json.loads(self.state_file.read_text())
        if not Path(self.registry, "data.mdb").exists():
            self.state = {}
            shutil.rmtree(self.registry, ignore_errors=True)
            self.words([self.idnode, "init", "--registry", self.registry])
        self.state.setdefault("loads", [])
        self.load()
        for name, step in (("verify", self.verify), ("lookup_in_memory", self.ask_in_memory),
                           ("lookup_many_readers", self.ask_with_many_readers),
                           ("disk_direct_4k", self.read_disk)):
            if name not in self.state:
                self.state[name] = step()
                self.keep()
                say(f"{name}: {json.dumps(self.state[name])}")
        return {"load": self.load_result(), "size": self.size_result(),
                **{name: value for name, value in self.state.items() if name != "loads"}}

    def remove(self):
        shutil.rmtree(self.folder)

    def keep(self):
        write_json(self.state_file, self.state)

    def words(self, command):
        done = subprocess.run(command, check=False, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE)
        if done.returncode != 0:
            raise Trouble(f"{' '.join(command)} ends with {done.returncode}: {done.stdout}")
        return done.stdout

    def document(self, command):
        return json.loads(self.words(command))

    def info(self):
        return self.document([self.idnode, "info", "--registry", self.registry, "--json"])

    # --- loading ---

    def load(self):
        """Slice by slice; where a load was broken off, the registry says how far it came."""
        mapping = self.words([str(self.bench / "idgen"), *self.set, "--map"]).splitlines()
        while True:
            info = self.info()
            held = info["identifiers"]
            if held == self.count:
                return
            if held > self.count:
                raise Trouble(f"{self.registry} holds {held:,} identifiers, more than the set")
            bytes_each = info["usedBytes"] / held if held >= 1_000_000 else EXPECTED_BYTES[self.mix]
            check_disk(self.folder, self.count - held, bytes_each)
            self.load_slice(held, min(self.options.slice, self.count - held), mapping)

    def load_slice(self, first, rows, mapping):
        # Neither is held to a core: the import reads rows beside packing them.
        generate = [str(self.bench / "idgen"), *self.set, "--from", str(first), "--rows", str(rows)]
        take = [self.idnode, "import", "-", "--format", "csv",
                "--registry", self.registry, "--sorted", "--add-prefixes", "--json", *mapping]
        entry = {"first": first, "rows": 0, "seconds": 0.0, "whole": False}
        self.state["loads"].append(entry)
        self.keep()
        start = time.monotonic()
        with subprocess.Popen(generate, stdout=subprocess.PIPE) as source, \
                subprocess.Popen(take, stdin=source.stdout, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True) as sink:
            source.stdout.close()
            try:
                self.follow(sink.stderr, entry, start)
                printed = sink.stdout.read()
            except BaseException:
                source.kill()
                sink.terminate()
                raise
        entry["seconds"] = time.monotonic() - start
        if source.returncode != 0 or sink.returncode != 0:
            self.keep()
            raise Trouble(f"idgen ended with {source.returncode}, idnode import with "
                          f"{sink.returncode}: {printed}")
        result = json.loads(printed)
        if result["rows"] != rows or result["added"] != rows:
            raise Trouble(f"of {rows:,} rows not all were added: {printed}")
        entry.update(rows=rows, bytes=result["bytes"], whole=True)
        self.keep()

    def follow(self, events, entry, start):
        """Says how far it is; anything but progress is passed on."""
        said, said_rows = start, 0
        for line in events:
            if not line.startswith('{"event":"progress"'):
                sys.stderr.write(line)
                continue
            rows, now = json.loads(line)["rows"], time.monotonic()
            if now - said < SAY_EVERY:
                continue
            entry.update(rows=rows, seconds=now - start)
            self.keep()
            rate = (rows - said_rows) / (now - said)
            left = self.count - entry["first"] - rows
            say(f"loading: {self.count - left:,} of {self.count:,}, {rate / 1e6:.2f} M/s, "
                f"{span_text(left / rate) if rate else '?'} left")
            said, said_rows = now, rows

    def load_result(self):
        """Of the slices that were loaded in one go; the seconds hold the broken ones too."""
        whole = [entry for entry in self.state["loads"] if entry["whole"]]
        rows, octets = sum(e["rows"] for e in whole), sum(e["bytes"] for e in whole)
        seconds = sum(e["seconds"] for e in whole)
        return {"seconds": round(sum(e["seconds"] for e in self.state["loads"]), 2),
                "slices": len(whole), "broken_off": len(self.state["loads"]) - len(whole),
                "rows_per_second": round(rows / seconds) if whole else None,
                "bytes_per_row": round(octets / rows, 2) if whole else None,
                "megabytes_per_second": round(octets / seconds / 1e6, 1) if whole else None}

    def size_result(self):
        info = self.info()
        return {"bytes_per_identifier": round(info["usedBytes"] / self.count, 4),
                "used_bytes": info["usedBytes"], "file_bytes": info["fileBytes"],
                "free_pages": info["freePages"], "identifiers": info["identifiers"],
                "prefixes": info["prefixes"], "patterns": info["patterns"],
                "blocks": info["blocks"]}

    # --- after the load ---

    def verify(self):
        say("verifying")
        command = [self.idnode, "verify", "--registry", self.registry, "--json"]
        start, said, printed = time.monotonic(), time.monotonic(), ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            for line in process.stderr:
                if line.startswith("{") and time.monotonic() - said >= SAY_EVERY:
                    event, said = json.loads(line), time.monotonic()
                    say(f"verifying: {event['identifiers']:,} identifiers, "
                        f"{span_text(event['seconds_left'])} left")
            printed = process.stdout.read()
        if process.returncode != 0:
            raise Trouble(f"idnode verify ends with {process.returncode}: {printed}")
        document = json.loads(printed)
        if not document["clean"] or document["identifiers"] != self.count:
            raise Trouble(f"the registry is not clean: {printed}")
        return {"seconds": round(time.monotonic() - start, 2), "clean": True}

    def ask_in_memory(self):
        """One thread on its core, after as many lookups that bring all pages in."""
        data = Path(self.registry, "data.mdb")
        size = data.stat().st_size
        if size > 0.8 * machine.memory_available():
            return {"skipped": "the registry is larger than the memory"}
        with data.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
        queries = self.options.queries or min(max(1_000_000, size // 4096 * 16), 40_000_000)
        rounds, answered, faults = [], 0, 0
        for number in range(1, self.options.rounds + 1):
            say(f"lookups in memory, round {number} of {self.options.rounds}")
            done = self.document(["taskset", "-c", self.cores[1], str(self.bench / "answer_bench"),
                                  "--registry", self.registry, *self.set, "--json", "--batch",
                                  str(IN_MEMORY_BATCH), "--queries", str(queries), "--query-seed",
                                  str(number)])
            rounds.append(done["ns_per_lookup"])
            answered += done["answered"]
            faults += done["major_faults"]
        ordered = sorted(rounds)
        return {"ns_per_lookup": {"min": ordered[0], "median": ordered[len(ordered) // 2],
                                  "max": ordered[-1]},
                "rounds": rounds, "batch": IN_MEMORY_BATCH, "threads": 1, "answered": answered,
                "major_faults": faults}

    def ask_with_many_readers(self):
        say(f"lookups by {self.options.threads} threads, {self.options.settle:.0f} s before "
            f"{self.options.seconds:.0f} s that count")
        return self.document([str(self.bench / "scale_bench"), "lookups", "--registry",
                              self.registry, *self.set, "--threads", str(self.options.threads),
                              "--settle", str(self.options.settle),
                              "--seconds", str(self.options.seconds)])

    def read_disk(self):
        """The floor of the figure before; nothing where the file system has no direct reads."""
        say("the disk's own direct reads")
        try:
            return self.document([str(self.bench / "scale_bench"), "disk", "--file",
                                  str(Path(self.registry, "data.mdb")), "--threads",
                                  str(self.options.threads), "--settle",
                                  str(min(self.options.settle, 1)), "--seconds",
                                  str(min(self.options.seconds, 20))])
        except Trouble as trouble:
            return {"skipped": str(trouble)}
