"""bench/scale/run.sh: loads N generated identifiers into one registry, verifies it, looks them up.

    N identifiers of the mix   idgen, piped into idnode import --sorted, on all cores
    idnode info, idnode verify
    lookups in memory          answer_bench: one thread, batches of 32, CPU time
    lookups by many readers    scale_bench: uniform over all, after --settle seconds of them; reads
                               of the disk and page faults for each
    the disk alone             4 KiB direct reads at random places by as many threads

Every answer is checked. All of it runs in the background and writes a log; started again with the
same arguments it goes on where it was. Before it comes a trial of the same with 200,000,000
identifiers (or N when that is less).
"""
import argparse
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import machine
from trial import EXPECTED_BYTES, FREE_FACTOR, Trial, Trouble, check_disk, say, write_json

ROOT = Path(__file__).resolve().parents[2]
DRY_RUN_COUNT = 200_000_000
PROGRAMS = ("admin-cli/idnode", "bench/idgen", "bench/answer_bench", "bench/scale_bench")
TROUBLE = 3  # Refused, or broken off with a reason.


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="run.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example:\n  bench/scale/run.sh 1000000000 --mix 0 --dir /srv/scale")
    parser.add_argument("count", metavar="N", type=positive, help="identifiers")
    parser.add_argument("--mix", type=int, choices=sorted(EXPECTED_BYTES), default=0,
                        help="0 mixed (default), 1 best, 2 bad, 3 a national node")
    parser.add_argument("--dir", type=Path,
                        help="for registry, state and log (default: of its own in TMPDIR)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release",
                        help="of the programs (default: build/release)")
    parser.add_argument("--result", type=Path,
                        help="default: bench/results/scale-mixK-N.json")
    parser.add_argument("--no-dry-run", action="store_true", help="begin with N itself")
    parser.add_argument("--keep", action="store_true", help="leave the registry where it is")
    parser.add_argument("--foreground", action="store_true", help="stay, and log to the terminal")
    parser.add_argument("--slice", type=positive, default=2_000_000_000,
                        help="identifiers for one import (default 2000000000)")
    parser.add_argument("--queries", type=positive, help="in memory, per round (default: by size)")
    parser.add_argument("--rounds", type=positive, default=5, help="in memory (default 5)")
    parser.add_argument("--threads", type=positive, default=64, help="of readers (default 64)")
    parser.add_argument("--settle", type=float, default=180,
                        help="seconds of lookups before those that count (default 180)")
    parser.add_argument("--seconds", type=float, default=60,
                        help="of lookups that count (default 60)")
    options = parser.parse_args(arguments)
    name = f"mix{options.mix}-{options.count}"
    options.dir = (options.dir or Path(tempfile.gettempdir(), f"idnode-scale-{name}")).absolute()
    options.result = (options.result or ROOT / f"bench/results/scale-{name}.json").absolute()
    return options


def positive(text):
    if not re.fullmatch(r"[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError("a whole number from 1 on")
    return int(text)


def check(options):
    for program in PROGRAMS:
        if not os.access(options.build / program, os.X_OK):
            raise Trouble(f"{options.build / program} is not there; build it: "
                          "cmake --workflow --preset release")
    if not options.result.parent.is_dir():
        raise Trouble(f"{options.result.parent} is no directory")
    options.dir.mkdir(mode=0o700, exist_ok=True)
    if options.dir.stat().st_uid != os.geteuid():
        raise Trouble(f"{options.dir} belongs to somebody else")


def take_turn(options):
    """One run in a directory at a time, of one set; the lock goes with the process."""
    lock = os.open(options.dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"a run is under way in {options.dir}; its log is there") from None
    name = f"mix {options.mix}, {options.count} identifiers\n"
    of_set = options.dir / "set"
    if of_set.exists() and of_set.read_text() != name:
        raise Trouble(f"{options.dir} holds a run of {of_set.read_text().strip()}; "
                      "remove it, or name another --dir")
    of_set.write_text(name)
    return lock


def held_bytes(options):
    """What a run that was broken off has on the disk already."""
    return sum(file.stat().st_size for file in options.dir.glob("*/registry/data.mdb"))


def dry_run(options):
    """The same with fewer identifiers; its results, and what it says of the size to come."""
    done = options.dir / "dry-run.json"
    count = min(DRY_RUN_COUNT, options.count)
    if not done.exists():
        say(f"dry run: {count:,} identifiers of mix {options.mix}")
        trial = Trial(options.dir / "dry-run", options.build, options.mix, count, options)
        write_json(done, trial.run())
    shutil.rmtree(options.dir / "dry-run", ignore_errors=True)
    return json.loads(done.read_text())


def run(options):
    result = {"command": "bench/scale/run.sh " + shlex.join(options.words),
              "commit": machine.commit_of(ROOT), "machine": machine.machine_line(),
              "set": f"mix {options.mix}, {options.count} identifiers", "mix": options.mix,
              "identifiers": options.count}
    if not options.no_dry_run:
        result["dry_run"] = dry_run(options)
        if not (options.dir / "run").exists():
            check_disk(options.dir, options.count,
                       result["dry_run"]["size"]["bytes_per_identifier"])
    say(f"the run: {options.count:,} identifiers of mix {options.mix}")
    trial = Trial(options.dir / "run", options.build, options.mix, options.count, options)
    result.update(trial.run())
    write_json(options.result, result)
    say(f"done: {options.result}")
    if options.keep:
        say(f"kept: {trial.registry}")
        return
    trial.remove()
    for name in ("dry-run.json", "set", "lock"):
        (options.dir / name).unlink(missing_ok=True)


def detach(options):
    log = options.dir / "log"
    command = ["setsid", sys.executable, "-B", __file__, *options.words, "--foreground"]
    with log.open("a") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    print(f"under way in the background: {log}\n"
          f"to break it off: kill -- -{process.pid}; the same command goes on with it")


def main():
    options = parse(sys.argv[1:])
    options.words = [word for word in sys.argv[1:] if word != "--foreground"]
    try:
        check(options)
        lock = take_turn(options)
        if held_bytes(options) == 0:
            check_disk(options.dir, options.count, EXPECTED_BYTES[options.mix])
        if options.foreground:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(TROUBLE))
            run(options)
        else:
            os.close(lock)
            detach(options)
    except Trouble as trouble:
        print(f"scale: {trouble}", file=sys.stderr, flush=True)
        return TROUBLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
